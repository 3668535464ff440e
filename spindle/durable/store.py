"""What a store is: it keeps the logs of pages, as bytes, and knows who may write to which.

Eight guarantees, which `spindle.testing.stores` tries to break:

- G1: an append is kept whole or not at all.
- G2: what is kept of a log is a beginning of it, without a gap.
- G3: once a page was acquired anew, nothing from an earlier lease of it succeeds.
- G4: who holds a page reads all that it has been told is kept.
- G5: a log has one frame of each number.
- G6: frames come back byte for byte; of damage the reader learns, it is never passed over.
- G7: what was acknowledged is kept as the store's level says.
- G8: once a call has raised `StoreFailed`, every later append does.

Clocks decide how soon somebody else may have a page; that two never write to it is decided by the
epoch, a number that grows with each lease and is compared in the append itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

__all__ = ["Durability", "Kept", "Lease", "PageRecord", "PageStatus", "Snapshot", "Store"]


class Durability(Enum):
    """What an acknowledged append outlives."""

    POWER = "power"
    """The machine losing power. The log is flushed to the disk for each group of appends."""
    PROCESS = "process"
    """The end of the process, also by a kill. When power is lost, the last appends may be."""
    MEMORY = "memory"
    """Nothing: for tests, and for pages that may go."""


class PageStatus(Enum):
    """What is to become of a page that nobody holds."""

    LIVE = "live"
    """It goes on when somebody comes, or when it is due."""
    PARKED = "parked"
    """It cannot go on by itself."""
    ENDED = "ended"
    """It is over, and kept to be looked at."""


@dataclass(frozen=True)
class Snapshot:
    """What the frames up to a number lead to.

    Attributes:
        seq: the number of the last frame it covers.
        blob: its bytes.
    """

    seq: int
    blob: bytes = field(repr=False)


@dataclass(frozen=True, eq=False)
class Lease:
    """The right to write to one page, until somebody else has it.

    Attributes:
        page: its name.
        owner: who holds it.
        epoch: the number of the lease: each of a name is greater than all before, also if the page
            was purged in between.
        ttl: for how many seconds it holds without being renewed.
        head: the number of the last frame when it was granted; -1 if there is none.
        meta: what the page was created with.
        status: what it was released with last.
        wake_at: when it was to be woken, as it was released last.
        snapshot: the newest one.
        crashes: how many leases in a row, right before this one, have ended without a release
            while the log ended at `head`; 0 if the last was released. The first of them counts
            whether it has appended or not. A page whose next input ends the process shows by it.
    """

    page: str
    owner: str
    epoch: int
    ttl: float
    head: int
    meta: bytes = field(repr=False)
    status: PageStatus = PageStatus.LIVE
    wake_at: float | None = None
    snapshot: Snapshot | None = None
    crashes: int = 0


@dataclass(frozen=True)
class PageRecord:
    """A page as a store lists it.

    Attributes:
        page: its name.
        status: what it was released with last.
        head: the number of its last frame; -1 if there is none.
        pruned: the number of the last frame that was removed behind a snapshot; -1 if none was.
        owner: who has acquired it and not released it yet.
        until: when that lease ends unless it is renewed.
        wake_at: when it is due.
        changed: when it was created, acquired or released last, on the store's clock.
    """

    page: str
    status: PageStatus
    head: int
    pruned: int
    owner: str | None
    until: float | None
    wake_at: float | None
    changed: float


@dataclass(frozen=True)
class Kept:
    """All that a store has of a page.

    Attributes:
        record: as it is listed.
        meta: what the page was created with.
        snapshot: the newest one.
        frames: the ones that were not pruned, in order.
    """

    record: PageRecord
    meta: bytes = field(repr=False)
    snapshot: Snapshot | None = None
    frames: Sequence[bytes] = field(default=(), repr=False)


class Store(Protocol):
    """Keeps logs of pages: bytes and numbers, nothing of what they mean.

    Every call is a checkpoint. It raises `StoreFailed` if the store breaks, `StoreClosed` after its
    end, and `UsageError`, doing nothing, for an argument that cannot be kept; a call for one page
    may raise `PageLogCorrupt` if the store finds that what it knows of the page is damaged. A call
    that is cancelled while it waits may be carried out all the same: the caller may take neither
    for granted. Where a log ends is told by `look`, and by the next lease.

    Names of pages have neither blanks nor control characters, and at most 200 characters.
    """

    @property
    def level(self) -> Durability:
        """What an acknowledged call outlives."""
        ...

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        """Keep a new page with the first frames of its log, and acquire it.

        Both at once, since who creates a page goes on with it, and a call less is a flush less.

        Args:
            page: its name.
            meta: what is known of it for good.
            frames: those from number 0 on.
            owner: who acquires it: the process, most often.
            ttl: for how many seconds the lease holds without being renewed.

        Returns:
            The right to write to it.

        Raises:
            PageExists: the name is taken. An earlier call may have taken it whose answer was lost.
        """
        ...

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        """Get the right to write to a page; who had it before is fenced off.

        Args:
            page: its name.
            owner: who wants it.
            ttl: for how many seconds the lease holds without being renewed.

        Returns:
            The right to write to it, with what is known of the page now.

        Raises:
            Busy: somebody holds it; the same owner, too, if it is another lease.
            NoSuchPage: there is none.
        """
        ...

    async def read(self, lease: Lease, after: int = -1) -> Sequence[bytes]:
        """Return the frames behind one number, in order, as they were appended.

        Args:
            lease: of the page.
            after: the number of the frame that they follow; -1 for all.

        Raises:
            Fenced: the lease is over.
            UsageError: some of them were pruned.
        """
        ...

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        """Add frames to a log, all of them or none; return when they are kept.

        Several may wait at a time, for one page too: they are kept in the order of the calls.

        Args:
            lease: of the page.
            expected_head: the number of the frame that they follow.
            frames: the first gets the number `expected_head + 1`. None at all is a way to wait for
                what was appended before.

        Raises:
            Conflict: the log ends with another frame.
            Fenced: the lease is over.
        """
        ...

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        """Keep a snapshot in place of the one before, and remove frames, both or neither.

        Args:
            lease: of the page.
            seq: the number of the last frame that it covers.
            blob: its bytes.
            prune_to: frames up to this number are removed; at most `seq`.

        Raises:
            Fenced: the lease is over.
            UsageError: it covers frames that are not there, fewer than the one before, or fewer
                than are to be removed.
        """
        ...

    async def rewind(self, lease: Lease, head: int) -> None:
        """Remove the frames behind a number for good: for tools, on somebody's word.

        Args:
            lease: of the page.
            head: the number of the frame that is the last from then on; -1 removes all.

        Raises:
            Fenced: the lease is over.
            UsageError: there is no such frame, or the snapshot covers frames behind it.
        """
        ...

    async def renew(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        """Let leases hold for their `ttl` from now on.

        Args:
            leases: of any pages.

        Returns:
            Those that are over, and were not renewed.
        """
        ...

    async def release(
        self,
        lease: Lease,
        *,
        status: PageStatus = PageStatus.LIVE,
        wake_at: float | None = None,
    ) -> None:
        """End a lease.

        Args:
            lease: which.
            status: what is to become of the page.
            wake_at: when `due` is to list it, if it is live.

        Raises:
            Fenced: it was over.
        """
        ...

    async def due(self, now: float, limit: int = 100) -> Sequence[str]:
        """Return live pages that nobody holds and somebody has to take up, the longest due first.

        Those are the pages whose `wake_at` has come, and those whose lease has lapsed without a
        release: what waits there for time or for an answer, its store cannot know.

        Args:
            now: pages due by then are listed.
            limit: at most so many.

        Returns:
            Their names.
        """
        ...

    async def pages(
        self, status: PageStatus | None = None, *, after: str = "", limit: int = 1000
    ) -> Sequence[PageRecord]:
        """List pages by name.

        Args:
            status: only those of one status.
            after: only those whose names come behind it: the last name of the list before.
            limit: at most so many.
        """
        ...

    async def look(self, page: str) -> Kept:
        """Return all of a page, without a lease: for tools, and after a call in doubt.

        Raises:
            NoSuchPage: there is none.
        """
        ...

    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        """Remove pages with all they have that were released before a time, and are not held.

        A live page that was released with a `wake_at` stays: it goes on by itself.

        Args:
            before: on the store's clock.
            status: only those of this status.
            limit: at most so many at a time.

        Returns:
            How many were removed. As many as the limit: there may be more.
        """
        ...
