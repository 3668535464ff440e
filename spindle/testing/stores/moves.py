"""What is done to a store, move by move, each compared with the model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import trio

from spindle._core.errors import SpindleError, UsageError
from spindle.durable.errors import Fenced, NoSuchPage
from spindle.durable.store import PageStatus
from spindle.testing.stores.model import broken, called
from spindle.testing.stores.settling import settled
from spindle.testing.stores.steps import Steps

if TYPE_CHECKING:
    from spindle.durable.store import Store

__all__ = ["Moves"]


class Moves(Steps):
    """One thing at a time."""

    async def create(self, store: Store) -> None:
        """A new page, perhaps under a name that is taken."""
        await self.take(store, self.creation(self.one(*self.names)))

    async def acquire(self, store: Store) -> None:
        """A page, perhaps one that is held, or none."""
        await self.take(store, self.acquisition(self.one(*self.names)))

    async def append(self, store: Store) -> None:
        """Frames, perhaps behind another head, or with a lease that is over."""
        lease = self.lease()
        if lease is not None:
            await self.take(store, self.appending(lease, self.one(0, 0, 0, 0, -1, 1)))
        await trio.lowlevel.checkpoint()

    async def snapshot(self, store: Store) -> None:
        """A snapshot, perhaps of what is not there, with or without pruning."""
        lease = self.lease()
        if lease is not None:
            seq = self.number(0, max(0, self.page_of(lease).head + 1))
            await self.take(store, self.covering(lease, seq, self.number(-1, seq)))
        await trio.lowlevel.checkpoint()

    async def rewind(self, store: Store) -> None:
        """Take frames back, perhaps some that are covered."""
        lease = self.lease()
        if lease is not None:
            head = max(-1, self.page_of(lease).head - self.number(0, 3))
            await self.take(store, self.rewinding(lease, head))
        await trio.lowlevel.checkpoint()

    async def release(self, store: Store) -> None:
        """A lease."""
        lease = self.lease()
        if lease is not None:
            await self.take(store, self.releasing(lease))
        await trio.lowlevel.checkpoint()

    async def read(self, store: Store) -> None:
        """Frames behind a number."""
        lease = self.lease()
        if lease is None:
            await trio.lowlevel.checkpoint()
            return
        page = self.page_of(lease)
        after = self.number(-1, page.head)
        self.say(f"read {called(lease.page)} behind {after}, {self.by(lease)}")
        wrong: type[SpindleError] | None = None
        if not self.holds(lease):
            wrong = Fenced
        elif after < page.pruned:
            wrong = UsageError
        found = await self.call("G3", wrong, store.read(lease, after), "read")
        if found is not None and list(found) != list(page.frames[after + 1 :]):
            raise broken(
                "G4",
                f"read: expected the {page.head - after} frames of {called(page.name)} behind "
                f"{after}, byte for byte, got {len(found)} frames that are not those",
            )

    async def renew(self, store: Store) -> None:
        """Some leases; told are those that are over."""
        leases = [each for each in self.leases[-4:] if self.one(True, False)]
        self.say(f"renew {[(called(each.page), each.epoch) for each in leases]}")
        lost = await self.call("G3", None, store.renew(leases), "renew")
        over = [each for each in leases if not self.holds(each)]
        if lost is None or list(lost) != over:
            raise broken("G3", f"of {leases} the store says these are over: {lost}, not {over}")
        for each in leases:
            if self.holds(each):
                until = self.bench.time + each.ttl
                self.pages[each.page] = replace(self.pages[each.page], until=until, exact=True)

    async def due(self, store: Store) -> None:
        """The pages to be taken up by a time, the longest due first."""
        by = self.bench.time + self.one(30, 20, 10, 0, -10)
        limit = self.one(100, 1, 2)
        self.say(f"what is due by {by}, at most {limit}")
        found = await self.call("due", None, store.due(by, limit), "due") or []
        now = self.bench.time
        since = {name: page.due(by, now) for name, page in self.pages.items()}
        due = {name: when for name, when in since.items() if when is not None}
        first = sorted(due, key=lambda name: due[name])
        told = f"of pages due by {by} the store lists {found}; expected {first[:limit]}"
        if not set(found) <= set(due) or len(set(found)) != len(found):
            raise broken("due", told)
        if len(found) != min(limit, len(due)):
            raise broken("due", told)
        for at, name in enumerate(found):
            later = [each for each in due if each not in found[: at + 1]]
            if any(due[each][1] < due[name][0] for each in later):
                raise broken("due", f"{told}, the longest due first")

    async def list(self, store: Store) -> None:
        """The pages by name, with all that is said of them."""
        status = self.one(None, *PageStatus)
        after, limit = self.one("", *self.names), self.number(1, 3)
        self.say(f"list {status} behind {called(after)!r}, at most {limit}")
        await self._list(store, status, after, limit)

    async def _list(self, store: Store, status: PageStatus | None, after: str, limit: int) -> None:
        listed = store.pages(status, after=after, limit=limit)
        found = await self.call("pages", None, listed, "pages") or []
        right = [
            name
            for name in sorted(self.pages)
            if name > after and status in (None, self.pages[name].status)
        ]
        names = [each.page for each in found]
        if names != right[:limit]:
            raise broken("pages", f"listed are {names}, expected {right[:limit]}")
        for record in found:
            if fault := self.pages[record.page].record_fault(record):
                raise broken("pages", f"as it is listed, {fault.said}")

    async def purge(self, store: Store) -> None:
        """Remove what is old."""
        before = self.bench.time - self.number(-5, 20)
        await self._purge(store, before, self.one(PageStatus.ENDED, *PageStatus), 1000)

    async def retire(self, store: Store) -> None:
        """Release two pages, and remove one or both of them if they may go."""
        await self.lend(store, 2)
        status = self.one(PageStatus.ENDED, *PageStatus)
        for lease in self.held()[-2:]:
            wake_at = self.one(None, self.bench.time + 5)
            await self.take(store, self.releasing(lease, status, wake_at))
        await self._purge(store, self.bench.time + 1, status, self.one(1, 2))

    async def rest(self, store: Store) -> None:
        """Release all that is held, and ask what is due."""
        await self.lend(store, 2)
        for lease in self.held():
            wake_at = self.bench.time + self.number(-20, 20)
            await self.take(store, self.releasing(lease, PageStatus.LIVE, wake_at))
        await self.due(store)

    async def _purge(self, store: Store, before: float, status: PageStatus, limit: int) -> None:
        self.say(f"purge {status.value} pages from before {before}, at most {limit}")
        purged = store.purge(before, status=status, limit=limit)
        count = await self.call("purge", None, purged, "purge")
        old = [name for name, page in self.pages.items() if page.old(before, status)]
        if count != min(limit, len(old)):
            raise broken("purge", f"{count} pages were purged, at most {limit} of {old} were to be")
        kept = {name: await self.kept(store, name) for name in old}
        gone = [name for name in old if kept[name] is None]
        if len(gone) != count:
            raise broken("purge", f"{count} of {old} were to be purged, and {gone} are gone")
        for name in gone:
            del self.pages[name]

    async def wait(self, store: Store) -> None:
        """Let time pass."""
        await trio.lowlevel.checkpoint()
        seconds = self.one(1.0, 9.5, 10.0, 60.0)
        self.say(f"{seconds} seconds pass")
        self.bench.time += seconds

    async def misuse(self, store: Store) -> None:
        """What cannot be kept, or be there: it is refused, and nothing is done."""
        bad = self.one("", "a b", "a\n", "n" * 201)
        self.say(f"ask for a page {called(bad)!r}")
        create = store.create(bad, b"", [], owner="ann", ttl=10.0)
        await self.call("names", UsageError, create, "create")
        await self.call("names", NoSuchPage, store.look(bad), "look")
        create = store.create(f"page-{self.made}", b"", [], owner="ann", ttl=float("nan"))
        await self.call("ttl", UsageError, create, "create with a ttl that is no number")

    async def look(self, store: Store) -> None:
        """Compare everything."""
        await trio.lowlevel.checkpoint()
        self.say("look at all pages")
        for name in [*self.pages, *self.doubts, *self.names]:
            may_be = self.doubts.pop(name, None) or [self.pages.get(name)]
            kept = await self.kept(store, name)
            page = settled(name, may_be, kept)
            if page is not None:
                self.pages[name] = page
            else:
                self.pages.pop(name, None)
        await self._list(store, None, "", 1000)
