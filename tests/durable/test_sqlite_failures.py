"""The store in a file: how it fails, and what is told of damage."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import UsageError
from spindle.durable import (
    Chain,
    Durability,
    Fault,
    Fenced,
    Lease,
    NoSuchPage,
    PageLogCorrupt,
    PageStatus,
    SqliteStore,
    StoreFailed,
    open_sqlite_store,
    read_log,
)
from spindle.durable.sqlite.connection import Connection, connect
from spindle.durable.sqlite.store import open_database_store
from tests.durable.gate import create, held_at
from tests.durable.sqlite_bench import BreakingConnection, damage


def plain(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(path, isolation_level=None))


@asynccontextmanager
async def breaking(path: Path) -> AsyncGenerator[tuple[SqliteStore, BreakingConnection]]:
    made: list[BreakingConnection] = []

    def connecting(where: Path) -> Connection:
        made.append(BreakingConnection(connect(where)))
        return made[-1]

    level = Durability.POWER
    async with open_database_store(path, level, lambda: 0.0, connecting) as store:
        yield store, made[-1]


async def test_a_commit_that_fails_poisons_the_store(path: Path) -> None:
    async with breaking(path) as (store, connection):
        lease, other = await create(store, "p", b"0"), await create(store, "q")
        connection.fault = Fault.LOST
        with pytest.raises(StoreFailed) as failed:
            await store.append(lease, 0, [b"1"])
        assert failed.value.in_doubt
        assert str(failed.value).startswith(
            f"{path}: committing failed: OperationalError('disk I/O error (LOST)'); what was asked "
            f"may have been kept or not"
        )
        for call in (
            store.append(lease, 0, [b"1"]),
            store.append(other, -1, [b"0"]),
            store.create("r", b"", [], owner="ann", ttl=10),
            store.look("p"),
        ):
            with pytest.raises(StoreFailed, match=r"committing failed.* was not kept") as later:
                await call
            assert not later.value.in_doubt
    async with open_sqlite_store(path) as store:
        assert (await store.look("p")).frames == [b"0"]


async def test_a_full_disk_poisons_the_store(path: Path) -> None:
    async with breaking(path) as (store, connection):
        lease = await create(store, "p", b"0")
        for _ in connection.execute("PRAGMA max_page_count = 20"):
            pass
        with pytest.raises(StoreFailed, match="database or disk is full") as failed:
            await store.append(lease, 0, [b"x" * 100_000])
        assert not failed.value.in_doubt
        with pytest.raises(StoreFailed, match="database or disk is full"):
            await store.append(lease, 0, [b"1"])
    async with open_sqlite_store(path) as store:
        assert (await store.look("p")).frames == [b"0"]


async def test_everyone_who_waits_learns_of_a_failure(path: Path) -> None:
    async with breaking(path) as (store, connection):
        leases = [await create(store, f"p{number}") for number in range(5)]
        failures: list[StoreFailed] = []

        async def append(lease: Lease) -> None:
            try:
                await store.append(lease, -1, [b"0"])
            except StoreFailed as failed:
                failures.append(failed)

        async with held_at("batch:taken") as gate, trio.open_nursery() as nursery:
            nursery.start_soon(store.renew, [])
            await gate.wait()
            connection.fault = Fault.UNANSWERED
            for lease in leases:
                nursery.start_soon(append, lease)
            await wait_all_tasks_blocked()
            gate.opened.set()
        assert len(failures) == len(set(map(id, failures))) == 5
    async with open_sqlite_store(path) as store:
        assert (await store.look("p4")).frames == [b"0"]


async def test_frames_that_are_lost_in_the_file_are_missed(path: Path) -> None:
    """The head that a release has noted is there still."""
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p", b"0", b"1", b"2")
        await store.release(lease)
    with plain(path) as file:
        file.execute("DELETE FROM frames WHERE seq = 2")
    async with open_sqlite_store(path) as store:
        kept = await store.look("p")
        assert (kept.record.head, len(kept.frames)) == (2, 2)


async def test_a_log_that_was_damaged_goes_on_from_what_is_intact(path: Path) -> None:
    chain = Chain("p")
    frames = [chain.seal(0.0, b"%d" % number) for number in range(5)]
    async with open_sqlite_store(path) as store:
        await store.create("p", b"", frames, owner="ann", ttl=10)
    damage(path, "p", 3)
    async with open_sqlite_store(path) as store:
        lease = await store.acquire("p", owner="ann", ttl=10)
        again = Chain("p")
        with pytest.raises(PageLogCorrupt) as found:
            list(read_log(again, await store.read(lease), lease.head))
        assert found.value.intact == range(3)
        assert (await store.look("p")).record.head == 4  # nothing was changed by finding it
        await store.rewind(lease, again.head)
        await store.append(lease, again.head, [again.seal(1.0, b"3 again")])
        whole = read_log(Chain("p"), await store.read(lease), 3)
        assert [frame.body for frame in whole] == [b"0", b"1", b"2", b"3 again"]


def overwrite_the_end(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-8192:] = bytes([255]) * 8192
    path.write_bytes(content)


async def test_a_file_that_is_found_damaged_is_told_as_such(path: Path) -> None:
    async with open_sqlite_store(path) as store:
        for number in range(20):
            await store.release(await create(store, f"p{number}", bytes(3000)))
    overwrite_the_end(path)
    async with open_sqlite_store(path) as store:
        lease = await store.acquire("p19", owner="ann", ttl=10)
        with pytest.raises(StoreFailed) as found:
            await store.read(lease)
    assert "reading failed: DatabaseError('database disk image is malformed'). It is" in str(
        found.value
    )
    assert "damaged: copy it away, then put back a copy that is whole" in str(found.value)


async def test_an_argument_that_cannot_be_written_ends_no_store(path: Path) -> None:
    nan, lone = float("nan"), "\udc00"
    async with open_sqlite_store(path) as store:
        lease = await create(store, "p", b"0")
        for call in (
            store.create(lone, b"", [], owner="ann", ttl=10),
            store.create("q", b"", [], owner=lone, ttl=10),
            store.create("q", b"", [], owner="ann", ttl=nan),
            store.create("q", "text", [], owner="ann", ttl=10),  # type: ignore[arg-type]
            store.acquire("p", owner=7, ttl=10),  # type: ignore[arg-type]
            store.read(lease, 1 << 70),
            store.append(lease, 0, [bytearray()]),  # type: ignore[list-item]
            store.snapshot(lease, 0, "text"),  # type: ignore[arg-type]
            store.snapshot(lease, 1 << 70, b""),
            store.rewind(lease, True),
            store.release(lease, status="live"),  # type: ignore[arg-type]
            store.release(lease, wake_at=nan),
            store.due(nan),
            store.due(0.0, -1),
            store.pages(after=lone),
            store.pages(limit=1 << 70),
            store.purge(nan),
        ):
            with pytest.raises(UsageError):
                await call
        for page in (lone, "", "two words", "x" * 1000):
            with pytest.raises(NoSuchPage):
                await store.look(page)
            with pytest.raises(NoSuchPage):
                await store.acquire(page, owner="ann", ttl=10)
        await store.append(lease, 0, [b"1"])


async def test_a_page_that_is_gone_fences(path: Path) -> None:
    async with open_sqlite_store(path, clock=lambda: 0.0) as store:
        lease = await create(store, "p", b"0")
        await store.release(lease, status=PageStatus.ENDED)
        assert await store.purge(1.0) == 1
        assert await store.renew([lease]) == [lease]
        with pytest.raises(Fenced, match="it was purged"):
            await store.append(lease, 0, [b"1"])
