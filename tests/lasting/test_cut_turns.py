"""D2, D5: turns that say too much by themselves, or are cut while reads are gathered."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import Port, fiber, many, mark, open_durable_host, read, scope, timeout, use
from spindle._core.replay import retelling
from spindle._lasting.looks import until_kept
from spindle._runtime.outbox import HIGH_WATER
from spindle.durable import MemoryStore
from tests.lasting.counter import Counter, Counting, Till
from tests.lasting.prefixes import driver_of, received
from tests.lasting.test_handed_over import hosted
from tests.lasting.test_long_turns import asks, works


async def asks_alone() -> None:
    await Counter.Ask(1)


async def asks_widely(fibers: int) -> None:
    """Have so many questions withdrawn at once when time is up."""
    with suppress(TimeoutError):
        async with timeout(60), scope():
            for _ in range(fibers):
                await fiber(asks_alone)
    await Counter.Ask(0)


@pytest.mark.parametrize("cancels", [False, True])
async def test_D2_an_input_that_says_more_than_an_outbox_holds_by_itself(
    cancels: bool, autojump_clock: MockClock
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with hosted(store, Till()) as host:
        page = await host.create(Counting, "one")
        handle = page.start(Counter, asks_widely, HIGH_WATER + 10)
        for _ in range(3):
            await wait_all_tasks_blocked()
            received(page)
        if cancels:
            handle.cancel_nowait("enough")
        else:
            await trio.sleep(60)
        told = list[str]()
        for _ in range(5):
            await wait_all_tasks_blocked()
            told += received(page)
        assert sum("Withdrawn" in each for each in told) == HIGH_WATER + 10
        assert driver_of(page).idle
        store = store.restarted()
    async with hosted(store, Till()) as host:
        page = await host.take_up("one")
        assert [ask for _, ask in page.pending()] == [] if cancels else [Counter.Ask(0)]


class Books(Port):
    @read
    async def title(self, number: int) -> str: ...
    @many(title)
    async def titles(self, numbers: tuple[int, ...]) -> Mapping[int, str]: ...


class Library(Books):
    async def title(self, number: int) -> str:
        return str(number)

    async def titles(self, numbers: tuple[int, ...]) -> Mapping[int, str]:
        return {each: str(each) for each in numbers}


async def seeks() -> None:
    assert await (await use(Books)).title(1) == "1"


async def says(times: int) -> None:
    for number in range(times):
        await Counter.Told(str(number))
    await Counter.Ask(2)


async def gathers() -> None:
    """Be cut in the middle of a turn in which reads are gathered."""
    for number in range(600):
        await Counter.Told(str(number))
    await Counter.Ask(0)
    await fiber(seeks)
    await fiber(says, 600)
    await Counter.Ask(1)


async def test_D2_a_turn_is_cut_while_reads_are_gathered(autojump_clock: MockClock) -> None:
    store, given = MemoryStore(), {Books: Library()}
    async with open_durable_host(store, provide=given, wake=None) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, gathers)
        await wait_all_tasks_blocked()
        page.resume(Counter.Add(1))
        await wait_all_tasks_blocked()
        for _ in range(3):
            received(page)
            await wait_all_tasks_blocked()
        asked = page.pending()
    assert [ask for _, ask in asked] == [Counter.Ask(1), Counter.Ask(2)]
    async with open_durable_host(store, provide=given, wake=None) as host:
        assert (await host.take_up("one")).pending() == asked


async def marks_and_works(steps: int) -> int:
    await mark(steps)
    return await works(steps)


async def test_D5_a_long_way_from_a_mark_is_gone_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    async with open_durable_host(store, wake=None, snapshot_every=1) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, marks_and_works, 20_000)
        await asks(page, 20_000)
        await until_kept(page)
    assert (await store.look("one")).snapshot is not None
    monkeypatch.setattr(retelling, "STRETCH", 1000)
    async with open_durable_host(store, wake=None) as host:
        await asks(await host.take_up("one"), 20_000)
