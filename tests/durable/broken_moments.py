"""Stores that break a promise if something else happens at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import trio

from spindle.durable import Lease, MemoryStore, StoreFailed
from tests.durable.broken import Open, breaks


@breaks("G3")
class FencesTooEarly(Open):
    """An append compares the epoch, waits, and appends."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        log = self.logs().get(lease.page)
        if log is not None and log.row.epoch == lease.epoch:
            await trio.lowlevel.checkpoint()
            lease = replace(lease, epoch=log.row.epoch)
        await super().append(lease, expected_head, frames)


@breaks("G3")
class LendsTwice(Open):
    """Two who acquire a page at a time both get it."""

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        log = self.logs().get(page)
        if log is not None and not log.row.held(self._clock()):
            await trio.lowlevel.checkpoint()
            log.row.until = 0.0  # it was free when it was looked at
        return await super().acquire(page, owner=owner, ttl=ttl)


@breaks("G3")
class CountsEpochsAnew(Open):
    """Epochs go on from the greatest of what is held when the store is opened."""

    def restarted(self) -> MemoryStore:
        greatest = max((log.row.epoch for log in self.logs().values()), default=0)
        store = super().restarted()
        store._epochs = count(greatest + 1)
        return store


@breaks("G1 G2 G3 G7")
class PrunesFirst(Open):
    """A snapshot that is cancelled has removed the frames."""

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        log = self.logs().get(lease.page)
        if log is not None and log.row.epoch == lease.epoch:
            row = log.row
            if max(0, row.covered, prune_to) <= seq <= row.head and prune_to > row.pruned:
                del log.frames[: prune_to - row.pruned]
                row.pruned = prune_to
                await trio.lowlevel.checkpoint()
        await super().snapshot(lease, seq, blob, prune_to=prune_to)


@breaks("G1 G3")
class PrunesLater(Open):
    """A snapshot that is cancelled has not removed the frames."""

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        await super().snapshot(lease, seq, blob)
        await trio.lowlevel.checkpoint()
        if prune_to >= 0:
            await super().snapshot(lease, seq, blob, prune_to=prune_to)


@breaks("G1 G5")
class CreatesInTwo(Open):
    """A create that is cancelled leaves a page without its frames."""

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        lease = await super().create(page, meta, [], owner=owner, ttl=ttl)
        await trio.lowlevel.checkpoint()
        await super().append(lease, -1, frames)
        return replace(lease, head=len(frames) - 1)


@breaks("G5")
class AppendsOutOfOrder(Open):
    """Of several that append at a time, one is overtaken."""

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        if len(frames) == 1:
            for _ in range(6):
                await trio.lowlevel.checkpoint()
        await super().append(lease, expected_head, frames)


@breaks("G8")
class GoesOnAfterSnapshots(Open):
    """A snapshot that failed stops nobody."""

    async def snapshot(self, lease: Lease, seq: int, blob: bytes, *, prune_to: int = -1) -> None:
        try:
            await super().snapshot(lease, seq, blob, prune_to=prune_to)
        except StoreFailed:
            self._failed = None
            raise


@breaks("G8")
class StopsOnePage(Open):
    """After a failure the other pages go on."""

    stopped: str | None = None

    async def append(self, lease: Lease, expected_head: int, frames: Sequence[bytes]) -> None:
        if self.stopped is not None and lease.page != self.stopped:
            self._failed = None
        try:
            await super().append(lease, expected_head, frames)
        except StoreFailed:
            self.stopped = lease.page
            raise


@breaks("G8")
class LendsAfterFailure(Open):
    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        failed, self._failed = self._failed, None
        try:
            return await super().acquire(page, owner=owner, ttl=ttl)
        finally:
            self._failed = failed or self._failed


@breaks("closed")
class GoesOnWhenClosed(Open):
    def _check_open(self) -> None:
        self._closed = False
        super()._check_open()
