"""One spindle stepped by hand, with fibers, forks and time: what it starts runs with it."""

from __future__ import annotations

import contextlib
import math

import pytest

from spindle import (
    Abandoned,
    Cancelled,
    Cell,
    Channel,
    Completed,
    Coroutine,
    Deadlock,
    Errored,
    Event,
    Handle,
    Source,
    Spindle,
    SpindleIsLive,
    StillRunning,
    Suspended,
    TooSlow,
    UnexpectedEvent,
    UsageError,
    Yield,
    await_all,
    await_any,
    cleanup,
    fiber,
    fork,
    now,
    random_float,
    sleep,
    timeout,
    unique_id,
)
from spindle.testing import HandPage
from tests.drivers import on_trio
from tests.talk import Bell, Desk, Talk, ask_once, ring_once


class Counter(Spindle[int]):
    count = Cell[int]()

    class More(Event): ...

    class Ask(Yield[More]): ...


def test_it_gives_its_key_back_when_it_ends() -> None:
    """The block it speaks for is known by what it says first; the key is that block's then."""

    async def forks_its_like() -> str:
        word = (await Desk.Ask()).word
        await fork(Bell, watches)
        return word

    async def watches() -> None:
        await Bell.Rang(1)
        await Bell.Wait()

    fiber = Coroutine(forks_its_like)
    fiber.run()
    assert [each.name for each in fiber._by_hand("").hand.kernel.live.values()] == ["Talk.Desk"]
    assert fiber.run(Desk.Told("a")) == Completed("a")
    assert [each.name for each in fiber._by_hand("").hand.kernel.live.values()] == ["Talk.Bell"]


def test_who_watches_its_cell_learns_that_it_ended() -> None:
    async def follows() -> str:
        try:
            await Counter.count.changes().next()
        except Abandoned as told:
            await Bell.Rang(2)
            return str(told)
        return ""

    async def counts() -> None:
        handle = await fork(Bell, follows)
        handles.append(handle)
        await Counter.Ask()

    handles = []
    fiber = Coroutine(counts)
    fiber.run()
    assert fiber.run(Counter.More()) == Completed(None)
    assert handles[0].outcome == Completed(
        "Counter.count gets no value: Counter ended without putting one"
    )


def test_it_cannot_speak_for_a_block_that_it_forked() -> None:
    async def forks_itself() -> None:
        await fork(Desk, ask_once)
        await Desk.Ask(7)

    ended = Coroutine(forks_itself).run()
    assert isinstance(ended, Errored)
    assert isinstance(ended.error, SpindleIsLive)
    assert str(ended.error) == (
        "forks_itself speaks for Talk.Desk, and so does the spindle that was forked under it "
        "before: fork that one with instance='...'"
    )


def test_its_place_among_the_others_stays() -> None:
    async def forks_first() -> None:
        await fork(Bell, ring_once)
        await Desk.Ask()

    fiber = Coroutine(forks_first)
    assert fiber.run() == Suspended(Desk.Ask())
    kernel = fiber._by_hand("").hand.kernel
    assert [each.name for each in kernel.live.values()] == ["Talk.Desk", "Talk.Bell"]


# --- several questions at once ------------------------------------------------------------------


async def asks(number: int) -> str:
    return (await Desk.Ask(number)).word


async def two_fibers() -> tuple[str, str]:
    return await await_all(await fiber(asks, 1), await fiber(asks, 2))


def test_Y9_an_answer_goes_to_the_question_it_names() -> None:
    run = Coroutine(two_fibers)
    assert run.run() == Suspended(Desk.Ask(1))
    assert run.pending() == [(Source(Desk, None, n), Desk.Ask(n)) for n in (1, 2)]
    assert run.run(Desk.Told("second"), to=Desk.Ask(2)) == Suspended(Desk.Ask(1))
    assert run.run(Desk.Told("first")) == Completed(("first", "second"))
    assert run.pending() == []


def test_Y9_without_a_name_it_goes_to_the_oldest_it_fits() -> None:
    async def takes() -> int:
        return (await Desk.Take()).number

    async def asks_both() -> tuple[str, int]:
        return await await_all(await fiber(asks, 1), await fiber(takes))

    run = Coroutine(asks_both)
    run.run()
    assert run.run(Desk.Queued(7)) == Suspended(Desk.Ask(1))
    assert run.run(Desk.Told("a")) == Completed(("a", 7))


def test_Y9_a_wrong_answer_names_all_that_is_asked() -> None:
    run = Coroutine(two_fibers)
    run.run()
    with pytest.raises(UnexpectedEvent) as refused:
        run.run(Desk.Told(), to=Desk.Ask(3))
    assert str(refused.value) == (
        "Talk.Desk does not ask Ask(number=3) now; it asks Ask(number=1) and Ask(number=2)"
    )
    with pytest.raises(UnexpectedEvent) as refused:
        run.run(Desk.Queued(1))
    assert str(refused.value) == (
        "Talk.Desk asks Talk.Desk.Ask, which takes Talk.Desk.Told, and Talk.Desk.Ask, which takes "
        "Talk.Desk.Told; run() brought Talk.Desk.Queued"
    )
    with pytest.raises(UnexpectedEvent, match=r"asks Talk.Desk.Ask, which takes Talk.Desk.Told; "):
        run.run(Desk.Queued(1), to=Desk.Ask(2))
    assert len(run.pending()) == 2


def test_F1_a_spindle_that_it_forks_asks_through_it() -> None:
    async def forks() -> tuple[str, int]:
        bell = await fork(Bell, ring_once)
        return (await Desk.Ask()).word, await bell.result()

    run = Coroutine(forks)
    assert run.run() == Suspended(Desk.Ask())
    assert run.run(Desk.Told("a")) == Suspended(Bell.Wait())
    assert run.run(Bell.Rung(3)) == Completed(("a", 3))


def test_F1_a_spindle_that_it_forked_may_outlive_it() -> None:
    async def forks() -> Handle[int]:
        return await fork(Bell, ring_once)

    run = Coroutine(forks)
    ended = run.run()
    assert isinstance(ended, Completed)
    assert run.pending() == [(Source(Bell, None, 1), Bell.Wait())]
    with pytest.raises(UsageError, match="forks has ended: Completed"):
        run.run(Bell.Rung())
    assert run.cancel("over") == ended
    assert ended.value.outcome == Cancelled("over")


def test_F3_a_fiber_ends_with_it_newest_first() -> None:
    log: list[str] = []

    async def logs(name: str) -> None:
        try:
            await empty.take()
        finally:
            log.append(name)

    empty = Channel[int]()

    async def starts() -> str:
        await fiber(logs, "older")
        await fiber(logs, "newer")
        return (await Desk.Ask()).word

    run = Coroutine(starts)
    run.run()
    assert run.run(Desk.Told("a")) == Completed("a")
    assert log == ["newer", "older"]


# --- time ---------------------------------------------------------------------------------------


def test_A8_time_jumps_when_only_time_is_waited_for() -> None:
    async def naps() -> float:
        await sleep(60)
        await fiber(sleep_too)
        return await now()

    async def sleep_too() -> None:
        await sleep(60)

    run = Coroutine(naps)
    assert run.now == 0
    assert run.run() == Completed(60.0)
    assert run.now == 60


def test_A8_time_stands_still_while_it_asks() -> None:
    async def limited() -> str:
        try:
            async with timeout(10):
                return (await Desk.Ask()).word
        except TooSlow:
            await Desk.Said("too slow")
            return (await Desk.Ask(2)).word

    in_time, late = Coroutine(limited), Coroutine(limited)
    for run in (in_time, late):
        run.run()
        assert run.advance(9) == Suspended(Desk.Ask(1))
        assert run.now == 9
    assert in_time.run(Desk.Told("in time")) == Completed("in time")
    assert late.advance(1) == Suspended(Desk.Ask(2))
    assert late.notified == (Desk.Said("too slow"),)
    assert late.run(Desk.Told("late")) == Completed("late")


def test_A8_a_race_between_a_question_and_a_moment() -> None:
    async def polls() -> int:
        for round_number in range(3):
            match await await_any(Desk.Ask(round_number), sleep(5)):
                case 0, _:
                    return round_number
                case _:
                    pass
        return -1

    run = Coroutine(polls)
    run.run()
    assert run.advance(11) == Suspended(Desk.Ask(2))
    assert run.run(Desk.Told()) == Completed(2)


def test_time_that_is_left_to_pass_runs_to_the_next_question() -> None:
    async def naps() -> None:
        async with timeout(1):
            await Desk.Ask(1)

    async def naps_then_asks() -> str:
        with contextlib.suppress(TooSlow):
            await naps()
        await sleep(100)
        return (await Desk.Ask(2)).word

    run = Coroutine(naps_then_asks)
    run.run()
    assert run.advance(2) == Suspended(Desk.Ask(2)), "it waits for nothing but time after 1 s"
    assert run.now == 101


def test_A8_chance_follows_from_the_seed() -> None:
    async def draws() -> tuple[float, str]:
        return await random_float(), await unique_id()

    assert Coroutine(draws).run() == Coroutine(draws, seed=0).run()
    assert Coroutine(draws, seed=1).run() != Coroutine(draws, seed=2).run()


@on_trio(seeds=2)
async def test_A8_one_seed_draws_the_same_in_every_driver() -> None:
    from spindle import open_page

    async def draws() -> tuple[float, str]:
        return await random_float(), await unique_id()

    by_hand = HandPage(Talk, seed=7)
    drawn = by_hand.result(by_hand.start(Desk, draws))
    assert Coroutine(draws, seed=7).run() == Completed(drawn)
    for hosted in (True, False):
        async with open_page(Talk, hosted=hosted, seed=7) as page:
            assert await page.start(Desk, draws).wait() == Completed(drawn)


def test_advance_wants_one_that_was_started() -> None:
    run = Coroutine(two_fibers)
    with pytest.raises(StillRunning, match="two_fibers is new: it has not asked anything yet"):
        run.advance(1)
    assert run.now == 0
    run.run()
    for seconds in (-1, math.nan, math.inf):
        with pytest.raises(UsageError, match=r"advance\(\)"):
            run.advance(seconds)


def test_advance_after_the_end() -> None:
    async def nothing() -> None: ...

    run = Coroutine(nothing)
    run.run()
    assert run.advance(3) == Completed(None)
    assert run.now == 3


def test_one_that_goes_on_for_ever_by_itself_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle._core.kernel.hand.DEADLINES", 50)

    async def ticks() -> None:
        while True:
            await sleep(1)

    with pytest.raises(StillRunning, match=r"50 deadlines have passed and it goes on by itself"):
        Coroutine(ticks).run()


def test_W5_sleeping_for_ever_is_a_deadlock() -> None:
    async def sleeps() -> None:
        await sleep(math.inf)

    with pytest.raises(Deadlock, match="sleeps: waiting for sleep until inf"):
        Coroutine(sleeps).run()


def test_a_cleanup_without_end_is_named() -> None:
    async def insists() -> None:
        async with cleanup(math.inf):
            await Desk.Ask()

    run = Coroutine(insists)
    run.run()
    with pytest.raises(UsageError, match="it goes on although it was cancelled"):
        run.cancel()


def test_a_cleanup_that_ticks_for_ever_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle._core.kernel.hand.DEADLINES", 50)

    async def insists() -> None:
        async with cleanup(math.inf):
            await Desk.Ask()
            while True:
                await sleep(1)

    run = Coroutine(insists)
    run.run()
    with pytest.raises(StillRunning):
        run.run(Desk.Told())
    with pytest.raises(UsageError, match="it goes on although it was cancelled"):
        run.cancel()


def test_nothing_is_moved_from_inside() -> None:
    refusals: list[str] = []

    async def inside() -> None:
        for move in (run.run, lambda: run.advance(1), run.cancel):
            with pytest.raises(UsageError) as refused:
                move()
            refusals.append(str(refused.value))
        async with timeout(5):
            await Desk.Ask()

    run = Coroutine(inside)
    assert run.run() == Suspended(Desk.Ask())
    assert refusals == [
        f"{name}() was called from the code of inside: call it from the test instead"
        for name in ("run", "advance", "cancel")
    ]
