"""What is due comes in the order in which it became due."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from spindle.durable import MemoryStore, Store, open_sqlite_store

Clock = Callable[[], float]


@asynccontextmanager
async def in_memory(path: Path, clock: Clock) -> AsyncIterator[Store]:
    yield MemoryStore(clock=clock)


def in_a_file(path: Path, clock: Clock) -> AbstractAsyncContextManager[Store]:
    return open_sqlite_store(path, clock=clock)


BOTH = pytest.mark.parametrize("opened", [in_memory, in_a_file])
LONGEST_FIRST = ["woken at 5", "lapsed at 12", "woken at 15", "lapsed at 18", "woken at 20"]


async def fill(store: Store, now: list[float]) -> None:
    """Neither the names nor the order in which they came are that in which they are due."""
    for wake_at in (20, 5, 15):
        lease = await store.create(f"woken_at_{wake_at}", b"", [], owner="ann", ttl=1)
        await store.release(lease, wake_at=float(wake_at))
    for until in (18, 12):
        await store.create(f"lapsed_at_{until}", b"", [], owner="ann", ttl=until - now[0])
    await store.create("held", b"", [], owner="ann", ttl=1000)
    await store.release(await store.create("later", b"", [], owner="ann", ttl=1), wake_at=40.0)


@BOTH
async def test_the_longest_due_comes_first(path: Path, opened: Callable[..., object]) -> None:
    now = [1.0]
    async with opened(path, lambda: now[0]) as store:  # type: ignore[attr-defined]
        await fill(store, now)
        now[0] = 30.0
        found = [each.replace("_", " ") for each in await store.due(30.0)]
        assert found == LONGEST_FIRST
        for limit in range(6):
            some = [each.replace("_", " ") for each in await store.due(30.0, limit=limit)]
            assert some == LONGEST_FIRST[:limit]


async def test_the_pages_of_a_process_that_is_gone_come_in_their_order(path: Path) -> None:
    """They have been due since that process touched them last."""
    now = [0.0]
    async with open_sqlite_store(path, clock=lambda: now[0]) as store:
        for at, name in ((3.0, "b"), (7.0, "a")):
            now[0] = at
            await store.create(name, b"", [], owner="ann", ttl=1000)
        lease = await store.create("c", b"", [], owner="ann", ttl=1000)
        await store.release(lease, wake_at=5.0)
    async with open_sqlite_store(path, clock=lambda: now[0]) as store:
        assert await store.due(30.0) == ["b", "c", "a"]
        assert await store.due(30.0, limit=2) == ["b", "c"]
