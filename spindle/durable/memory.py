"""A store that keeps everything in memory, and breaks when it is told to."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import trio

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
from spindle.durable.errors import Fenced, NoSuchPage, PageExists, StoreClosed, StoreFailed
from spindle.durable.faults import Call, Fault, Faults
from spindle.durable.row import Row
from spindle.durable.store import Durability, Kept, Lease, PageRecord, PageStatus, Snapshot

__all__ = ["MemoryStore"]


@dataclass
class _Log:
    """A page: its frames are those from `row.pruned + 1` on."""

    row: Row
    frames: list[bytes] = field(default_factory=list)
    snapshot: Snapshot | None = None
    torn: bytes = b""


class MemoryStore:
    """A store for tests: it keeps what it is given until the program ends.

    Its calls are those of `Store`, which tells what each takes, returns and raises, and what
    becomes of one that is cancelled: here, one that waits is not carried out any more. They wait
    for nothing but one another, and what `delay` was asked for.

    Args:
        clock: tells the time that leases go by.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._logs: dict[str, _Log] = {}
        self._epochs = count(1)
        self._faults = Faults()
        self._order = trio.StrictFIFOLock()
        self._failed: str | None = None
        self._closed = False

    @property
    def level(self) -> Durability:
        """`MEMORY`."""
        return Durability.MEMORY

    # ── Breaking it ──────────────────────────────────────────────────────────────────────────────

    def fail(self, fault: Fault, *, nth: int = 1, call: Call = "append") -> None:
        """Let a call go wrong.

        Args:
            fault: how.
            nth: which: the next is 1.
            call: counted are calls of this kind.

        Raises:
            UsageError: `nth` is below 1.
        """
        self._faults.fail(fault, nth, call)

    def delay(self, *, nth: int = 1, call: Call = "append", kept: bool = False) -> trio.Event:
        """Let a call wait, and with it all that come later.

        Args:
            nth: which: the next is 1.
            call: counted are calls of this kind.
            kept: it is carried out at once, and its answer waits.

        Returns:
            Set it, and the call goes on.

        Raises:
            UsageError: `nth` is below 1.
        """
        return self._faults.delay(nth, call, kept)

    def damage(self, page: str, seq: int) -> None:
        """Change a bit of a frame that is kept.

        Raises:
            NoSuchPage: there is no such page.
            UsageError: it has no such frame.
        """
        log = self._log(page)
        index = seq - log.row.pruned - 1
        if not 0 <= index < len(log.frames):
            raise UsageError(f"page {page!r} has no frame {seq} to be damaged")
        frame = bytearray(log.frames[index])
        frame[len(frame) // 2] ^= 1
        log.frames[index] = bytes(frame)

    def restarted(self) -> MemoryStore:
        """Return the store as it is after its process was killed and started anew.

        It has what was kept; nobody holds a page. This one is closed by it.
        """
        store = type(self)(clock=self._clock)
        store._logs = self._logs
        store._epochs = self._epochs
        for log in self._logs.values():
            log.row.lapse()
            log.torn = b""
        self._closed = True
        return store

    # ── A store ──────────────────────────────────────────────────────────────────────────────────

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        """Keep a new page with the first frames of its log, and acquire it."""
        page, owner = checked_new_name(page), checked_owner(owner)
        checked_bytes("meta", meta)
        ttl = checked_time("ttl", ttl)
        kept = checked_frames(frames)
        async with self._call("create") as cut:
            if page in self._logs:
                raise PageExists(page)
            if cut is not None:
                raise cut
            row = Row(page, meta, head=len(kept) - 1)
            row.acquire(owner, ttl, self._clock(), next(self._epochs))
            self._logs[page] = _Log(row, kept)
            return row.lease(ttl, None)

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        """Get the right to write to a page; who had it before is fenced off."""
        page, owner = checked_name(page), checked_owner(owner)
        ttl = checked_time("ttl", ttl)
        async with self._call("acquire") as cut:
            log = self._log(page)
            if cut is not None:
                raise cut
            log.row.acquire(owner, ttl, self._clock(), next(self._epochs))
            return log.row.lease(ttl, log.snapshot)

    async def read(self, lease: Lease, after: int = -1) -> Sequence[bytes]:
        """Return the frames behind one number, in order, as they were appended."""
        checked_number("after", after)
        async with self._call(None):
            log = self._held(lease)
            log.row.read(lease, after)
            return log.frames[after - log.row.pruned :]

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        """Add frames to a log, all of them or none; return when they are kept."""
        kept = checked_frames(frames)
        async with self._call("append", lease) as cut:
            log = self._held(lease)
            log.row.follow(lease, expected_head)
            if cut is not None:
                log.torn = b"".join(kept)[: sum(map(len, kept)) // 2]
                raise cut
            log.frames += kept
            log.row.head += len(kept)

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        """Keep a snapshot in place of the one before, and remove frames, both or neither."""
        checked_bytes("a snapshot", blob)
        checked_number("seq", seq, 0)
        checked_number("prune_to", prune_to)
        async with self._call("snapshot", lease) as cut:
            log = self._held(lease)
            if cut is not None:
                raise cut
            before = log.row.pruned
            log.row.cover(lease, seq, prune_to)
            log.snapshot = Snapshot(seq, blob)
            del log.frames[: log.row.pruned - before]

    async def rewind(self, lease: Lease, head: int) -> None:
        """Remove the frames behind a number for good."""
        checked_number("head", head)
        async with self._call("rewind", lease) as cut:
            log = self._held(lease)
            if cut is not None:
                raise cut
            log.row.rewind(lease, head)
            del log.frames[head - log.row.pruned :]

    async def renew(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        """Let leases hold for their `ttl` from now on; return those that are over."""
        async with self._call("renew") as cut:
            if cut is not None:
                raise cut
            now = self._clock()
            return [each for each in leases if not self._renewed(each, now)]

    def _renewed(self, lease: Lease, now: float) -> bool:
        log = self._logs.get(lease.page)
        return log is not None and log.row.renew(lease, now)

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
        async with self._call("release", lease) as cut:
            log = self._held(lease)
            if cut is not None:
                raise cut
            log.row.release(lease, status, wake_at, self._clock())

    async def due(self, now: float, limit: int = 100) -> Sequence[str]:
        """Return live pages that nobody holds and somebody has to take up."""
        now = checked_time("now", now)
        checked_number("limit", limit, 0)
        async with self._call(None):
            clock = self._clock()
            since = {page: log.row.due(now, clock) for page, log in self._logs.items()}
            due = [(when, page) for page, when in since.items() if when is not None]
            return [page for _, page in sorted(due)[:limit]]

    async def pages(
        self, status: PageStatus | None = None, *, after: str = "", limit: int = 1000
    ) -> Sequence[PageRecord]:
        """List pages by name."""
        after = "" if after == "" else checked_new_name(after)
        status = None if status is None else checked_status(status)
        checked_number("limit", limit, 0)
        async with self._call(None):
            rows = [self._logs[page].row for page in sorted(self._logs) if page > after]
            return [row.record() for row in rows if status in (None, row.status)][:limit]

    async def look(self, page: str) -> Kept:
        """Return all of a page, without a lease."""
        page = checked_name(page)
        async with self._call(None):
            log = self._log(page)
            return Kept(log.row.record(), log.row.meta, log.snapshot, tuple(log.frames))

    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        """Remove pages that were released before a time, and are not held."""
        before = checked_time("before", before)
        checked_status(status)
        checked_number("limit", limit, 0)
        async with self._call(None):
            old = [page for page, log in self._logs.items() if log.row.is_old(before, status)]
            for page in old[:limit]:
                del self._logs[page]
            return len(old[:limit])

    def _log(self, page: str) -> _Log:
        if page not in self._logs:
            raise NoSuchPage(page)
        return self._logs[page]

    def _held(self, lease: Lease) -> _Log:
        if lease.page not in self._logs:
            raise Fenced(lease.page, lease.epoch, None)
        log = self._logs[lease.page]
        log.row.hold(lease)
        return log

    @asynccontextmanager
    async def _call(
        self, call: Call | None, lease: Lease | None = None
    ) -> AsyncGenerator[StoreFailed | None]:
        """One call at a time, with what was asked to go wrong with it.

        Gives what to raise where something was to be kept, if it is not.
        """
        fault, answered = None, None
        async with self._order:
            self._check_open()
            if call is not None:
                fault, until, answered = self._faults.count(call)
                if until is not None:
                    await until.wait()
            if fault is Fault.FENCED and lease is not None:
                self._log(lease.page).row.leave(self._clock())
            cut = self._cut(fault)
            yield cut
            if fault is Fault.UNANSWERED:
                raise self._broken(fault, in_doubt=True)
        if answered is not None:
            await answered.wait()

    def _cut(self, fault: Fault | None) -> StoreFailed | None:
        if fault in (Fault.LOST, Fault.TORN, Fault.FULL):
            return self._broken(fault, in_doubt=fault is not Fault.FULL)
        return None

    def _broken(self, fault: Fault, *, in_doubt: bool) -> StoreFailed:
        self._failed = f"the store in memory failed, as it was told to: {fault.value}"
        return StoreFailed(self._failed, in_doubt=in_doubt)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed("the store in memory was restarted: use the one that came of it")
        if self._failed is not None:
            raise StoreFailed(self._failed)
