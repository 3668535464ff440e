"""What of a page runs when it is left behind, and what is seen of it when it is found again."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Contract,
    DurableHost,
    Event,
    Notify,
    Port,
    Spindle,
    Yield,
    cleanup,
    open_durable_host,
    sleep,
    timeout,
    use,
    write,
)
from spindle.durable import MemoryStore


class Room(Contract):
    class Desk(Spindle[str]):
        class Go(Event): ...

        class Ask(Yield[Go]): ...

        class Late(Notify): ...


class Keys(Port):
    @write
    async def give_back(self) -> None: ...


class Given(Keys):
    def __init__(self) -> None:
        self.back = 0

    async def give_back(self) -> None:
        self.back += 1


RAN: list[str] = []


async def tidies() -> str:
    keys = await use(Keys)
    try:
        try:
            await Room.Desk.Ask()
        except BaseException as error:
            RAN.append(type(error).__name__)
            raise
        finally:
            RAN.append("plain")
            async with cleanup(seconds=1):
                RAN.append("in the cleanup")
                await keys.give_back()
            RAN.append("behind it")
    finally:
        RAN.append("outer")
    return ""


async def ends() -> str:
    return "done"


async def goes_on() -> str:
    await Room.Desk.Ask()
    return ""


async def is_late() -> str:
    try:
        async with timeout(10):
            await Room.Desk.Ask()
    except TimeoutError:
        await Room.Desk.Late()
    await sleep(1e6)
    return ""


@pytest.mark.parametrize("how", ["put away", "left"])
async def test_plain_code_of_a_finally_runs_up_to_its_first_operation(how: str) -> None:
    store, given = MemoryStore(), Given()
    RAN.clear()
    async with open_durable_host(store, provide={Keys: given}) as host:
        page = await host.create(Room, "room")
        page.start(Room.Desk, tidies)
        await wait_all_tasks_blocked()
        if how == "put away":
            await host.put_away("room")
            assert RAN == ["GeneratorExit", "plain", "outer"]
    assert RAN == ["GeneratorExit", "plain", "outer"]
    async with open_durable_host(store, provide={Keys: given}) as host:
        page = await host.take_up("room")
        assert given.back == 0
        await page.cancel("it is over")
        assert given.back == 1
        assert RAN[-4:] == ["plain", "in the cleanup", "behind it", "outer"]


async def found(host: DurableHost) -> bool:
    """Whether anything was ever started on a page that was just taken up."""
    statistics = (await host.take_up("room")).statistics()
    return bool(statistics.spindles or statistics.outbox)


async def test_a_page_on_which_nothing_was_started_is_known_by_it() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host:
        await host.create(Room, "room")
    async with open_durable_host(store) as host:
        assert not await found(host)


@pytest.mark.parametrize("fn", [ends, goes_on, is_late])
@pytest.mark.parametrize("every", [1, 256])
async def test_a_page_on_which_something_was_started_is_known_by_it(
    fn: Callable[[], Coroutine[Any, Any, str]], every: int
) -> None:
    """Whether it has ended or not, behind a snapshot or not."""
    store = MemoryStore()
    async with open_durable_host(store, snapshot_every=every) as host:
        page = await host.create(Room, "room")
        page.start(Room.Desk, fn)
        await wait_all_tasks_blocked()
    assert ((await store.look("room")).snapshot is None) == (every == 256)
    async with open_durable_host(store, snapshot_every=every) as host:
        assert await found(host)


async def test_a_clock_that_is_behind_makes_a_page_late_and_never_early(
    mock_clock: MockClock,
) -> None:
    mock_clock.autojump_threshold = 0
    behind = [0.0]

    def wall() -> float:
        return 1e9 + trio.current_time() - behind[0]

    store = MemoryStore(clock=wall)
    async with open_durable_host(store, wall_clock=wall, wake=1) as host:
        page = await host.create(Room, "room")
        page.start(Room.Desk, is_late)
        await trio.sleep(4)
    behind[0] = 3600
    async with open_durable_host(store, wall_clock=wall, wake=1) as host:
        await trio.sleep(3000)
        record = (await store.look("room")).record
        assert record.wake_at == 1e9 + 10, "nobody has woken it"
        began = trio.current_time()
        page = await host.take_up("room")
        async for _, message in page.outbox:
            if "Late" in str(message):
                break
        assert trio.current_time() - began == pytest.approx(10)
