"""What the checkers infer of stores: both are a `Store`, and what a store gives is typed."""

# Assertions are left unused on purpose.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import assert_type

from spindle.durable import (
    Chain,
    Frame,
    Kept,
    Lease,
    MemoryStore,
    PageRecord,
    SqliteStore,
    Store,
    open_sqlite_store,
    read_log,
)
from spindle.testing.stores import MemoryBench, conformance


async def use(store: Store) -> None:
    lease = await store.create("p", b"", [b"0"], owner="ann", ttl=10)
    assert_type(lease, Lease)
    assert_type(await store.acquire("p", owner="ann", ttl=10), Lease)
    assert_type(await store.read(lease, 0), Sequence[bytes])
    assert_type(await store.append(lease, 0, [b"1"]), None)
    assert_type(await store.renew([lease]), Sequence[Lease])
    assert_type(await store.pages(), Sequence[PageRecord])
    assert_type(await store.look("p"), Kept)
    assert_type(await store.purge(0.0), int)
    assert_type(read_log(Chain("p"), await store.read(lease), lease.head), Iterator[Frame])


async def both(path: Path) -> None:
    await use(MemoryStore())
    async with open_sqlite_store(path) as store:
        assert_type(store, SqliteStore)
        await use(store)


assert_type(conformance(MemoryBench), Callable[[], None])
