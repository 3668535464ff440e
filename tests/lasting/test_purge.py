"""D5: what is old is removed from a store, if the host is asked to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import open_durable_host
from spindle._lasting import chores
from spindle.durable import Fault, MemoryStore, PageStatus
from tests.lasting import household
from tests.lasting.household import House, Main


class Counts(MemoryStore):
    """Notes of each purge what it was for, its limit, and how many it has removed."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        super().__init__(clock=clock)
        self.purged: list[tuple[PageStatus, int, int]] = []

    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        removed = await super().purge(before, status=status, limit=limit)
        self.purged.append((status, limit, removed))
        return removed


async def names(store: MemoryStore) -> list[str]:
    return [each.page for each in await store.pages()]


async def test_D5_what_nobody_comes_back_to_is_removed(autojump_clock: MockClock) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with open_durable_host(
        store, wake=None, purge_after=100, wall_clock=trio.current_time
    ) as host:
        for name in ("over", "left", "here", "waits"):
            page = await host.create(House, name)
            fn = household.races if name == "waits" else household.never_marks
            page.start(Main, fn, *((0,) if name == "waits" else ()))
            await wait_all_tasks_blocked()
            if name == "over":
                await page.cancel("enough")
            elif name != "here":
                await host.put_away(name)
        await trio.sleep(50)
        await host.take_up("left")
        await host.put_away("left")
        await trio.sleep(65)
        assert await names(store) == ["here", "left", "waits"]
        await trio.sleep(50)
        assert await names(store) == ["here", "waits"]


async def test_D5_what_is_parked_or_not_asked_for_stays(autojump_clock: MockClock) -> None:
    store = MemoryStore(clock=trio.current_time)
    for purge_after in (10, None):
        lease = await store.create(f"p{purge_after}", b"", [], owner="ann", ttl=10)
        status = PageStatus.PARKED if purge_after else PageStatus.ENDED
        await store.release(lease, status=status)
        async with open_durable_host(
            store, wake=None, purge_after=purge_after, wall_clock=trio.current_time
        ):
            await trio.sleep(100)
    assert await names(store) == ["p10", "pNone"]


async def test_D5_many_are_removed_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    monkeypatch.setattr(chores, "AT_A_TIME", 2)
    store = Counts(clock=trio.current_time)
    for number in range(5):
        lease = await store.create(f"p{number}", b"", [], owner="ann", ttl=10)
        await store.release(lease)
    await trio.sleep(2)
    async with open_durable_host(store, purge_after=1, wall_clock=trio.current_time):
        await wait_all_tasks_blocked()
        assert await names(store) == []
    ended = [(PageStatus.ENDED, 2, 0)]
    assert store.purged == ended + [(PageStatus.LIVE, 2, removed) for removed in (2, 2, 1)]


async def test_D5_a_store_that_cannot_purge_is_reported(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with open_durable_host(store, wake=None, purge_after=20) as host:
        page = await host.create(House, "page")
        store.fail(Fault.LOST)
        page.start(Main, household.never_marks)
        await trio.sleep(5)
    assert "old pages could not be removed" in caplog.text
    caplog.clear()
