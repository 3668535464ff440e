"""The store in a file: what it keeps, of many at a time and of what is cancelled."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import UsageError
from spindle.durable import (
    Busy,
    Conflict,
    Durability,
    PageStatus,
    StoreClosed,
    open_sqlite_store,
)
from spindle.durable.points import watch
from spindle.durable.sqlite.connection import Connection, connect
from spindle.durable.sqlite.store import open_database_store
from tests.durable.gate import create, held_at


def plain(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(path, isolation_level=None))


# ── What it keeps ────────────────────────────────────────────────────────────────────────────────


async def test_what_was_kept_is_there_when_it_is_opened_anew(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p", b"0", b"1")
        await store.append(lease, 1, [b"2", bytes(range(256))])
        await store.snapshot(lease, 1, b"all", prune_to=0)
        await store.release(lease, status=PageStatus.PARKED, wake_at=7.5)
    async with open_sqlite_store(path) as store:
        kept = await store.look("p")
        assert (kept.meta, kept.frames) == (b"meta", [b"1", b"2", bytes(range(256))])
        assert (kept.record.status, kept.record.wake_at) == (PageStatus.PARKED, 7.5)
        lease = await store.acquire("p", owner="ben", ttl=10)
        assert lease.snapshot is not None
        assert (lease.snapshot.seq, lease.snapshot.blob, lease.head) == (1, b"all", 3)


async def test_a_log_that_was_rewound_goes_on_from_there(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p", b"0", b"1", b"2")
        async with held_at("batch:taken") as gate, trio.open_nursery() as nursery:
            nursery.start_soon(store.renew, [])
            await gate.wait()
            for call in (
                partial(store.append, lease, 2, [b"3"]),
                partial(store.rewind, lease, 0),
                partial(store.append, lease, 0, [b"other"]),
            ):
                nursery.start_soon(call)
                await wait_all_tasks_blocked()
            gate.opened.set()
    async with open_sqlite_store(path) as store:
        assert (await store.look("p")).frames == [b"0", b"other"]


async def test_what_is_removed_together_with_what_was_just_appended_is_gone(path: Path) -> None:
    async with open_sqlite_store(path, clock=lambda: 0.0) as store:
        lease, other = await create(store, "p", b"0"), await create(store, "q", b"0")
        async with held_at("batch:taken") as gate, trio.open_nursery() as nursery:
            nursery.start_soon(store.renew, [])
            await gate.wait()
            for call in (
                partial(store.append, lease, 0, [b"1", b"2"]),
                partial(store.append, other, 0, [b"1", b"2"]),
                partial(store.snapshot, lease, 2, b"all", prune_to=2),
                partial(store.release, other, status=PageStatus.ENDED),
                partial(store.purge, 1.0),
            ):
                nursery.start_soon(call)
                await wait_all_tasks_blocked()
            gate.opened.set()
    with plain(path) as file:
        assert file.execute("SELECT count(*) FROM frames").fetchone() == (0,)


async def test_it_is_set_up_to_keep_what_it_says(path: Path) -> None:
    made: list[Connection] = []

    def connecting(where: Path) -> Connection:
        made.append(connect(where))
        return made[-1]

    for level, synchronous in [(Durability.POWER, 2), (Durability.PROCESS, 1)]:
        async with open_database_store(path, level, lambda: 0.0, connecting) as store:
            assert (store.level, store.path) == (level, path)
            for pragma, value in [
                ("synchronous", synchronous),
                ("journal_mode", "wal"),
                ("fullfsync", 1),
                ("checkpoint_fullfsync", 1),
                ("wal_autocheckpoint", 0),
            ]:
                assert next(iter(made[-1].execute(f"PRAGMA {pragma}"))) == (value,), pragma


async def test_memory_is_no_level_of_a_file(path: Path) -> None:
    with pytest.raises(UsageError, match="use MemoryStore, or level PROCESS"):
        async with open_sqlite_store(path, level=Durability.MEMORY):
            pass


async def test_a_lease_of_a_process_that_is_gone_is_in_nobodys_way(path: Path) -> None:
    async with open_sqlite_store(path, clock=lambda: 0.0) as store:
        await create(store, "p")
        with pytest.raises(Busy, match=r"'ann' holds page 'p' until 10\.000"):
            await store.acquire("p", owner="ben", ttl=10)
    async with open_sqlite_store(path, clock=lambda: 0.0) as store:
        assert await store.due(0.0) == ["p"]
        assert (await store.acquire("p", owner="ben", ttl=10)).crashes == 1


async def test_a_lease_goes_on_over_a_restart_if_nobody_has_come(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p")
    async with open_sqlite_store(path) as store:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(store.append, lease, -1, [b"0"])
        await store.append(lease, 0, [b"1"])
        assert await store.read(lease) == [b"0", b"1"]


# ── Many at a time ───────────────────────────────────────────────────────────────────────────────


async def test_what_goes_on_hides_nothing_that_is_due(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        goes_on = await store.create("cart", b"", [], owner="here", ttl=1e6)
        await store.create("order", b"", [], owner="here", ttl=1e6)
    async with open_sqlite_store(path) as store:
        await store.renew([goes_on])
        assert await store.due(1e12, limit=1) == ["order"]


async def test_all_that_waits_is_one_transaction(path: Path) -> None:
    begun = 0

    def count(label: str) -> None:
        nonlocal begun
        begun += label == "batch:begun"

    async with open_sqlite_store(path) as store:
        leases = [await create(store, f"p{number}") for number in range(50)]
        async with held_at("batch:taken") as gate, trio.open_nursery() as nursery:
            nursery.start_soon(store.append, leases[0], -1, [b"first"])
            await gate.wait()
            for lease in leases[1:]:
                nursery.start_soon(store.append, lease, -1, [b"0"])
            await wait_all_tasks_blocked()
            watch(count)
            gate.opened.set()
        watch(None)
        assert begun == 2
        assert all([(await store.look(lease.page)).record.head == 0 for lease in leases])


async def test_appends_of_a_page_that_wait_are_kept_in_order(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p")
        async with held_at("batch:taken") as gate, trio.open_nursery() as nursery:
            nursery.start_soon(store.renew, [])
            await gate.wait()
            for number in range(20):
                nursery.start_soon(store.append, lease, number - 1, [b"%d" % number])
                await wait_all_tasks_blocked()
            gate.opened.set()
        assert await store.read(lease) == [b"%d" % number for number in range(20)]


async def test_one_that_is_refused_hurts_nobody_it_waits_with(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        good, bad = await create(store, "good"), await create(store, "bad")
        refused: list[Exception] = []

        async def conflicting() -> None:
            try:
                await store.append(bad, 7, [b"x"])
            except Conflict as conflict:
                refused.append(conflict)

        async with held_at("batch:taken") as gate, trio.open_nursery() as nursery:
            nursery.start_soon(store.renew, [])
            await gate.wait()
            nursery.start_soon(conflicting)
            nursery.start_soon(store.append, good, -1, [b"0"])
            await wait_all_tasks_blocked()
            gate.opened.set()
        assert len(refused) == 1
        assert (await store.look("good")).frames == [b"0"]
        assert (await store.look("bad")).frames == []


@pytest.mark.bulk
async def test_more_than_fit_into_one_transaction_take_several(path: Path) -> None:
    async with open_sqlite_store(path, level=Durability.PROCESS) as store:
        lease = await create(store, "p")
        async with held_at("batch:taken") as gate, trio.open_nursery() as nursery:
            nursery.start_soon(store.renew, [])
            await gate.wait()
            for _ in range(2500):
                nursery.start_soon(store.append, lease, -1, [])
            await wait_all_tasks_blocked()
            gate.opened.set()


@pytest.mark.bulk
async def test_what_was_written_is_brought_into_the_file(path: Path) -> None:
    labels: set[str] = set()
    watch(labels.add)
    try:
        async with open_sqlite_store(path, level=Durability.PROCESS) as store:
            lease = await create(store, "p")
            for number in range(40):
                await store.append(lease, number - 1, [b"x" * 1_000_000])
            log = path.with_name(path.name + "-wal").stat().st_size
    finally:
        watch(None)
    assert "checkpoint:after" in labels
    assert log < 24_000_000
    assert not path.with_name(path.name + "-wal").exists()


# ── Cancelled ────────────────────────────────────────────────────────────────────────────────────


async def test_an_append_that_is_cancelled_returns_at_once_and_is_kept_all_the_same(
    path: Path,
) -> None:
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p")
        async with held_at("batch:written") as gate:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(store.append, lease, -1, [b"0"])
                await gate.wait()
                nursery.cancel_scope.cancel()
            assert not gate.opened.is_set()  # the thread is held still
        with pytest.raises(Conflict) as conflict:
            await store.append(lease, -1, [b"again"])
        assert conflict.value.head == 0
        assert await store.read(lease) == [b"0"]


async def test_an_append_that_is_cancelled_before_it_begins_is_not_kept(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p")
        with trio.CancelScope() as scope:
            scope.cancel()
            await store.append(lease, -1, [b"0"])
        assert scope.cancelled_caught
        assert await store.read(lease) == []


async def test_closing_waits_for_what_was_accepted(path: Path) -> None:
    async with held_at("batch:taken") as gate:
        async with trio.open_nursery() as nursery, open_sqlite_store(path) as store:
            gate.opened.set()
            lease = await create(store, "p")
            gate.opened.clear()
            gate.reached.clear()
            for number in range(10):
                nursery.start_soon(store.append, lease, number - 1, [b"%d" % number])
                await wait_all_tasks_blocked()
            await gate.wait()
            nursery.cancel_scope.cancel()
            threading.Timer(0, gate.opened.set).start()
        with pytest.raises(StoreClosed, match="the store is closed"):
            await store.append(lease, 9, [b"too late"])
    async with open_sqlite_store(path) as store:
        assert (await store.look("p")).record.head == 9
