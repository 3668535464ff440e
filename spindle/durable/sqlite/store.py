"""A store in one SQLite file."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from spindle._core.errors import UsageError
from spindle.durable.checks import (
    checked_bytes,
    checked_frames,
    checked_name,
    checked_new_name,
    checked_number,
    checked_owner,
    checked_status,
    checked_time,
)
from spindle.durable.sqlite import jobs
from spindle.durable.sqlite.connection import Connect, connect
from spindle.durable.sqlite.database import Database
from spindle.durable.sqlite.writer import Writer
from spindle.durable.store import Durability, Kept, Lease, PageRecord, PageStatus

__all__ = ["SqliteStore", "open_database_store", "open_sqlite_store"]


class SqliteStore:
    """A store in one SQLite file, made by `open_sqlite_store`.

    Its calls are those of `Store`, which tells what each takes, returns and raises. Each waits for
    its turn in the thread that has the file, and if it changes something for the disk. One that is
    cancelled returns at once; what was asked is done all the same, if it had begun to wait.

    A page whose row in the file is not what was written raises `PageLogCorrupt` wherever it is
    asked for by name; lists leave it out, and the other pages go on.
    """

    def __init__(self, writer: Writer, path: Path, level: Durability) -> None:
        self._writer = writer
        self._path = path
        self._level = level

    def __repr__(self) -> str:
        return f"<SqliteStore {self._path}>"

    @property
    def path(self) -> Path:
        """The file; beside it stand its write-ahead log, that log's index, and its lock."""
        return self._path

    @property
    def level(self) -> Durability:
        """What an acknowledged call outlives."""
        return self._level

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        """Keep a new page with the first frames of its log, and acquire it."""
        page, owner = checked_new_name(page), checked_owner(owner)
        checked_bytes("meta", meta)
        ttl = checked_time("ttl", ttl)
        kept = checked_frames(frames)
        return await self._writer.do(
            partial(jobs.create, page=page, meta=meta, frames=kept, owner=owner, ttl=ttl)
        )

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        """Get the right to write to a page; who had it before is fenced off."""
        page, owner = checked_name(page), checked_owner(owner)
        ttl = checked_time("ttl", ttl)
        return await self._writer.do(partial(jobs.acquire, page=page, owner=owner, ttl=ttl))

    async def read(self, lease: Lease, after: int = -1) -> Sequence[bytes]:
        """Return the frames behind one number, in order, as they were appended."""
        checked_number("after", after)
        return await self._writer.do(partial(jobs.read, lease=lease, after=after), writes=False)

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        """Add frames to a log, all of them or none; return when they are kept."""
        await self._writer.append(lease, expected_head, checked_frames(frames))

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        """Keep a snapshot in place of the one before, and remove frames, both or neither."""
        checked_bytes("a snapshot", blob)
        checked_number("seq", seq, 0)
        checked_number("prune_to", prune_to)
        await self._writer.do(
            partial(jobs.snapshot, lease=lease, seq=seq, blob=blob, prune_to=prune_to)
        )

    async def rewind(self, lease: Lease, head: int) -> None:
        """Remove the frames behind a number for good."""
        checked_number("head", head)
        await self._writer.do(partial(jobs.rewind, lease=lease, head=head))

    async def renew(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        """Let leases hold for their `ttl` from now on; return those that are over."""
        return await self._writer.do(partial(jobs.renew, leases=list(leases)), writes=False)

    async def release(
        self,
        lease: Lease,
        *,
        status: PageStatus = PageStatus.LIVE,
        wake_at: float | None = None,
    ) -> None:
        """End a lease."""
        checked_status(status)
        wake_at = None if wake_at is None else checked_time("wake_at", wake_at)
        await self._writer.do(partial(jobs.release, lease=lease, status=status, wake_at=wake_at))

    async def due(self, now: float, limit: int = 100) -> Sequence[str]:
        """Return live pages that nobody holds and somebody has to take up."""
        now = checked_time("now", now)
        checked_number("limit", limit, 0)
        return await self._writer.do(partial(jobs.due, now=now, limit=limit), writes=False)

    async def pages(
        self, status: PageStatus | None = None, *, after: str = "", limit: int = 1000
    ) -> Sequence[PageRecord]:
        """List pages by name."""
        after = "" if after == "" else checked_new_name(after)
        status = None if status is None else checked_status(status)
        checked_number("limit", limit, 0)
        return await self._writer.do(
            partial(jobs.pages, status=status, after=after, limit=limit), writes=False
        )

    async def look(self, page: str) -> Kept:
        """Return all of a page, without a lease."""
        page = checked_name(page)
        return await self._writer.do(partial(jobs.look, page=page), writes=False)

    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        """Remove pages that were released before a time, and are not held."""
        before = checked_time("before", before)
        checked_status(status)
        checked_number("limit", limit, 0)
        return await self._writer.do(partial(jobs.purge, before=before, status=status, limit=limit))


@asynccontextmanager
async def open_sqlite_store(
    path: str | Path,
    *,
    level: Durability = Durability.POWER,
    clock: Callable[[], float] = time.time,
) -> AsyncGenerator[SqliteStore]:
    """Open a store in a SQLite file, for this process alone.

    One thread does all that is asked. What waits while it writes is kept with the next flush to the
    disk, whichever pages it is of: appends of many pages cost little more than one.

    Args:
        path: of the file; it is made if it is not there, its folder is not.
        level: `POWER` flushes the disk for each group of appends, `PROCESS` only now and then:
            when power is lost, the last of them may be. `MEMORY` is what `MemoryStore` is for.
        clock: tells the time that leases go by.

    Returns:
        The store. Leaving the block, in any way, keeps what was accepted, then closes the file;
        what is asked of the store afterwards raises `StoreClosed`.

    Raises:
        StoreInUse: another process has the file open, or this one has; the message names it. A
            process that was killed is in nobody's way.
        NotAStore: the file is something else.
        StoreTooNew: a newer Spindle has made it.
        StoreFailed: the file cannot be opened, or, on leaving, not closed as it has to be.
        UsageError: `level` is `MEMORY`.
    """
    if level is Durability.MEMORY:
        raise UsageError("a file outlives its process: use MemoryStore, or level PROCESS")
    async with open_database_store(Path(path), level, clock, connect) as store:
        yield store


@asynccontextmanager
async def open_database_store(
    path: Path, level: Durability, clock: Callable[[], float], connect: Connect
) -> AsyncGenerator[SqliteStore]:
    """Open a store over connections of any kind."""
    writer = Writer(partial(Database, path, level, clock, connect))
    await writer.start()
    try:
        yield SqliteStore(writer, path, level)
    finally:
        await writer.close()  # noqa: ASYNC102 - shielded, and as long as the disk takes
