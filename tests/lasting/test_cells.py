"""D5: a cell of a page that outlives its process holds what a snapshot would tell of it."""

from __future__ import annotations

from typing import Any

import pytest
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Cell,
    Contract,
    DurableHost,
    Event,
    Notify,
    PageMachine,
    Port,
    Spindle,
    Yield,
    mark,
    open_durable_host,
    read,
    use,
)
from spindle.durable import Fault, MemoryStore
from tests.lasting.prefixes import received, standing


class Scales(Contract):
    class Till(Spindle[None]):
        weight = Cell[float]()
        anything = Cell[object]()

        class Go(Event): ...

        class Ask(Yield[Go]):
            turn: int

        class Held(Notify):
            weight: str
            anything: str


Till = Scales.Till


class Desk(Port):
    @read
    async def weigh(self, weight: float, anything: object) -> None: ...


class Silent(Desk):
    async def weigh(self, weight: float, anything: object) -> None:
        pass


async def weighs(turn: int, anything: str) -> None:
    """Shows what its cells hold, which it has written in its first turn."""
    desk = await use(Desk)
    while True:
        await mark(turn, anything)
        if turn == 0:
            await Till.weight.put(3)
            await Till.anything.put((1, 2) if anything == "a pair" else weighs)
        await Till.Ask(turn)
        turn += 1
        weight, other = await Till.weight.get(), await Till.anything.get()
        await Till.Held(type(weight).__name__, type(other).__name__)
        await desk.weigh(weight, other if anything == "a pair" else None)


def host_of(store: MemoryStore) -> Any:
    return open_durable_host(store, provide={Desk: Silent()}, snapshot_every=3, wake=None)


async def opened(host: DurableHost, anything: str) -> PageMachine:
    page = await host.create(Scales, "page")
    page.start(Till, weighs, 0, anything)
    await wait_all_tasks_blocked()
    return page


async def go(page: PageMachine, times: int) -> None:
    for _ in range(times):
        page.resume(Till.Go())
        await wait_all_tasks_blocked()


async def test_D5_it_does_so_from_the_first_put_on() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, "a pair")
        await go(page, 6)
        held = [str(each) for each in received(page) if "Held" in str(each)]
        assert len(held) == 6
        assert all("weight='float', anything='list'" in each for each in held)
    assert (await store.look("page")).snapshot is not None


@pytest.mark.parametrize("anything", ["a pair", "a function"])
async def test_D5_a_snapshot_that_is_never_kept_makes_no_difference(
    anything: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, anything)
        slow = store.delay()
        store.fail(Fault.LOST, call="snapshot")
        await go(page, 6)
        before = standing(page)[1:]  # but for the questions it may show
        slow.set()
        await wait_all_tasks_blocked()
    caplog.clear()
    store = store.restarted()
    assert (await store.look("page")).snapshot is None
    async with host_of(store) as host:
        assert standing(await host.take_up("page"))[1:] == before


async def test_D5_what_no_snapshot_can_have_stays_as_it_is() -> None:
    store = MemoryStore()
    async with host_of(store) as host:
        page = await opened(host, "a function")
        await go(page, 6)
        assert "weight='float', anything='function'" in str(received(page)[-2])
    assert (await store.look("page")).snapshot is None
