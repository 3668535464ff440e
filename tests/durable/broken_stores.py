"""Stores that each break one promise, for the conformance suite to find."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import trio

from spindle.durable import (
    Chain,
    Conflict,
    Fenced,
    Kept,
    Lease,
    MemoryStore,
    PageLogCorrupt,
    PageStatus,
    StoreFailed,
    read_log,
)
from tests.durable import broken_lists, broken_moments, broken_texts
from tests.durable.broken import BROKEN, Open, breaks

__all__ = ["BROKEN", "broken_lists", "broken_moments", "broken_texts"]


@breaks("G1")
class KeepsAPart(Open):
    """An append that fails leaves its first frames."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        try:
            await super().append(lease, expected_head, frames)
        except StoreFailed as failed:
            log = self.log(lease.page)
            if failed.in_doubt and log.row.head == expected_head:
                log.frames += frames[:1]
                log.row.head += len(frames[:1])
            raise


@breaks("G1 G3 G5")
class KeepsFrameByFrame(Open):
    """An append that is cancelled has kept some of its frames."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        if not frames:
            await super().append(lease, expected_head, frames)
        for each in frames:
            await super().append(lease, expected_head, [each])
            expected_head += 1


@breaks("G2")
class LosesOneInTheMiddle(Open):
    """A frame that was written while another was, is lost by a kill."""

    def restarted(self) -> MemoryStore:
        for log in self.logs().values():
            if len(log.frames) > 2:
                del log.frames[1]
        return super().restarted()


@breaks("G2 G7")
class PrunesOneMore(Open):
    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        await super().snapshot(lease, seq, blob, prune_to=prune_to)
        if prune_to >= 0:
            del self.log(lease.page).frames[:1]


@breaks("G3")
class DoesNotFence(Open):
    """Whoever has ever had the page may write to it."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        with suppress(Fenced):
            await super().append(lease, expected_head, frames)
            return
        log = self.logs().get(lease.page)
        if log is None:
            raise Fenced(lease.page, lease.epoch, None)
        if log.row.head != expected_head:
            raise Conflict(lease.page, expected_head, log.row.head)
        log.frames += frames
        log.row.head += len(frames)


@breaks("G3 G4")
class FencesByTheClock(Open):
    """A lease holds until its time is over, whoever has come since."""

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        lease = await super().acquire(page, owner=owner, ttl=ttl)
        self.log(page).row.epoch = 1
        return Lease(page, owner, 1, ttl, lease.head, lease.meta, lease.status, lease.wake_at)


@breaks("G3")
class LetsSnapshotsPass(Open):
    """Only appends look at the lease."""

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        log = self.logs().get(lease.page)
        if log is None:
            raise Fenced(lease.page, lease.epoch, None)
        lease = Lease(lease.page, lease.owner, log.row.epoch, lease.ttl, lease.head, lease.meta)
        await super().snapshot(lease, seq, blob, prune_to=prune_to)


@breaks("G3")
class GivesAwayWhatIsHeld(Open):
    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        if page in self.logs():
            self.log(page).row.until = 0.0
        return await super().acquire(page, owner=owner, ttl=ttl)


@breaks("G3")
class SaysNoLeaseIsLost(Open):
    async def renew(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        await super().renew(leases)
        return []


@breaks("G3")
class ReleasesForAnybody(Open):
    """Whoever has ever had the page ends the lease of who has it."""

    async def release(
        self,
        lease: Lease,
        *,
        status: PageStatus = PageStatus.LIVE,
        wake_at: float | None = None,
    ) -> None:
        with suppress(Fenced):
            await super().release(lease, status=status, wake_at=wake_at)


@breaks("G3")
class RewindsForAnybody(Open):
    async def rewind(self, lease: Lease, head: int) -> None:
        with suppress(Fenced):
            await super().rewind(lease, head)


@breaks("G1 G4 G6 G7")  # which is seen first depends on the modules that Hypothesis finds loaded
class ForgetsToRewind(Open):
    """What was taken back is there again after a restart."""

    async def rewind(self, lease: Lease, head: int) -> None:
        await super().rewind(lease, head)
        self.log(lease.page).frames.append(b"taken back")


@breaks("G4")
class ReadsWhatWasThere(Open):
    """A read returns what the lease began with."""

    async def read(self, lease: Lease, after: int = -1) -> Sequence[bytes]:
        found = await super().read(lease, after)
        return found[: max(0, lease.head - after)]


@breaks("G4")
class ReadsOneTooMany(Open):
    async def read(self, lease: Lease, after: int = -1) -> Sequence[bytes]:
        found = await super().read(lease, after)
        return found if after <= self.log(lease.page).row.pruned else self.log(lease.page).frames


@breaks("G1 G3 G4 G7")
class ForgetsItsSnapshot(Open):
    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        if page in self.logs() and not self.log(page).row.held(self._clock()):
            self.log(page).snapshot = None
        return await super().acquire(page, owner=owner, ttl=ttl)


@breaks("G1 G3 G4 G7")
class CountsNoCrash(Open):
    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        if page in self.logs() and not self.log(page).row.held(self._clock()):
            self.log(page).row.owner = None
        return await super().acquire(page, owner=owner, ttl=ttl)


@breaks("G5")
class AppendsAnywhere(Open):
    """It does not compare where the log ends."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        if lease.page in self.logs():
            expected_head = self.log(lease.page).row.head
        await super().append(lease, expected_head, frames)


@breaks("G5")
class AppendsTwice(Open):
    """What is delivered twice is kept twice."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        await super().append(lease, expected_head, frames)
        if len(frames) == 3:
            self.log(lease.page).frames[-1:] = [frames[-1], frames[-1]]


@breaks("G3 G5 G6")
class ComparesTooEarly(Open):
    """It compares where the log ends, waits, and appends."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        log = self.logs().get(lease.page)
        if log is not None and log.row.head == expected_head and log.row.epoch == lease.epoch:
            await trio.lowlevel.checkpoint()
            log.frames += frames
            log.row.head += len(frames)
            frames, expected_head = [], log.row.head
        await super().append(lease, expected_head, frames)


@breaks("G3 G5")
class CreatesOver(Open):
    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        self.logs().pop(page, None)
        return await super().create(page, meta, frames, owner=owner, ttl=ttl)


@breaks("G6")
class PassesOverDamage(Open):
    """It ends a log before the first frame that is damaged, and says nothing."""

    async def look(self, page: str) -> Kept:
        kept = await super().look(page)
        whole = self._whole(page, kept.frames)
        head = kept.record.pruned + len(whole)
        return Kept(replace(kept.record, head=head), kept.meta, kept.snapshot, whole)

    def _whole(self, page: str, frames: Sequence[bytes]) -> Sequence[bytes]:
        chain, whole = Chain(page), 0
        with suppress(PageLogCorrupt):
            for _ in read_log(chain, frames, len(frames) - 1):
                whole += 1
            return frames
        if self.log(page).row.pruned >= 0:
            return frames
        return frames[:whole]


@breaks("G6")
class Mends(Open):
    """It gives back the frame of a copy, which is another one."""

    async def look(self, page: str) -> Kept:
        kept = await super().look(page)
        frames = [each[:-1] + b"\0" if len(each) % 7 == 0 else each for each in kept.frames]
        return Kept(kept.record, kept.meta, kept.snapshot, frames)


@breaks("G1 G7")
class AcknowledgesTooEarly(Open):
    """What was acknowledged last is lost by a kill."""

    def restarted(self) -> MemoryStore:
        for log in self.logs().values():
            if log.frames:
                log.frames.pop()
                log.row.head -= 1
        return super().restarted()


@breaks("G1 G7")
class ForgetsReleases(Open):
    """A release is not kept over a restart."""

    def restarted(self) -> MemoryStore:
        for log in self.logs().values():
            log.row.status = PageStatus.LIVE
        return super().restarted()


@breaks("G7 G8")
class SaysAllIsWell(Open):
    """A failure is swallowed."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        with suppress(StoreFailed):
            await super().append(lease, expected_head, frames)


@breaks("G8")
class GoesOn(Open):
    """It has failed, and takes the next append."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        failed, self._failed = self._failed, None
        if failed is not None:
            expected_head = self.log(lease.page).row.head
        await super().append(lease, expected_head, frames)
