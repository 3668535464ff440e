"""Fibers: further coroutines of a spindle, which speak for it and end with who started them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trio

from spindle import (
    Cancelled,
    Completed,
    Coroutine,
    Errored,
    Handle,
    Port,
    Settlement,
    Source,
    TooSlow,
    UsageError,
    await_any,
    cancel_reason,
    cleanup,
    fiber,
    fork,
    read,
    sleep,
    timeout,
    use,
    write,
)
from spindle._core.states import Origin
from tests.core.fibers import fail_after, notes_of, wait_and_fail
from tests.drivers import Stage, under
from tests.talk import Bell, Clerk, Desk, Echo, ring_once

HANDLED, REFUSED = Settlement.HANDLED, Settlement.REFUSED


async def ask(number: int) -> str:
    return (await Desk.Ask(number)).word


async def wait_and_tell(word: str, seconds: float = 0) -> None:
    """Wait for ever; cancelled, say so, after some time if wanted."""
    try:
        await sleep(1000)
    finally:
        async with cleanup(60):
            if seconds:
                await sleep(seconds)
            await Desk.Said(word)


def error_of(handle: Handle[object]) -> tuple[str, list[str]]:
    assert isinstance(handle.outcome, Errored)
    error = handle.outcome.error
    return repr(error), notes_of(error)


# --- several yields of one spindle ------------------------------------------------------------


@under("hand", "hosted", "task")
async def test_Y9_two_fibers_ask_and_each_yield_has_its_id(page: Stage) -> None:
    async def asks() -> tuple[str, str]:
        first, second = await fiber(ask, 1), await fiber(ask, 2)
        return await first.result(), await second.result()

    page.start(Desk, asks)
    assert await page.hears() == ["Desk asks Ask(number=1) #1", "Desk asks Ask(number=2) #2"]
    second = page.resume(Desk.Told("two"), yield_id=2)
    again = page.resume(Desk.Told("late"), yield_id=2)
    first = page.resume(Desk.Told("one"), yield_id=1)
    assert await page.hears() == ["Desk returned ('one', 'two')"]
    assert (first.settlement, second.settlement) == (HANDLED, HANDLED)
    assert again.settlement is REFUSED
    assert again.reason.startswith("stale: yield 2 of Talk.Desk")


@under("hand", "hosted", "task")
async def test_Y9_without_an_id_an_event_goes_to_the_oldest_that_accepts_it(page: Stage) -> None:
    async def take() -> int:
        return (await Desk.Take()).number

    async def listen() -> str:
        return type(await Desk.Listen()).__name__

    async def asks() -> list[object]:
        handles = [await fiber(fn) for fn in (take, listen, listen)]
        last = await fiber(ask, 4)
        return [await handle.result() for handle in (*handles, last)]

    page.start(Desk, asks)
    await page.settle()
    page.resume(Desk.Told("to the first that listens"))
    page.resume(Desk.Told("to the second"))
    page.resume(Desk.Told("to the last"))
    page.resume(Desk.Queued(7))
    assert (await page.hears())[-1] == "Desk returned [7, 'Told', 'Told', 'to the last']"
    assert page.balance() == (4, 4, 0, 0, 0)


@under("hand", "hosted", "task")
async def test_Y9_what_a_fiber_asks_again_is_the_youngest(page: Stage) -> None:
    async def asks_twice(name: str) -> str:
        return name + (await Desk.Ask()).word + (await Desk.Ask()).word

    async def asks() -> list[str]:
        handles = [await fiber(asks_twice, name) for name in "ab"]
        return [await handle.result() for handle in handles]

    page.start(Desk, asks)
    for word in "1234":
        page.resume(Desk.Told(word))
    assert (await page.hears())[-1] == "Desk returned ['a13', 'b24']"


@under("hand", "hosted", "task")
async def test_Y9_the_yield_of_a_fiber_that_is_cancelled_is_withdrawn(page: Stage) -> None:
    async def asks() -> str:
        first, second = await fiber(ask, 1), await fiber(ask, 2)
        await sleep(1)
        await first.cancel()
        return await second.result()

    page.start(Desk, asks)
    await page.advance(1)
    late = page.resume(Desk.Told("late"), yield_id=1)
    page.resume(Desk.Told("two"))
    assert (await page.hears())[2:] == [
        "Desk withdraws Ask(number=1) #1",
        "Desk returned 'two'",
    ]
    assert late.settlement is REFUSED


@under("hand", "hosted", "task")
async def test_Y9_an_event_is_handled_by_the_fiber_that_received_it(page: Stage) -> None:
    async def fails() -> None:
        await Desk.Ask(1)
        raise LookupError("x")

    async def asks() -> None:
        handle = await fiber(fails)
        await fiber(ask, 2)
        with pytest.raises(LookupError):
            await handle.result()
        await Desk.Ask(3)

    page.start(Desk, asks)
    await page.settle()
    failed = page.resume(Desk.Told(), yield_id=1)
    fine = page.resume(Desk.Told(), yield_id=2)
    await page.settle()
    assert failed.settlement is Settlement.DEAD_LETTERED
    assert failed.reason.startswith("fails of Talk.Desk failed with LookupError")
    assert fine.settlement is HANDLED


# --- they end with their owner ----------------------------------------------------------------


@under("hand", "hosted", "task")
async def test_F3_fibers_are_cancelled_when_their_spindle_returns_newest_first(page: Stage) -> None:
    async def returns() -> str:
        for word in ("oldest", "middle", "newest"):
            await fiber(wait_and_tell, word)
        await sleep(1)
        return "done"

    page.start(Desk, returns)
    await page.advance(1)
    assert page.said() == [
        "Desk says Said(word='newest')",
        "Desk says Said(word='middle')",
        "Desk says Said(word='oldest')",
        "Desk returned 'done'",
    ]


@under("hand", "hosted", "task")
async def test_F3_the_outcome_follows_the_cleanups_of_the_fibers(page: Stage) -> None:
    async def returns() -> str:
        await fiber(wait_and_tell, "slow", 5)
        await fiber(wait_and_tell, "fast", 2)
        await sleep(1)
        return "done"

    handle = page.start(Desk, returns)
    await page.advance(1)
    refused = page.resume(Desk.Told())
    await page.advance(2)
    assert page.said() == ["Desk says Said(word='fast')"]
    assert handle.outcome is None
    assert refused.reason == "no spindle: Talk.Desk is ending"
    await page.advance(3)
    assert page.said() == ["Desk says Said(word='slow')", "Desk returned 'done'"]


@under("hand", "hosted", "task")
async def test_F3_a_fiber_that_was_not_begun_when_its_owner_returns_never_is(page: Stage) -> None:
    ran: list[str] = []

    async def runs() -> None:
        ran.append("began")

    async def returns() -> None:
        handles.append(await fiber(runs))

    handles: list[Handle[None]] = []
    page.start(Desk, returns)
    assert await page.hears() == ["Desk returned None"]
    assert ran == []
    assert handles[0].outcome == Cancelled("Talk.Desk has ended", Origin.OWNER_ENDED, Source(Desk))


@under("hand", "hosted", "task")
async def test_F3_fibers_of_fibers_end_before_their_owners(page: Stage) -> None:
    async def nests(depth: int) -> None:
        if depth:
            await fiber(nests, depth - 1)
        await wait_and_tell(f"at {depth}")

    page.start(Desk, nests, 3)
    await page.settle()
    await page.cancel("x")
    assert page.said() == [
        "Desk says Said(word='at 0')",
        "Desk says Said(word='at 1')",
        "Desk says Said(word='at 2')",
        "Desk says Said(word='at 3')",
        "Desk was cancelled: x (requested)",
    ]


@under("hand", "hosted", "task")
async def test_F3_each_fiber_is_told_why_it_ends(page: Stage) -> None:
    seen: list[str] = []

    async def looks() -> None:
        try:
            await sleep(1000)
        finally:
            why = await cancel_reason()
            assert why is not None
            seen.append(f"{why.reason} ({why.origin.value})")

    async def owns() -> None:
        await fiber(looks)
        await sleep(1)

    async def starts() -> None:
        await (await fiber(owns)).result()
        handle = await fiber(looks)
        await sleep(1)
        await handle.cancel("not needed")
        await fiber(looks)
        await Desk.Ask()

    handle = page.start(Desk, starts)
    await page.advance(2)
    handle.cancel_nowait("enough")
    await page.settle()
    assert seen == [
        "owns of Talk.Desk has ended (owner ended)",
        "not needed (handle)",
        "enough (handle)",
    ]


@under("hand", "hosted", "task")
async def test_F3_a_timeout_does_not_cover_fibers_started_inside(page: Stage) -> None:
    async def starts() -> object:
        try:
            async with timeout(1):
                handle = await fiber(ask, 1)
                await sleep(5)
        except TooSlow:
            return await handle.result()

    page.start(Desk, starts)
    await page.advance(3)
    page.resume(Desk.Told("still asked"))
    assert await page.hears() == ["Desk asks Ask(number=1) #1", "Desk returned 'still asked'"]


@under("hand", "hosted", "task")
async def test_F4_a_fiber_cancelled_in_the_step_of_its_start_is_joined_as_such(
    page: Stage,
) -> None:
    ran: list[int] = []

    async def runs() -> None:
        ran.append(1)

    async def starts() -> Cancelled | None:
        handle = await fiber(runs)
        await handle.cancel("at once")
        assert isinstance(handle.outcome, Cancelled)
        return handle.outcome.reason

    page.start(Desk, starts)
    assert await page.hears() == ["Desk returned 'at once'"]
    assert ran == []


@under("hand", "hosted", "task")
async def test_a_fiber_cancels_its_owner_and_itself_with_it(page: Stage) -> None:
    async def cancels() -> None:
        await Handle(page.kernel.live[Desk, None]).cancel("from below")
        await Desk.Said("never")

    async def starts() -> None:
        await fiber(cancels)
        await Desk.Ask()

    page.start(Desk, starts)
    assert await page.hears() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk was cancelled: from below (handle)",
    ]


@under("hand", "hosted", "task")
async def test_in_a_cleanup_fibers_work_and_end_with_it(page: Stage) -> None:
    async def starts() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(10):
                handle = await fiber(sleep_and_say, 2)
                await fiber(wait_and_tell, "left over")
                await handle.result()

    async def sleep_and_say(seconds: float) -> None:
        await sleep(seconds)
        await Desk.Said("in the cleanup")

    handle = page.start(Desk, starts)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(5)
    assert page.said()[2:] == [
        "Desk says Said(word='in the cleanup')",
        "Desk says Said(word='left over')",
        "Desk was cancelled: enough (handle)",
    ]


# --- unjoined failures ------------------------------------------------------------------------


@under("hand", "hosted", "task")
async def test_F3_an_unjoined_failure_fails_the_spindle_when_it_completes(page: Stage) -> None:
    async def starts() -> str:
        await fiber(fail_after, 1)
        await sleep(2)
        await Desk.Said("not touched by it")
        return "done"

    handle = page.start(Desk, starts)
    await page.advance(2)
    assert page.said() == ["Desk says Said(word='not touched by it')", "Desk failed: LookupError"]
    assert error_of(handle) == ("LookupError('failed')", ["raised in fail_after of Talk.Desk"])


@under("hand", "hosted", "task")
async def test_F3_it_is_a_note_when_the_spindle_fails_itself(page: Stage) -> None:
    async def starts() -> None:
        await fiber(fail_after, 1, "one")
        await fiber(wait_and_fail, "two")
        await sleep(2)
        raise ValueError("of its own")

    handle = page.start(Desk, starts)
    await page.advance(2)
    assert error_of(handle) == (
        "ValueError('of its own')",
        [
            "fail_after of Talk.Desk failed, too: LookupError('one')",
            "wait_and_fail of Talk.Desk failed, too: LookupError('two')",
        ],
    )


@under("hand", "hosted", "task")
async def test_F3_it_is_not_masked_by_a_cancellation(page: Stage) -> None:
    async def starts() -> None:
        await fiber(fail_after, 1, "one")
        await fiber(wait_and_fail, "two")
        await Desk.Ask()

    handle = page.start(Desk, starts)
    await page.advance(2)
    await page.cancel("x")
    assert page.said()[-1] == "Desk failed: LookupError"
    assert error_of(handle) == (
        "LookupError('one')",
        [
            "raised in fail_after of Talk.Desk",
            "wait_and_fail of Talk.Desk failed, too: LookupError('two')",
        ],
    )


@under("hand", "hosted", "task")
async def test_F3_a_failure_that_was_joined_is_the_joiners_business(page: Stage) -> None:
    async def starts() -> str:
        handle = await fiber(fail_after, 1)
        try:
            await handle.result()
        except LookupError:
            return "caught"
        return "no error"

    page.start(Desk, starts)
    await page.advance(1)
    assert page.said() == ["Desk returned 'caught'"]


@under("hand", "hosted", "task")
async def test_F3_a_failure_joined_by_another_spindle_is_joined(page: Stage) -> None:
    async def joins(handle: Handle[None]) -> str:
        try:
            await handle.result()
        except LookupError as error:
            return str(error)
        return "no error"

    async def starts() -> str:
        await fork(Bell, joins, await fiber(fail_after, 1))
        await sleep(2)
        return "done"

    page.start(Desk, starts)
    await page.advance(2)
    assert page.said() == ["Bell returned 'failed'", "Desk returned 'done'"]


@under("hand", "hosted", "task")
async def test_F3_a_joiner_that_gave_up_has_not_joined(page: Stage) -> None:
    async def starts() -> str:
        handle = await fiber(fail_after, 2)
        try:
            async with timeout(1):
                await handle.result()
        except TooSlow:
            pass
        await sleep(2)
        return "done"

    page.start(Desk, starts)
    await page.advance(5)
    assert page.said() == ["Desk failed: LookupError"]


@under("hand", "hosted", "task")
async def test_F3_an_error_raised_by_hand_from_an_outcome_tells_nothing_twice(page: Stage) -> None:
    async def starts() -> None:
        handle = await fiber(fail_after, 1)
        await sleep(2)
        assert isinstance(handle.outcome, Errored)
        raise handle.outcome.error

    handle = page.start(Desk, starts)
    await page.advance(2)
    assert error_of(handle) == ("LookupError('failed')", [])


@under("hand", "hosted", "task")
async def test_F3_it_goes_up_through_owners_that_do_not_join(page: Stage) -> None:
    async def nests(depth: int) -> None:
        if depth == 0:
            raise LookupError("at the bottom")
        await fiber(nests, depth - 1)
        await sleep(1)

    handle = page.start(Desk, nests, 4)
    await page.advance(5)
    assert error_of(handle) == ("LookupError('at the bottom')", ["raised in nests of Talk.Desk"])


# --- calls as fibers --------------------------------------------------------------------------


class Archive(Port):
    @read
    async def find(self, what: str) -> str: ...
    @write
    async def keep(self, what: str) -> str: ...


class Slow(Archive):
    """Takes a second for each letter."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def find(self, what: str) -> str:
        return await self._take_time("find", what)

    async def keep(self, what: str) -> str:
        return await self._take_time("keep", what)

    async def _take_time(self, name: str, what: str) -> str:
        try:
            await trio.sleep(len(what))
        except trio.Cancelled:
            self.log.append(f"{name} {what} cancelled")
            raise
        self.log.append(f"{name} {what} done")
        return what.upper()


@under("hosted", "task")
async def test_A5_a_call_wins_or_loses_a_race_like_any_fiber(page: Stage) -> None:
    archive = Slow()

    async def races() -> object:
        port = await use(Archive)
        short, long = await fiber(port.find, "ab"), await fiber(port.find, "abcdef")
        first = await await_any(long.result(), short.result(), Desk.Ask())
        await Desk.Said(str(first))
        second = await await_any(long.result(), sleep(1))
        await long.cancel("not needed")
        return second

    page.start(Desk, races, provide={Archive: archive})
    await page.advance(10)
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk says Said(word=\"(1, 'AB')\")",
        "Desk returned (1, None)",
    ]
    assert archive.log == ["find ab done", "find abcdef cancelled"]


@under("hosted", "task")
async def test_A5_a_call_ends_with_its_owner_a_write_within_its_budget(page: Stage) -> None:
    archive = Slow()

    async def starts() -> str:
        port = await use(Archive)
        await fiber(port.find, "abc")
        await fiber(port.keep, "abc")
        await sleep(1)
        return "done"

    handle = page.start(Desk, starts, provide={Archive: archive})
    await page.advance(1)
    assert archive.log == ["find abc cancelled"]
    assert handle.outcome is None
    await page.advance(2)
    assert archive.log == ["find abc cancelled", "keep abc done"]
    assert handle.outcome == Completed("done")


@under("hosted", "task")
async def test_A5_a_call_that_fails_raises_where_it_is_joined(page: Stage) -> None:
    class Broken(Echo):
        async def look(self, what: str) -> str:
            raise LookupError(what)

    async def starts() -> str:
        clerk = await use(Clerk)
        looked = await fiber(clerk.look, "nothing")
        try:
            await await_any(looked.result(), Desk.Ask())
        except LookupError as error:
            return repr(error)
        return "no error"

    page.start(Desk, starts, provide={Clerk: Broken()})
    assert (await page.hears())[-1] == "Desk returned \"LookupError('nothing')\""


# --- slips ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (
            lambda: fiber(ask(1)),
            "fiber takes a function and its arguments, not a coroutine object: "
            "write fiber(..., ask, ...) instead of fiber(..., ask(...))",
        ),
        (
            lambda: fiber(Desk.Ask(1)),
            "fiber takes an async function and its arguments, not Ask(number=1)",
        ),
        (
            lambda: fiber(Bell, ring_once),
            "fiber() takes an async function, not the class Talk.Bell: a fiber speaks for the "
            "block of its spindle, write fiber(function, ...); to ask in it, ask in that function",
        ),
        (lambda: fiber(None), "fiber takes an async function and its arguments, not None"),
    ],
)
def test_slips_are_told_by_name(slip: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        slip()
    assert str(raised.value) == said


def test_a_forgotten_await_is_told_by_name() -> None:
    with pytest.raises(AttributeError) as raised:
        fiber(ask, 1).cancel("x")  # type: ignore[attr-defined]
    assert str(raised.value) == (
        "fiber() was not awaited, so there is no handle with `cancel` yet: "
        "write `handle = await fiber(...)`"
    )


def test_a_function_that_is_not_async_fails_in_the_fiber_by_name() -> None:
    def plain() -> int:
        return 1

    async def starts() -> None:
        await (await fiber(plain)).result()  # type: ignore[arg-type]

    ended = Coroutine(starts).run()
    assert isinstance(ended, Errored)
    assert str(ended.error) == "plain is to run as a spindle but returned int: write `async def`"
