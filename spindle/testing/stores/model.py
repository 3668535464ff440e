"""What a store has to have of a page, as simple as it gets: a list and some fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from spindle._core.names import bounded, shown
from spindle.durable.errors import PageLogCorrupt
from spindle.durable.frames import Chain, Frame, read_log
from spindle.durable.store import Kept, Lease, PageRecord, PageStatus, Snapshot

__all__ = ["Page", "Wrong", "broken", "called", "chain_of"]


def broken(guarantee: str, what: str) -> AssertionError:
    """What the suite raises."""
    return AssertionError(f"{guarantee}: {what}")


def called(page: str) -> str:
    """A page's name, as it is told: long ones by their length and their end."""
    return page if len(page) <= 20 else f"{page[:4]}…{page[-4:]} ({len(page)} characters)"


@dataclass(frozen=True)
class Wrong:
    """What is not as it has to be.

    Attributes:
        said: what, what was expected, and what is there.
        in_bytes: bytes came back as others.
    """

    said: str
    in_bytes: bool

    def broken(self, guarantee: str) -> AssertionError:
        """What the suite raises: bytes that are others are G6, all else is what is told here."""
        return broken("G6" if self.in_bytes else guarantee, self.said)


@dataclass(frozen=True)
class Page:
    """A page as it has to be; whatever is done to it makes another.

    Attributes:
        frames: all there ever were, also those that were pruned.
        owner: who has not released it yet, whether its time is over or not.
        lease: that one's; None if its answer was lost.
        until: when that time is over.
        exact: `until` is just that; otherwise the store was opened anew, and it is over since then
            or earlier.
        changed: when it was created, acquired or released last.
        crashes: leases in a row that were not released, at the head `crashed_at`.
    """

    name: str
    meta: bytes = field(repr=False)
    frames: Sequence[bytes] = field(default=(), repr=False)
    pruned: int = -1
    snapshot: Snapshot | None = None
    status: PageStatus = PageStatus.LIVE
    wake_at: float | None = None
    owner: str | None = None
    lease: Lease | None = None
    ttl: float = 0.0
    until: float = 0.0
    exact: bool = True
    changed: float = 0.0
    crashes: int = 0
    crashed_at: int = -1

    @property
    def head(self) -> int:
        """The number of the last frame."""
        return len(self.frames) - 1

    @property
    def covered(self) -> int:
        """The number of the last frame that the snapshot covers."""
        return -1 if self.snapshot is None else self.snapshot.seq

    def taken(self, now: float) -> bool:
        """Whether it is held, and may not be acquired."""
        return self.owner is not None and now < self.until

    def due(self, by: float, now: float) -> tuple[float, float] | None:
        """Since when it has to be taken up, at the earliest and the latest; None if it has not."""
        if self.status is not PageStatus.LIVE or self.taken(now):
            return None
        if self.owner is not None:
            return (self.until if self.exact else min(self.changed, self.until)), self.until
        if self.wake_at is None or self.wake_at > by:
            return None
        return self.wake_at, self.wake_at

    def old(self, before: float, status: PageStatus) -> bool:
        """Whether it may be purged."""
        waits = status is PageStatus.LIVE and self.wake_at is not None
        return self.status is status and self.owner is None and self.changed < before and not waits

    # ── What is done to it ───────────────────────────────────────────────────────────────────────

    def acquired(self, owner: str, ttl: float, now: float) -> Page:
        """As somebody has it; the lease is not known yet."""
        crashes, crashed_at = self.crashes, self.crashed_at
        if self.owner is not None:
            crashes, crashed_at = crashes + 1 if crashed_at == self.head else 1, self.head
        return replace(
            self,
            owner=owner,
            lease=None,
            ttl=ttl,
            until=now + ttl,
            exact=True,
            changed=now,
            crashes=crashes,
            crashed_at=crashed_at,
        )

    def left(self, now: float) -> Page:
        """As nobody has it."""
        return replace(self, owner=None, lease=None, until=0.0, changed=now)

    def released(self, status: PageStatus, wake_at: float | None, now: float) -> Page:
        """As its lease was released."""
        return replace(self.left(now), status=status, wake_at=wake_at, crashes=0)

    def lapsed(self, now: float) -> Page:
        """As a store of one process finds it when it is opened anew."""
        return replace(self, until=min(self.until, now), exact=False) if self.owner else self

    # ── Comparing ────────────────────────────────────────────────────────────────────────────────

    def lease_fault(self, lease: Lease) -> Wrong | None:
        """What is wrong with a lease of it that was just granted."""
        crashes = self.crashes if self.crashed_at == self.head else 0
        return _difference(
            f"the lease of page {called(self.name)}",
            ("page", lease.page, self.name),
            ("owner", lease.owner, self.owner),
            ("ttl", lease.ttl, self.ttl),
            ("head", lease.head, self.head),
            ("meta", lease.meta, self.meta),
            ("status", lease.status, self.status),
            ("wake_at", lease.wake_at, self.wake_at),
            *_snapshots(lease.snapshot, self.snapshot),
            ("crashes", lease.crashes, crashes),
        )

    def record_fault(self, record: PageRecord) -> Wrong | None:
        """What is wrong with it as it is listed."""
        until = None if self.owner is None else self.until
        lapsed = not self.exact and until is not None and record.until is not None
        if lapsed and record.until is not None and record.until <= self.until:
            until = record.until
        return _difference(
            f"page {called(self.name)}",
            ("name", record.page, self.name),
            ("head", record.head, self.head),
            ("pruned", record.pruned, self.pruned),
            ("status", record.status, self.status),
            ("owner", record.owner, self.owner),
            ("until", record.until, until),
            ("wake_at", record.wake_at, self.wake_at),
            ("changed", record.changed, self.changed),
        )

    def fault(self, kept: Kept) -> Wrong | None:
        """What is wrong with it as it is kept, beside its frames."""
        return self.record_fault(kept.record) or _difference(
            f"page {called(self.name)}",
            ("meta", kept.meta, self.meta),
            *_snapshots(kept.snapshot, self.snapshot),
        )

    def fits(self, found: Sequence[bytes]) -> bool:
        """Whether these are the frames that were not pruned."""
        return [*self.frames[: self.pruned + 1], *found] == [*self.frames]

    def judge_damage(self, kept: Kept, seq: int) -> None:
        """Check that all before a damaged frame can be read, and that it is not passed over."""
        chain = chain_of(self.name, self.frames[: self.pruned + 1])
        read: list[Frame] = []
        try:
            read.extend(read_log(chain, kept.frames, kept.record.head))
        except PageLogCorrupt as error:
            if error.seq != seq or len(read) != seq - self.pruned - 1:
                raise broken("G6", f"damaged is frame {seq}; the reader found {error}") from error
        else:
            raise broken("G6", f"frame {seq} is damaged, and nothing told the reader")


def _snapshots(
    found: Snapshot | None, expected: Snapshot | None
) -> Iterable[tuple[str, object, object]]:
    if found is None or expected is None or found.seq != expected.seq:
        return [("snapshot", found, expected)]
    return [("snapshot's bytes", found.blob, expected.blob)]


def _difference(whose: str, *fields: tuple[str, object, object]) -> Wrong | None:
    for what, found, expected in fields:
        if found != expected:
            said = f"{whose} has the {what} {_told(found)}, not {_told(expected)}"
            return Wrong(said, isinstance(found, bytes) and isinstance(expected, bytes))
    return None


def _told(value: object) -> str:
    if isinstance(value, bytes):
        return shown(value) if len(value) < 60 else f"{shown(value, 60)} ({len(value)} bytes)"
    return bounded(value, 60) if isinstance(value, str) else shown(value)


def chain_of(page: str, frames: Sequence[bytes]) -> Chain:
    """The chain behind these frames."""
    chain = Chain(page)
    for each in frames:
        chain.open(each)
    return chain
