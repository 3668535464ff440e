"""What a store knows of a page beside its frames, and what may be done to it by whom.

The rules are the same for every store here. Each checks everything before it changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from spindle._core.errors import UsageError
from spindle.durable.errors import Busy, Conflict, Fenced
from spindle.durable.store import Lease, PageRecord, PageStatus, Snapshot

__all__ = ["Row"]


@dataclass
class Row:
    """One page.

    Attributes:
        page: its name.
        meta: what it was created with.
        status: what it was released with last.
        epoch: of the lease that holds; 0 if none does. Each is greater than all that the store has
            ever granted, since a page may be purged and its name come again.
        owner: who has not released it yet.
        until: when that lease lapses.
        wake_at: when it is due.
        head: the number of the last frame.
        pruned: the number of the last frame that was removed.
        covered: the number of the last frame that the snapshot covers; -1 if there is none.
        crashes: leases in a row that ended without a release at the same head.
        crashed_at: that head.
        changed: when it was created, acquired or released last.
    """

    page: str
    meta: bytes
    status: PageStatus = PageStatus.LIVE
    epoch: int = 0
    owner: str | None = None
    until: float = 0.0
    wake_at: float | None = None
    head: int = -1
    pruned: int = -1
    covered: int = -1
    crashes: int = 0
    crashed_at: int = -1
    changed: float = 0.0

    def acquire(self, owner: str, ttl: float, now: float, epoch: int) -> None:
        """Give it to somebody, under a new epoch.

        Raises:
            Busy: somebody else holds it.
        """
        if self.owner is not None:
            if now < self.until:
                raise Busy(self.page, self.owner, self.until)
            self.crashes = self.crashes + 1 if self.crashed_at == self.head else 1
            self.crashed_at = self.head
        self.epoch = epoch
        self.owner = owner
        self.until = now + ttl
        self.changed = now

    def lease(self, ttl: float, snapshot: Snapshot | None) -> Lease:
        """The lease of who has just acquired it."""
        assert self.owner is not None
        crashes = self.crashes if self.crashed_at == self.head else 0
        return Lease(
            self.page,
            self.owner,
            self.epoch,
            ttl,
            self.head,
            self.meta,
            self.status,
            self.wake_at,
            snapshot,
            crashes,
        )

    def hold(self, lease: Lease) -> None:
        """Check that a lease is not over.

        Raises:
            Fenced: it is.
        """
        if lease.epoch != self.epoch:
            raise Fenced(self.page, lease.epoch, self.epoch)

    def follow(self, lease: Lease, expected_head: int) -> None:
        """Check that frames behind one number may be appended.

        Raises:
            Fenced: the lease is over.
            Conflict: the log ends elsewhere.
        """
        if lease.epoch != self.epoch:
            raise Fenced(self.page, lease.epoch, self.epoch)
        if expected_head != self.head:
            raise Conflict(self.page, expected_head, self.head)

    def read(self, lease: Lease, after: int) -> None:
        """Check that all frames behind one number are there.

        Raises:
            Fenced: the lease is over.
            UsageError: they are not.
        """
        self.hold(lease)
        if after < self.pruned:
            raise UsageError(
                f"frames up to {self.pruned} of page {self.page!r} were pruned: begin with its "
                f"snapshot, and read what comes after frame {self.covered}"
            )

    def cover(self, lease: Lease, seq: int, prune_to: int) -> None:
        """Note a snapshot.

        Raises:
            Fenced: the lease is over.
            UsageError: it does not cover what it has to.
        """
        self.hold(lease)
        if not max(0, self.covered, prune_to) <= seq <= self.head:
            raise UsageError(
                f"a snapshot of page {self.page!r} cannot cover frames up to {seq}: the log ends "
                f"with {self.head}, the snapshot before covers up to {self.covered}, and frames up "
                f"to {prune_to} are to go"
            )
        self.covered = seq
        self.pruned = max(self.pruned, prune_to)

    def rewind(self, lease: Lease, head: int) -> None:
        """Let the log end earlier.

        Raises:
            Fenced: the lease is over.
            UsageError: it cannot end there.
        """
        self.hold(lease)
        first = max(self.pruned, self.covered)
        if not first <= head <= self.head:
            raise UsageError(
                f"the log of page {self.page!r} can be rewound to a frame from {first} to "
                f"{self.head}, not to {head}"
            )
        self.head = head

    def renew(self, lease: Lease, now: float) -> bool:
        """Let a lease hold on from now; False if it is over."""
        if lease.epoch != self.epoch:
            return False
        self.until = now + lease.ttl
        return True

    def release(self, lease: Lease, status: PageStatus, wake_at: float | None, now: float) -> None:
        """End a lease.

        Raises:
            Fenced: it was over.
        """
        self.hold(lease)
        self.leave(now)
        self.status = status
        self.wake_at = wake_at
        self.crashes = 0
        self.crashed_at = -1

    def leave(self, now: float) -> None:
        """Let nobody hold it."""
        self.changed = now
        self.epoch = 0
        self.owner = None

    def held(self, now: float) -> bool:
        """Whether somebody holds it."""
        return self.owner is not None and now < self.until

    def due(self, by: float, now: float) -> float | None:
        """Since when it is to be taken up; None if it need not be by that time."""
        if self.status is not PageStatus.LIVE or self.held(now):
            return None
        if self.owner is not None:
            return self.until
        return self.wake_at if self.wake_at is not None and self.wake_at <= by else None

    def lapse(self) -> None:
        """End the lease of a process that is gone: it holds no longer, and was not released."""
        self.until = min(self.until, self.changed)

    def is_old(self, before: float, status: PageStatus) -> bool:
        """Whether it may be removed."""
        waits = status is PageStatus.LIVE and self.wake_at is not None
        old = self.owner is None and self.changed < before
        return self.status is status and old and not waits

    def record(self) -> PageRecord:
        """As it is listed."""
        until = None if self.owner is None else self.until
        return PageRecord(
            self.page,
            self.status,
            self.head,
            self.pruned,
            self.owner,
            until,
            self.wake_at,
            self.changed,
        )
