"""A limit of time that a port declares for each call of a method."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Completed,
    Errored,
    OutcomeUnknown,
    PageLimits,
    Port,
    TooSlow,
    fiber,
    many,
    once,
    open_page,
    read,
    sleep,
    timeout,
    use,
    within,
    write,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Desk, Talk


class Depot(Port):
    @read
    @within(2)
    async def look(self, what: str) -> str: ...
    @write
    @within(2)
    async def note(self, what: str) -> str: ...
    @once
    @within(2)
    async def pay(self, what: str) -> str: ...

    @within(2)  # the order is all one
    @read
    async def item(self, number: int) -> str: ...

    @many(item)
    async def items(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
        raise NotImplementedError


class Quick(Depot):
    async def look(self, what: str) -> str:
        return f"seen {what}"

    async def note(self, what: str) -> str:
        return f"noted {what}"

    async def pay(self, what: str) -> str:
        return f"paid {what}"

    async def item(self, number: int) -> str:
        return f"item {number}"


class Slow(Quick):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.log: list[str] = []

    async def work(self, name: str) -> str:
        began = trio.current_time()
        try:
            await trio.sleep(self.seconds)
        except trio.Cancelled:
            self.log.append(f"{name} cut after {trio.current_time() - began:g}")
            raise
        return name

    async def look(self, what: str) -> str:
        return await self.work("look")

    async def note(self, what: str) -> str:
        return await self.work("note")

    async def pay(self, what: str) -> str:
        return await self.work("pay")

    async def items(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
        return dict.fromkeys(numbers, await self.work("items"))


async def call(name: str) -> str:
    depot = await use(Depot)
    return await getattr(depot, name)("tea")


@under("hand", "hosted", "task")
async def test_a_call_that_is_in_time_leaves_no_deadline(page: Stage) -> None:
    async def calls() -> list[str]:
        depot = await use(Depot)
        other = await fiber(depot.look, "cup")
        said = [await depot.look(what="tea"), await depot.note("tea"), await depot.pay("tea")]
        return [*said, await depot.item(1), await other.result()]

    page.start(Desk, calls, provide={Depot: Quick()})
    assert await page.hears() == [
        "Desk returned ['seen tea', 'noted tea', 'paid tea', 'item 1', 'seen cup']"
    ]
    assert page.kernel.timers.next_at() is None


@HOSTED
@on_trio()
async def test_a_read_that_takes_longer_is_cut(hosted: bool) -> None:
    slow = Slow(3)
    async with open_page(Talk, provide={Depot: slow}, hosted=hosted) as page:
        handle = page.start(Desk, call, "look")
        began = trio.current_time()
        await page.wait()
        assert trio.current_time() - began == 2
    assert slow.log == ["look cut after 2"]
    assert isinstance(handle.outcome, Errored)
    assert repr(handle.outcome.error) == "TooSlow('Depot.look took longer than 2 s')"


@pytest.mark.parametrize("kind", ["note", "pay"])
@HOSTED
@on_trio()
async def test_a_write_or_once_is_let_run_on_and_received(hosted: bool, kind: str) -> None:
    async with open_page(Talk, provide={Depot: Slow(3)}, hosted=hosted) as page:
        handle = page.start(Desk, call, kind)
        await page.wait()
        assert handle.outcome == Completed(kind)


@pytest.mark.parametrize("kind", ["note", "pay"])
@HOSTED
@on_trio()
async def test_beyond_the_limit_of_calls_it_is_cut(hosted: bool, kind: str) -> None:
    slow, limits = Slow(30), PageLimits(call_seconds=4)
    async with open_page(Talk, provide={Depot: slow}, hosted=hosted, limits=limits) as page:
        handle = page.start(Desk, call, kind)
        await page.wait()
    assert slow.log == [f"{kind} cut after 6"]
    assert type(handle.outcome.error) is (OutcomeUnknown if kind == "pay" else TooSlow)


@HOSTED
@on_trio()
async def test_a_limit_further_out_wins(hosted: bool) -> None:
    async def limits() -> str:
        try:
            async with timeout(1):
                return await call("look")
        except TooSlow as error:
            return str(error)

    async with open_page(Talk, provide={Depot: Slow(3)}, hosted=hosted) as page:
        handle = page.start(Desk, limits)
        await page.wait()
        assert handle.outcome == Completed("timeout(1) passed")


@HOSTED
@on_trio()
async def test_a_cancellation_wins(hosted: bool) -> None:
    async with open_page(Talk, provide={Depot: Slow(3)}, hosted=hosted) as page:
        handle = page.start(Desk, call, "look")
        await trio.sleep(1)
        await page.cancel("closing time")
        assert handle.outcome == Cancelled("closing time")
        assert page._driver.kernel.timers.next_at() is None


@HOSTED
@on_trio()
async def test_of_a_batch_each_caller_has_its_own_limit(hosted: bool) -> None:
    slow = Slow(3)

    async def asks() -> str:
        depot = await use(Depot)
        try:
            return await depot.item(1)
        except TooSlow as error:
            return f"{error}, at {trio.current_time() - began:g}"

    async def asks_late() -> str:
        await sleep(1.5)
        return await asks()

    async with open_page(Talk, provide={Depot: slow}, hosted=hosted) as page:
        began = trio.current_time()
        first = page.start(Desk, asks)
        second = page.start(Desk, asks_late, instance="late")
        await page.wait()
        assert first.outcome == Completed("Depot.item took longer than 2 s, at 2")
        assert second.outcome == Completed("items")
    assert slow.log == []
