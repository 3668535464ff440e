"""What is done to a store, move by move, each compared with the model."""

from __future__ import annotations

import trio

from spindle._core.errors import SpindleError, UsageError
from spindle.durable.errors import Busy, Conflict, Fenced, NoSuchPage, PageExists, StoreError
from spindle.durable.store import Lease, PageStatus, Snapshot, Store
from spindle.testing.stores.example import NAMES, OWNERS, TTL, Example
from spindle.testing.stores.model import Page, broken, seal

__all__ = ["Moves"]


class Moves(Example):
    """One thing at a time."""

    async def create(self, store: Store) -> None:
        """A new page, perhaps under a name that is taken."""
        name, owner = self.one(*NAMES), self.one(*OWNERS)
        page = Page(name, f"meta of {name}".encode())
        frames = seal(page, -1, self.bodies(), self.bench.time)
        self.say(f"create {name} with {len(frames)} frames, by {owner}")
        wrong = PageExists if name in self.pages else None
        lease = await self.call(
            "G5", wrong, store.create(name, page.meta, frames, owner=owner, ttl=TTL)
        )
        if lease is not None:
            page.frames = frames
            self.pages[name] = page
            self.lent(page, lease)

    async def acquire(self, store: Store) -> None:
        """A page, perhaps one that is held, or none."""
        name, owner = self.one(*NAMES), self.one(*OWNERS)
        self.say(f"acquire {name}, by {owner}")
        page = self.pages.get(name)
        wrong: type[StoreError] | None = None
        if page is None:
            wrong = NoSuchPage
        elif page.taken(self.bench.time):
            wrong = Busy
        lease = await self.call("G3", wrong, store.acquire(name, owner=owner, ttl=TTL))
        if lease is not None and page is not None:
            self.lent(page, lease)

    async def append(self, store: Store) -> None:
        """Frames, perhaps behind another head, or with a lease that is over."""
        lease = self.lease()
        if lease is None:
            await trio.lowlevel.checkpoint()
            return
        page = self.pages.get(lease.page) or Page(lease.page, b"")
        head = max(page.head + self.one(0, 0, 0, 0, -1, 1), -1)
        frames = seal(page, min(head, page.head), self.bodies(), self.bench.time)
        self.say(f"append {len(frames)} frames behind {head} of {lease.page}, {self.by(lease)}")
        guarantee, wrong = self._refusal(lease, head)
        await self.call(guarantee, wrong, store.append(lease, head, frames))
        if wrong is None:
            page.frames += frames

    def _refusal(self, lease: Lease, head: int) -> tuple[str, type[StoreError] | None]:
        if not self.holds(lease):
            return "G3", Fenced
        return "G5", None if head == self.pages[lease.page].head else Conflict

    async def read(self, store: Store) -> None:
        """Frames behind a number."""
        lease = self.lease()
        if lease is None:
            await trio.lowlevel.checkpoint()
            return
        page = self.pages.get(lease.page) or Page(lease.page, b"")
        after = self.number(-1, page.head)
        self.say(f"read {lease.page} behind {after}, {self.by(lease)}")
        wrong: type[SpindleError] | None = None
        if not self.holds(lease):
            wrong = Fenced
        elif after < page.pruned:
            wrong = UsageError
        found = await self.call("G3", wrong, store.read(lease, after))
        if found is not None and list(found) != page.frames[after + 1 :]:
            raise broken("G4", f"{len(found)} frames were read behind {after} of {page.head}")

    async def snapshot(self, store: Store) -> None:
        """A snapshot, perhaps of what is not there, with or without pruning."""
        lease = self.lease()
        if lease is None:
            await trio.lowlevel.checkpoint()
            return
        page = self.pages.get(lease.page) or Page(lease.page, b"")
        seq = self.number(0, max(0, page.head + 1))
        prune_to = self.number(-1, seq)
        self.made += 1
        blob = f"snapshot {self.made}".encode()
        self.say(f"snapshot of {lease.page} up to {seq}, prune to {prune_to}, {self.by(lease)}")
        covered = -1 if page.snapshot is None else page.snapshot.seq
        wrong: type[SpindleError] | None = None
        if not self.holds(lease):
            wrong = Fenced
        elif not covered <= seq <= page.head:
            wrong = UsageError
        await self.call("G3", wrong, store.snapshot(lease, seq, blob, prune_to=prune_to))
        if wrong is None:
            page.snapshot = Snapshot(seq, blob)
            page.pruned = max(page.pruned, prune_to)

    async def rewind(self, store: Store) -> None:
        """Take frames back, perhaps some that are covered."""
        lease = self.lease()
        if lease is None:
            await trio.lowlevel.checkpoint()
            return
        page = self.pages.get(lease.page) or Page(lease.page, b"")
        head = max(-1, page.head - self.number(0, 3))
        self.say(f"rewind {lease.page} to {head}, {self.by(lease)}")
        wrong: type[SpindleError] | None = None
        if not self.holds(lease):
            wrong = Fenced
        elif page.snapshot is not None and head < page.snapshot.seq:
            wrong = UsageError
        await self.call("G3", wrong, store.rewind(lease, head))
        if wrong is None:
            page.frames = page.frames[: head + 1]

    async def renew(self, store: Store) -> None:
        """Some leases; told are those that are over."""
        leases = [each for each in self.leases[-4:] if self.one(True, False)]
        self.say(f"renew {[(each.page, each.epoch) for each in leases]}")
        lost = await store.renew(leases)
        if list(lost) != [each for each in leases if not self.holds(each)]:
            raise broken("G3", f"of {leases} the store says these are over: {lost}")
        for each in leases:
            if self.holds(each):
                self.pages[each.page].until = self.bench.time + each.ttl

    async def release(self, store: Store) -> None:
        """A lease."""
        lease = self.lease()
        if lease is None:
            await trio.lowlevel.checkpoint()
            return
        status = self.one(PageStatus.LIVE, *PageStatus)
        wake_at = self.one(None, self.bench.time + self.number(-20, 20))
        self.say(f"release {lease.page} as {status.value}, to wake {wake_at}, {self.by(lease)}")
        wrong = None if self.holds(lease) else Fenced
        await self.call("G3", wrong, store.release(lease, status=status, wake_at=wake_at))
        if wrong is None:
            page = self.pages[lease.page]
            page.held, page.status, page.wake_at = None, status, wake_at
            page.crashes, page.released = 0, self.bench.time

    async def due(self, store: Store) -> None:
        """The pages to be taken up by a time."""
        by = self.bench.time + self.number(-30, 30)
        limit = self.number(1, 3)
        self.say(f"what is due by {by}")
        found = await store.due(by, limit)
        due = {name for name, page in self.pages.items() if page.due(by, self.bench.time)}
        if not set(found) <= due or len(found) != min(limit, len(due)):
            raise broken("due", f"{found} is said to be due by {by}, and {due} is")

    async def list(self, store: Store) -> None:
        """The pages by name."""
        status = self.one(None, *PageStatus)
        after, limit = self.one("", *NAMES), self.number(1, 3)
        self.say(f"list {status} behind {after!r}")
        found = [each.page for each in await store.pages(status, after=after, limit=limit)]
        names = sorted(self.pages)
        right = [
            each for each in names if each > after and status in (None, self.pages[each].status)
        ]
        if found != right[:limit]:
            raise broken("pages", f"listed are {found} instead of {right[:limit]}")

    async def purge(self, store: Store) -> None:
        """Remove what is old."""
        before = self.bench.time - self.number(-5, 20)
        status = self.one(PageStatus.ENDED, *PageStatus)
        self.say(f"purge {status.value} pages from before {before}")
        count = await store.purge(before, status=status)
        old = [
            name
            for name, page in self.pages.items()
            if page.status is status and page.held is None and page.released < before
            if status is not PageStatus.LIVE or page.wake_at is None
        ]
        if count != len(old):
            raise broken("purge", f"{count} pages were purged instead of {old}")
        for name in old:
            del self.pages[name]

    async def wait(self, store: Store) -> None:
        """Let time pass."""
        await trio.lowlevel.checkpoint()
        seconds = self.one(1.0, 9.5, 10.0, 60.0)
        self.say(f"{seconds} seconds pass")
        self.bench.time += seconds

    async def look(self, store: Store) -> None:
        """Compare everything."""
        await trio.lowlevel.checkpoint()
        self.say("look at all pages")
        for page in self.pages.values():
            page.judge(await store.look(page.name))
        for name in set(NAMES) - set(self.pages):
            await self.call("G7", NoSuchPage, store.look(name))
