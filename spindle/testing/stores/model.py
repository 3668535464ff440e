"""What a store has to have, as the simplest thing that has it: lists in a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spindle.durable.errors import PageLogCorrupt
from spindle.durable.frames import Chain, Frame, read_log
from spindle.durable.store import Kept, Lease, PageStatus, Snapshot

__all__ = ["Page", "broken", "seal"]


def broken(guarantee: str, what: str) -> AssertionError:
    """What the suite raises."""
    return AssertionError(f"{guarantee}: {what}")


@dataclass
class Page:
    """A page as it has to be.

    Attributes:
        frames: all there ever were, also those that were pruned.
        doubtful: appends behind them that may have been kept, in their order.
        held: the lease that holds, whether its time is over or not.
        until: when that time is over; it is over at once when the store was opened anew.
        crashes: leases in a row that were not released, at the head `crashed_at`.
    """

    name: str
    meta: bytes
    frames: list[bytes] = field(default_factory=list)
    doubtful: list[list[bytes]] = field(default_factory=list)
    pruned: int = -1
    snapshot: Snapshot | None = None
    status: PageStatus = PageStatus.LIVE
    wake_at: float | None = None
    held: Lease | None = None
    until: float = 0.0
    released: float = 0.0
    crashes: int = 0
    crashed_at: int = -1

    @property
    def head(self) -> int:
        """The number of the last frame."""
        return len(self.frames) - 1

    def taken(self, now: float) -> bool:
        """Whether it is held, and may not be acquired."""
        return self.held is not None and now < self.until

    def due(self, by: float, now: float) -> bool:
        """Whether it has to be taken up."""
        if self.status is not PageStatus.LIVE or self.taken(now):
            return False
        return self.held is not None or (self.wake_at is not None and self.wake_at <= by)

    def lend(self, lease: Lease, now: float) -> None:
        """Compare a lease that was just granted, and note it."""
        if self.held is not None:
            self.crashes = self.crashes + 1 if self.crashed_at == self.head else 1
            self.crashed_at = self.head
        crashes = self.crashes if self.crashed_at == self.head else 0
        for what, found, expected in [
            ("page", lease.page, self.name),
            ("head", lease.head, self.head),
            ("meta", lease.meta, self.meta),
            ("status", lease.status, self.status),
            ("wake_at", lease.wake_at, self.wake_at),
            ("snapshot", lease.snapshot, self.snapshot),
            ("crashes", lease.crashes, crashes),
        ]:
            if found != expected:
                raise broken("G4", f"the lease has the {what} {found!r}, not {expected!r}")
        self.held, self.until = lease, now + lease.ttl

    def judge(self, kept: Kept) -> None:
        """Compare all that is kept, and note which appends in doubt were.

        Raises:
            AssertionError: it is not what it has to be; the guarantee is named.
        """
        found = list(kept.frames)
        before = self.frames[: self.pruned + 1]
        allowed = [self.frames]
        for batch in self.doubtful:
            allowed.append(allowed[-1] + batch)
        if before + found not in allowed:
            raise self._fault(before + found, allowed[-1])
        self.frames = before + found
        self.doubtful = []
        self._judge_the_rest(kept)

    def _judge_the_rest(self, kept: Kept) -> None:
        record = kept.record
        owner = None if self.held is None else self.held.owner
        for what, found, expected in [
            ("name", record.page, self.name),
            ("head", record.head, self.head),
            ("pruned", record.pruned, self.pruned),
            ("status", record.status, self.status),
            ("owner", record.owner, owner),
            ("wake_at", record.wake_at, self.wake_at),
            ("meta", kept.meta, self.meta),
            ("snapshot", kept.snapshot, self.snapshot),
        ]:
            if found != expected:
                raise broken("G7", f"page {self.name} has the {what} {found!r}, not {expected!r}")

    def _fault(self, found: Sequence[bytes], whole: list[bytes]) -> AssertionError:
        number = {frame: seq for seq, frame in enumerate(whole)}
        if found == whole[: len(found)]:
            if len(found) < len(self.frames):
                lost = f"frames {len(found)} to {self.head} were acknowledged and are gone"
                return broken("G7", lost)
            return broken("G1", f"of an append only frames up to {len(found) - 1} are there")
        if strange := [seq for seq, frame in enumerate(found) if frame not in number]:
            return broken("G6", f"frame {strange[0]} is not what was appended, or was refused")
        numbers = [number[frame] for frame in found]
        if len(set(numbers)) < len(numbers):
            return broken("G5", f"frames are there twice: {numbers}")
        return broken("G2", f"there is a gap: {numbers}")

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


def chain_of(page: str, frames: Sequence[bytes]) -> Chain:
    """The chain behind these frames."""
    chain = Chain(page)
    for each in frames:
        chain.open(each)
    return chain


def seal(page: Page, head: int, bodies: Sequence[bytes], time: float) -> list[bytes]:
    """Frames behind one number, each with a body."""
    chain = chain_of(page.name, page.frames[: head + 1])
    return [chain.seal(time, body) for body in bodies]
