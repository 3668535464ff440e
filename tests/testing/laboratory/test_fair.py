"""The laboratory says nothing of what is right, and lets nothing through that is wrong."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from spindle import (
    Channel,
    Event,
    Notify,
    Spindle,
    UsageError,
    Yield,
    cleanup,
    fiber,
    open_page,
    sleep,
)
from spindle._core.kernel.kernel import CASCADE_CHUNK
from spindle.testing.laboratory import Trial, Violation, explore, replay, search
from tests.drivers import HOSTED
from tests.talk import Bell, Desk, Talk


class Board(Spindle):
    """Is hit, and ticks."""

    class Hit(Event):
        """Something came."""

    class Next(Yield[Hit]):
        """It waits."""

    class Tick(Notify):
        """It goes on."""


def found(scenario: Any, name: str, **given: Any) -> Violation:
    """What a search finds, which is a violation of that name."""
    with pytest.raises(Violation) as violation:
        search(scenario, **given)
    assert violation.value.run.faults[0].name == name
    return violation.value


# --- no false alarms ------------------------------------------------------------------------------


def test_code_behind_a_nursery_does_not_run_when_a_task_in_it_has_failed() -> None:
    async def gathers(trial: Trial) -> None:
        got: list[int] = []

        async def works(number: int) -> None:
            await trio.sleep(number)
            got.append(number)

        async with trio.open_nursery() as nursery:
            for number in range(3):
                nursery.start_soon(works, number)
        assert got == [0, 1, 2]

    search(gathers, runs=200)


def test_a_task_that_is_being_started_is_in_no_nursery_of_the_programs() -> None:
    async def starts(trial: Trial) -> None:
        async def serves(task_status: trio.TaskStatus[None]) -> None:
            await trio.sleep(1)
            task_status.started()
            await trio.sleep(1)

        async with trio.open_nursery() as nursery:
            await nursery.start(serves)

    search(starts, runs=200)


def test_one_event_may_go_to_two_pages_and_one_notify_be_made_by_both() -> None:
    hit, tick = Board.Hit(), Board.Tick()

    async def ticks() -> None:
        for _ in range(2):
            await Board.Next()
            await tick

    async def tells_both(trial: Trial) -> None:
        async with open_page(Board) as one, open_page(Board, hosted=True) as two:
            one.start(Board, ticks)
            two.start(Board, ticks)
            for _ in range(2):
                await trial.settle()
                one.resume(hit)
                two.resume(hit)
            await one.wait()
            await two.wait()

    search(tells_both, runs=200)


def test_one_event_may_be_handled_and_be_in_hand_at_a_cancellation_when_it_comes_again() -> None:
    hit = Board.Hit()

    async def is_hit() -> None:
        await Board.Next()
        await Board.Next()
        await sleep(1)

    async def hits_twice(trial: Trial) -> None:
        async with open_page(Board) as page:
            page.start(Board, is_hit)
            for _ in range(2):
                await trial.settle()
                page.resume(hit)
            await page.wait()

    search(hits_twice, runs=200)


def test_so_many_may_end_that_they_are_told_in_parts() -> None:
    async def owns() -> None:
        for _ in range(CASCADE_CHUNK + 1):
            await fiber(sleep, 1)
        await Board.Next()

    async def ends(trial: Trial) -> None:
        async with open_page(Board, hosted=True) as page:
            page.start(Board, owns)
            page.resume(Board.Hit())
            await page.wait()

    search(ends, runs=20)


@HOSTED
def test_a_channel_may_be_drained_from_outside_until_it_is_closed(hosted: bool) -> None:
    async def counts(numbers: Channel[int]) -> None:
        for number in range(3):
            await numbers.put(number)
        await numbers.close()

    async def drains(trial: Trial) -> None:
        numbers = Channel[int](1)
        async with open_page(Board, hosted=hosted) as page:
            page.start(Board, counts, numbers)
            assert [number async for number in page.receiver(numbers)] == [0, 1, 2]

    search(drains, runs=200, cancel=["host", "deadline", "neighbour"])


def test_a_name_of_a_task_may_begin_as_it_likes() -> None:
    class Works:
        async def __call__(self) -> None:
            for _ in range(5):
                await trio.lowlevel.checkpoint()

    async def runs_an_object(trial: Trial) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Works())

    transcript = replay(runs_an_object, "v1:batches::").transcript
    assert any("Works" in line for line in transcript)


# --- nothing through ------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["always", "at_end"])
def test_a_check_that_lets_the_test_fail(when: str) -> None:
    async def keeps(trial: Trial) -> None:
        kept: list[int] = []

        def nothing_is_kept() -> None:
            if kept:
                pytest.fail("something is")

        getattr(trial, when)(nothing_is_kept)
        await trio.sleep(1)
        kept.append(1)
        await trio.sleep(1)

    text = str(found(keeps, when.replace("_", "-"), runs=50))
    assert "nothing_is_kept raised Failed" in text


def test_a_scenario_that_lets_the_test_fail() -> None:
    async def fails(trial: Trial) -> None:
        await trio.lowlevel.checkpoint()
        with pytest.raises(LookupError):
            await trio.sleep(1)

    assert "DID NOT RAISE" in str(found(fails, "scenario"))


def test_an_offer_that_fails() -> None:
    async def offers(trial: Trial) -> None:
        trial.offer("fails", lambda: pytest.fail("in the offer"))
        await trio.sleep(1)

    assert "in the offer" in str(found(offers, "injection", cancel=["fails"]))


def test_what_ends_the_program_ends_the_search() -> None:
    async def exits(trial: Trial) -> None:
        trial.offer("exits", _exit)
        await trio.sleep(1)

    with pytest.raises(SystemExit):
        search(exits, cancel=["exits"])

    async def skips(trial: Trial) -> None:
        pytest.skip("not today")

    with pytest.raises(pytest.skip.Exception, match="not today"):
        search(skips)


def _exit() -> None:
    raise SystemExit(3)


def test_the_last_step_is_looked_at_too() -> None:
    async def breaks_it_last(trial: Trial) -> None:
        broken: list[int] = []
        trial.always(lambda: not broken)
        await trio.sleep(1)
        broken.append(1)

    found(breaks_it_last, "always", runs=20)


def test_a_slip_on_the_way_of_a_cancellation() -> None:
    async def slips() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(1):
                await Bell.Wait()  # of another block

    async def cancels(trial: Trial) -> None:
        async with open_page(Talk) as page:
            page.start(Desk, slips)
            await trio.sleep(1)

    assert "WrongBlock" in str(found(cancels, "no-spindle-fails", runs=50))


def test_a_deadlock_that_an_offer_has_brought_about() -> None:
    async def strands(trial: Trial) -> None:
        told, gone = trio.Event(), trio.Event()
        trial.offer("disconnect", gone.set)

        async def tells() -> None:
            await trio.sleep(1)
            if not gone.is_set():
                told.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(tells)
            await told.wait()

    assert "disconnect@" in found(strands, "no-deadlock", cancel=["disconnect"]).token


def test_a_task_that_goes_on_when_all_is_over() -> None:
    async def leaves_one_busy(trial: Trial) -> None:
        async def busy() -> None:
            while True:
                await trio.lowlevel.checkpoint()

        trio.lowlevel.spawn_system_task(busy)

    assert "tasks go on when it is over" in str(found(leaves_one_busy, "it-ends"))


def test_a_function_in_a_thread_takes_no_time_of_the_clock() -> None:
    async def uses_a_thread(trial: Trial) -> None:
        with trio.fail_after(1):
            assert await trio.to_thread.run_sync(lambda: 3) == 3
        assert trio.current_time() == 0

    search(uses_a_thread, runs=30, cancel=())


@pytest.mark.filterwarnings("default")
def test_a_forgotten_await() -> None:
    async def forgets(trial: Trial) -> None:
        trio.sleep(1)  # noqa: ASYNC105
        await trio.lowlevel.checkpoint()

    text = str(found(forgets, "no-complaint"))
    assert "coroutine 'sleep' was never awaited" in text


def test_each_option_is_tried() -> None:
    seen: set[int] = set()

    async def chooses(trial: Trial) -> None:
        seen.add(trial.choose(range(10)))
        trial.choose([[], [1]])  # not hashable
        await trio.lowlevel.checkpoint()

    assert search(chooses, runs=100).exhausted
    assert seen == set(range(10))


def test_a_group_is_told_with_what_is_in_it_and_where() -> None:
    async def fails(trial: Trial) -> None:
        async def child() -> None:
            raise LookupError("not there")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(child)

    assert "it raised LookupError('not there') at test_fair.py:" in str(found(fails, "scenario"))


# --- slips ----------------------------------------------------------------------------------------


async def fine(trial: Trial) -> None:
    await trio.lowlevel.checkpoint()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"interleaving": "freely"}, "interleaving= is 'batches' or 'free', not 'freely'"),
        ({"may_raise": LookupError}, "may_raise= is a tuple of classes of exceptions"),
        ({"may_raise": [LookupError]}, "may_raise= is a tuple of classes of exceptions"),
        ({"bound": "x"}, "bound= is a number of seconds"),
        ({"cancel": "host"}, r"write cancel=\['host'\]"),
        ({"runs": True}, "runs= is a whole number"),
    ],
)
def test_a_wrong_argument(wrong: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        search(fine, **wrong)


def test_a_method() -> None:
    with pytest.raises(UsageError, match="first parameter is the trial"):

        class TestIt:
            @explore()
            async def test_it(self, trial: Trial) -> None: ...


def test_a_token_with_an_offer_that_is_not_made_any_more() -> None:
    with pytest.raises(UsageError, match="'view-gone' done to the program, which it does not"):
        replay(fine, "v1:batches::view-gone@1")


def test_an_offer_with_the_name_of_an_origin() -> None:
    async def offers(trial: Trial) -> None:
        trial.offer("host", lambda: None)

    with pytest.raises(Violation, match="which cancel= has already"):
        search(offers, runs=2)


def test_a_check_that_answers_a_number() -> None:
    async def checks(trial: Trial) -> None:
        trial.at_end(lambda: 0)
        await trio.lowlevel.checkpoint()

    assert "answers 0, which is neither True, False nor None" in str(found(checks, "at-end"))
