"""Stores that tell, list and remove other pages than they have to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spindle.durable import Kept, Lease, PageRecord, PageStatus
from tests.durable.broken import Open, breaks


@breaks("due")
class WakesWhatIsHeld(Open):
    async def due(self, now: float, limit: int = 100) -> Sequence[str]:
        await super().due(now, limit)
        due = [page for page, log in self.logs().items() if (log.row.wake_at or now + 1) <= now]
        return due[:limit]


@breaks("due")
class LeavesTheCrashed(Open):
    """A page whose process is gone is taken up by nobody."""

    async def due(self, now: float, limit: int = 100) -> Sequence[str]:
        due = await super().due(now, 1000)
        return [page for page in due if self.log(page).row.owner is None][:limit]


@breaks("pages")
class ListsOneLess(Open):
    async def pages(
        self, status: PageStatus | None = None, *, after: str = "", limit: int = 1000
    ) -> Sequence[PageRecord]:
        return await super().pages(status, after=after, limit=limit - 1)


@breaks("purge")
class PurgesWhatGoesOn(Open):
    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        due = {page: log.row.wake_at for page, log in self.logs().items()}
        for log in self.logs().values():
            log.row.wake_at = None
        try:
            return await super().purge(before, status=status, limit=limit)
        finally:
            for page, log in self.logs().items():
                log.row.wake_at = due[page]


@breaks("purge")
class PurgesWhatIsHeld(Open):
    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        held = {page: log.row.owner for page, log in self.logs().items()}
        for log in self.logs().values():
            log.row.owner = None
        try:
            return await super().purge(before, status=status, limit=limit)
        finally:
            for page, log in self.logs().items():
                log.row.owner = held[page]


@breaks("due")
class DueInAnyOrder(Open):
    """The shortest due comes first."""

    async def due(self, now: float, limit: int = 100) -> Sequence[str]:
        return list(reversed(await super().due(now, 1000)))[:limit]


@breaks("purge")
class PurgesWithoutLimit(Open):
    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        return await super().purge(before, status=status, limit=1000)


@breaks("purge")
class CountsUpToTheLimit(PurgesWithoutLimit):
    """It removes all, and says that it has kept to the limit."""

    async def purge(
        self, before: float, *, status: PageStatus = PageStatus.ENDED, limit: int = 1000
    ) -> int:
        return min(limit, await super().purge(before, status=status))


@breaks("pages")
class ListsNamesOnly(Open):
    """All else that is said of a page is as if it was new."""

    async def pages(
        self, status: PageStatus | None = None, *, after: str = "", limit: int = 1000
    ) -> Sequence[PageRecord]:
        found = await super().pages(status, after=after, limit=limit)
        return [
            PageRecord(each.page, PageStatus.LIVE, -1, -1, None, None, None, 0) for each in found
        ]


@breaks("pages")
class ListsWithoutCase(Open):
    """Capital letters stand beside the small ones, as a dictionary has them."""

    async def pages(
        self, status: PageStatus | None = None, *, after: str = "", limit: int = 1000
    ) -> Sequence[PageRecord]:
        found = await super().pages(status, after=after)
        return sorted(found, key=lambda each: each.page.lower())[:limit]


@breaks("G1 G7")
class DoesNotTellUntilWhen(Open):
    async def look(self, page: str) -> Kept:
        kept = await super().look(page)
        return replace(kept, record=replace(kept.record, until=None, changed=0.0))


@breaks("G1 G3 G7 pages ttl")
class IgnoresTheTime(Open):
    """Every lease holds for ten seconds."""

    async def create(
        self, page: str, meta: bytes, frames: Sequence[bytes], *, owner: str, ttl: float
    ) -> Lease:
        lease = await super().create(page, meta, frames, owner=owner, ttl=10.0)
        return replace(lease, ttl=ttl)

    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        return replace(await super().acquire(page, owner=owner, ttl=10.0), ttl=ttl)


@breaks("G3 G4")
class NamesAnotherOwner(Open):
    async def acquire(self, page: str, *, owner: str, ttl: float) -> Lease:
        return replace(await super().acquire(page, owner=owner, ttl=ttl), owner="somebody")


@breaks("G1 G3 G5 G7 pages")
class RenewsNothing(Open):
    async def renew(self, leases: Sequence[Lease]) -> Sequence[Lease]:
        until = {page: log.row.until for page, log in self.logs().items()}
        over = await super().renew(leases)
        for page, log in self.logs().items():
            log.row.until = until[page]
        return over


@breaks("G1 G3 G4 G7 pages due")
class WakesAtFullSeconds(Open):
    async def release(
        self,
        lease: Lease,
        *,
        status: PageStatus = PageStatus.LIVE,
        wake_at: float | None = None,
    ) -> None:
        wake_at = None if wake_at is None else float(int(wake_at))
        await super().release(lease, status=status, wake_at=wake_at)
