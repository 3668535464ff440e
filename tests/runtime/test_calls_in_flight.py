"""A call under way when its spindle is cancelled, or its time is up."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Errored,
    Origin,
    OutcomeUnknown,
    PageLimits,
    TooSlow,
    cleanup,
    fiber,
    open_page,
    scope,
    timeout,
    use,
)
from tests.drivers import HOSTED, on_trio
from tests.talk import Clerk, Desk, Talk

KINDS = pytest.mark.parametrize("kind", ["look", "note", "pay"])
LASTING = pytest.mark.parametrize("kind", ["note", "pay"])


class Slow(Clerk):
    """Each operation takes its time, and says when it was done or cut."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = trio.current_time()
        self.log: list[str] = []

    async def work(self, name: str) -> str:
        try:
            await trio.sleep(self.seconds)
        except trio.Cancelled:
            self.log.append(f"{name} cut at {trio.current_time() - self.began:g}")
            raise
        self.log.append(f"{name} done at {trio.current_time() - self.began:g}")
        return name

    async def look(self, what: str) -> str:
        return await self.work("look")

    async def note(self, what: str) -> None:
        await self.work("note")

    async def pay(self, amount: int, *, currency: str = "EUR") -> str:
        return await self.work("pay")


ARGUMENTS: dict[str, Any] = {"look": "tea", "note": "tea", "pay": 3}


async def call(kind: str) -> object:
    clerk: Any = await use(Clerk)
    return await getattr(clerk, kind)(ARGUMENTS[kind])


async def call_for_a_second(kind: str) -> None:
    async with timeout(1):
        await call(kind)


class Caller:
    """Calls, and tells what came of it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.log: list[str] = []

    async def run(self) -> None:
        try:
            value = await call(self.kind)
            self.log.append(f"received {value}")
        except OutcomeUnknown as error:
            self.log.append(f"unknown: {error}")
            raise
        finally:
            self.log.append("unwinds")
        await Desk.Said("never")


UNKNOWN = "unknown: Clerk.pay was cut: nobody knows whether it was done"


@KINDS
@HOSTED
@on_trio()
async def test_E7_a_read_is_cut_and_the_others_run_on(hosted: bool, kind: str) -> None:
    slow, caller = Slow(3), Caller(kind)
    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted) as page:
        handle = page.start(Desk, caller.run)
        await trio.sleep(1)
        await page.cancel("closing time")
        # It is waited for: what was begun is done, received, and the cancellation shows after it.
        assert trio.current_time() - slow.began == (1 if kind == "look" else 3)
        assert page._driver.kernel.timers.next_at() is None
    value = "None" if kind == "note" else kind
    if kind == "look":
        assert slow.log == ["look cut at 1"]
        assert caller.log == ["unwinds"]
    else:
        assert slow.log == [f"{kind} done at 3"]
        assert caller.log == [f"received {value}", "unwinds"]
    assert handle.outcome == Cancelled("closing time")


@LASTING
@HOSTED
@on_trio()
async def test_E7_beyond_the_limit_it_is_cut_and_a_once_is_in_doubt(
    hosted: bool, kind: str
) -> None:
    slow, caller = Slow(30), Caller(kind)
    limits = PageLimits(call_seconds=4)
    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted, limits=limits) as page:
        handle = page.start(Desk, caller.run)
        await trio.sleep(1)
        await page.cancel("closing time")
    assert slow.log == [f"{kind} cut at 5"]
    if kind == "pay":
        assert caller.log == [UNKNOWN, "unwinds"]
        assert isinstance(handle.outcome, Errored)
        assert isinstance(handle.outcome.error, OutcomeUnknown)
    else:
        assert caller.log == ["unwinds"]
        assert handle.outcome == Cancelled("closing time")


@KINDS
@HOSTED
@on_trio()
async def test_E7_the_same_when_its_time_is_up(hosted: bool, kind: str) -> None:
    slow = Slow(3)
    log: list[str] = []

    async def limits() -> str:
        try:
            async with timeout(1):
                log.append(f"received {await call(kind)}")
        except TooSlow:
            log.append("too slow")
        return "goes on"

    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted) as page:
        handle = page.start(Desk, limits)
        await page.wait()
        assert handle.outcome.value == "goes on"
    if kind == "look":
        assert (slow.log, log) == (["look cut at 1"], ["too slow"])
    else:
        value = "None" if kind == "note" else kind
        assert (slow.log, log) == ([f"{kind} done at 3"], [f"received {value}"])


@LASTING
@HOSTED
@on_trio()
async def test_E7_the_value_is_received_and_the_limit_shows_at_the_next_operation(
    hosted: bool, kind: str
) -> None:
    slow = Slow(3)
    log: list[str] = []

    async def limits() -> None:
        async with timeout(1):
            log.append(f"received {await call(kind)}")
            await Desk.Said("never")

    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted) as page:
        handle = page.start(Desk, limits)
        await page.wait()
    assert len(log) == 1
    assert isinstance(handle.outcome.error, TooSlow)


@LASTING
@HOSTED
@on_trio()
async def test_E7_its_time_is_up_and_the_limit_of_calls_too(hosted: bool, kind: str) -> None:
    slow = Slow(30)

    given = PageLimits(call_seconds=4)
    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted, limits=given) as page:
        handle = page.start(Desk, call_for_a_second, kind)
        await page.wait()
    assert slow.log == [f"{kind} cut at 5"]
    assert type(handle.outcome.error) is (OutcomeUnknown if kind == "pay" else TooSlow)


@LASTING
@HOSTED
@on_trio()
async def test_E7_its_time_was_up_and_then_it_is_cancelled(hosted: bool, kind: str) -> None:
    """The limit of calls counts from the first of the two, and the cancellation wins."""
    slow = Slow(30)

    given = PageLimits(call_seconds=4)
    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted, limits=given) as page:
        handle = page.start(Desk, call_for_a_second, kind)
        await trio.sleep(3)
        await page.cancel("closing time")
    assert slow.log == [f"{kind} cut at 5"]
    if kind == "pay":
        assert type(handle.outcome.error) is OutcomeUnknown
    else:
        assert handle.outcome == Cancelled("closing time")


@KINDS
@HOSTED
@on_trio()
async def test_E7_inside_a_cleanup_its_budget_cuts_at_once(hosted: bool, kind: str) -> None:
    slow = Slow(30)
    log: list[str] = []

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            try:
                async with cleanup(2):
                    await call(kind)
                    log.append("never")
                log.append("behind")
            except OutcomeUnknown:
                log.append("in doubt")

    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted) as page:
        handle = page.start(Desk, cleans)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    assert slow.log == [f"{kind} cut at 2"]
    assert log == ["in doubt" if kind == "pay" else "behind"]
    assert handle.outcome == Cancelled("closing time")


@KINDS
@HOSTED
@on_trio()
async def test_E7_a_call_that_began_in_a_cleanup_is_not_cut_by_the_cancel(
    hosted: bool, kind: str
) -> None:
    slow = Slow(3)
    log: list[str] = []

    async def cleans() -> None:
        async with cleanup(20):
            await call(kind)
            log.append("done")

    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted) as page:
        handle = page.start(Desk, cleans)
        await trio.sleep(1)
        await page.cancel("closing time")
    assert log == ["done"]
    assert handle.outcome is not None


@KINDS
@HOSTED
@on_trio()
async def test_E7_the_call_of_a_fiber_in_a_scope_that_is_left(hosted: bool, kind: str) -> None:
    slow = Slow(3)
    log: list[str] = []

    async def calls() -> None:
        try:
            log.append(f"received {await call(kind)}")
        finally:
            log.append("unwinds")

    async def fails() -> None:
        await Desk.Ask()
        raise LookupError

    async def holds() -> None:
        async with scope():
            await fiber(calls)
            await fiber(fails)

    async with open_page(Talk, provide={Clerk: slow}, hosted=hosted) as page:
        handle = page.start(Desk, holds)
        await trio.sleep(1)
        page.resume(Desk.Told())
        await page.wait()
        assert trio.current_time() - slow.began == (1 if kind == "look" else 3)
    assert isinstance(handle.outcome.error, LookupError)
    assert log[-1] == "unwinds"
    assert len(log) == (1 if kind == "look" else 2)


@KINDS
@HOSTED
@on_trio()
async def test_E7_leaving_the_block_waits_for_it_too(hosted: bool, kind: str) -> None:
    slow = Slow(3)
    with trio.move_on_after(1):
        async with open_page(Talk, provide={Clerk: slow}, hosted=hosted) as page:
            handle = page.start(Desk, Caller(kind).run)
            await trio.sleep_forever()
    assert slow.log == ["look cut at 1" if kind == "look" else f"{kind} done at 3"]
    assert handle.outcome.origin is Origin.HOST_CANCELLED


Native = Callable[[], Coroutine[Any, Any, object]]


@KINDS
@on_trio()
async def test_E7_a_scope_of_trios_cuts_at_once_whatever_it_is(kind: str) -> None:
    """It is the spindle's own wish. Whether a `once` was done is not known then either."""
    slow = Slow(30)
    log: list[str] = []

    async def moves_on() -> str:
        with trio.move_on_after(2) as limit:
            try:
                await call(kind)
            except OutcomeUnknown:
                log.append("in doubt")
        log.append(f"caught {limit.cancelled_caught}")
        return (await Desk.Ask()).word

    async with open_page(Talk, provide={Clerk: slow}) as page:
        handle = page.start(Desk, moves_on)
        await trio.sleep(3)
        assert slow.log == [f"{kind} cut at 2"]
        assert log == (["in doubt", "caught False"] if kind == "pay" else ["caught True"])
        page.resume(Desk.Told("on"))
        await page.wait()
        assert handle.outcome.value == "on"


@LASTING
@on_trio()
async def test_E7_a_shielded_scope_of_trios_holds_off_the_cut(kind: str) -> None:
    slow = Slow(8)
    log: list[str] = []

    async def shields() -> None:
        with trio.CancelScope(shield=True):
            log.append(f"received {await call(kind)}")

    async with open_page(Talk, provide={Clerk: slow}) as page:
        handle = page.start(Desk, shields)
        await trio.sleep(1)
        await page.cancel("closing time")
    assert slow.log == [f"{kind} done at 8"]
    assert len(log) == 1
    assert handle.outcome is not None
