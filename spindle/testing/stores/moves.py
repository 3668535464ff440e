"""What is done to a store, move by move, each compared with the model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import trio
from hypothesis import strategies as st

from spindle._core.errors import SpindleError, UsageError
from spindle.durable.errors import (
    Busy,
    Conflict,
    Fenced,
    NoSuchPage,
    PageExists,
    StoreError,
    StoreFailed,
)
from spindle.durable.faults import Fault
from spindle.durable.store import Lease, PageStatus, Snapshot, Store
from spindle.testing.stores.model import Page, broken, seal

if TYPE_CHECKING:
    from spindle.testing.stores.bench import Bench

__all__ = ["Draw", "Moves"]

T = TypeVar("T")
NAMES = ("a", "b", "c")
OWNERS = ("ann", "ben")
TTL = 10.0


class Draw(Protocol):
    """Hypothesis' `data.draw`."""

    def __call__(self, strategy: st.SearchStrategy[T]) -> T:
        """Draw a value."""
        ...


class Moves:
    """One example: a store, its model, and the leases that were ever granted."""

    def __init__(self, bench: Bench, draw: Draw, say: Callable[[str], None]) -> None:
        self.bench = bench
        self.draw = draw
        self.say = say
        self.pages: dict[str, Page] = {}
        self.leases: list[Lease] = []
        self.made = 0

    # ── Choosing ─────────────────────────────────────────────────────────────────────────────────

    def _one(self, *of: T) -> T:
        return self.draw(st.sampled_from(of))

    def _number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def _page(self) -> Page | None:
        return self.pages[self._one(*sorted(self.pages))] if self.pages else None

    def _lease(self) -> Lease | None:
        """One that holds, more often than one that is over."""
        held = [page.held for page in self.pages.values() if page.held is not None]
        if held and self._number(0, 3):
            return self._one(*held)
        return self._one(*self.leases) if self.leases else None

    def _bodies(self, most: int = 3) -> list[bytes]:
        self.made += 1
        return [f"{self.made}.{each}".encode() for each in range(self._number(0, most))]

    def _holds(self, lease: Lease) -> bool:
        page = self.pages.get(lease.page)
        return page is not None and page.held is lease

    # ── Moves ────────────────────────────────────────────────────────────────────────────────────

    async def create(self, store: Store) -> None:
        """A new page, perhaps under a name that is taken."""
        name, owner = self._one(*NAMES), self._one(*OWNERS)
        page = Page(name, f"meta of {name}".encode())
        frames = seal(page, -1, self._bodies(), self.bench.time)
        self.say(f"create {name} with {len(frames)} frames, by {owner}")
        wrong = PageExists if name in self.pages else None
        lease = await self._call(
            "G5", wrong, store.create(name, page.meta, frames, owner=owner, ttl=TTL)
        )
        if lease is not None:
            page.frames = frames
            self.pages[name] = page
            self._lent(page, lease)

    async def acquire(self, store: Store) -> None:
        """A page, perhaps one that is held, or none."""
        name, owner = self._one(*NAMES), self._one(*OWNERS)
        self.say(f"acquire {name}, by {owner}")
        page = self.pages.get(name)
        wrong: type[StoreError] | None = None
        if page is None:
            wrong = NoSuchPage
        elif page.taken(self.bench.time):
            wrong = Busy
        lease = await self._call("G3", wrong, store.acquire(name, owner=owner, ttl=TTL))
        if lease is not None and page is not None:
            self._lent(page, lease)

    def _lent(self, page: Page, lease: Lease) -> None:
        if any(each.epoch >= lease.epoch for each in self.leases if each.page == page.name):
            raise broken("G3", f"epoch {lease.epoch} was granted, which is no new one")
        self.leases.append(lease)
        page.lend(lease, self.bench.time)

    async def append(self, store: Store) -> None:
        """Frames, perhaps behind another head, or with a lease that is over."""
        lease = self._lease()
        if lease is None:
            return
        page = self.pages.get(lease.page) or Page(lease.page, b"")
        head = max(page.head + self._one(0, 0, 0, 0, -1, 1), -1)
        frames = seal(page, min(head, page.head), self._bodies(), self.bench.time)
        self.say(f"append {len(frames)} frames behind {head} of {lease.page}, {self._of(lease)}")
        guarantee, wrong = self._refusal(lease, head)
        await self._call(guarantee, wrong, store.append(lease, head, frames))
        if wrong is None:
            page.frames += frames

    def _refusal(self, lease: Lease, head: int) -> tuple[str, type[StoreError] | None]:
        if not self._holds(lease):
            return "G3", Fenced
        return "G5", None if head == self.pages[lease.page].head else Conflict

    def _of(self, lease: Lease) -> str:
        kind = "the lease that holds" if self._holds(lease) else "a lease that is over"
        return f"with {kind} (epoch {lease.epoch})"

    async def race(self, store: Store) -> None:
        """Several appends at a time, to each page that is held: one of each page is kept."""
        held = [page for page in self.pages.values() if page.held is not None]
        rivals = self._number(1, 3)
        self.say(f"append to {[page.name for page in held]} at a time, {rivals} to each")
        won: dict[str, list[list[bytes]]] = {page.name: [] for page in held}

        async def one(page: Page, lease: Lease, head: int, frames: list[bytes]) -> None:
            try:
                await store.append(lease, head, frames)
            except Conflict:
                return
            won[page.name].append(frames)

        async with trio.open_nursery() as nursery:
            for page in held:
                assert page.held is not None
                for rival in range(rivals):
                    self.made += 1
                    bodies = [f"{self.made}.{rival}.{each}".encode() for each in (0, 1)]
                    frames = seal(page, page.head, bodies, self.bench.time)
                    nursery.start_soon(one, page, page.held, page.head, frames)
        for page in held:
            if len(won[page.name]) != 1:
                raise broken("G5", f"{len(won[page.name])} of {rivals} rivals were told they won")
            page.frames += won[page.name][0]
            page.judge(await store.look(page.name))

    async def give_up(self, store: Store) -> None:
        """An append that is cancelled while it waits: kept or not, as a whole."""
        lease = self._lease()
        if lease is None or not self._holds(lease):
            return
        page = self.pages[lease.page]
        frames = seal(page, page.head, self._bodies(), self.bench.time)
        steps = self._number(0, 2)
        self.say(f"append {len(frames)} frames to {page.name}, cancelled after {steps} steps")
        answered = False

        async def one() -> None:
            nonlocal answered
            await store.append(lease, page.head, frames)
            answered = True

        async with trio.open_nursery() as nursery:
            nursery.start_soon(one)
            for _ in range(steps):
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        if answered:
            page.frames += frames
        else:
            page.doubtful.append(frames)
        page.judge(await store.look(page.name))

    async def read(self, store: Store) -> None:
        """Frames behind a number."""
        lease = self._lease()
        if lease is None:
            return
        page = self.pages.get(lease.page) or Page(lease.page, b"")
        after = self._number(-1, page.head)
        self.say(f"read {lease.page} behind {after}, {self._of(lease)}")
        wrong: type[SpindleError] | None = None
        if not self._holds(lease):
            wrong = Fenced
        elif after < page.pruned:
            wrong = UsageError
        found = await self._call("G3", wrong, store.read(lease, after))
        if found is not None and list(found) != page.frames[after + 1 :]:
            raise broken("G4", f"{len(found)} frames were read behind {after} of {page.head}")

    async def snapshot(self, store: Store) -> None:
        """A snapshot, perhaps of what is not there, with or without pruning."""
        lease = self._lease()
        if lease is None:
            return
        page = self.pages.get(lease.page) or Page(lease.page, b"")
        seq = self._number(0, max(0, page.head + 1))
        prune_to = self._number(-1, seq)
        self.made += 1
        blob = f"snapshot {self.made}".encode()
        self.say(f"snapshot of {lease.page} up to {seq}, prune to {prune_to}, {self._of(lease)}")
        covered = -1 if page.snapshot is None else page.snapshot.seq
        wrong: type[SpindleError] | None = None
        if not self._holds(lease):
            wrong = Fenced
        elif not covered <= seq <= page.head:
            wrong = UsageError
        await self._call("G3", wrong, store.snapshot(lease, seq, blob, prune_to=prune_to))
        if wrong is None:
            page.snapshot = Snapshot(seq, blob)
            page.pruned = max(page.pruned, prune_to)

    async def renew(self, store: Store) -> None:
        """Some leases; told are those that are over."""
        leases = [each for each in self.leases[-4:] if self._one(True, False)]
        self.say(f"renew {[(each.page, each.epoch) for each in leases]}")
        lost = await store.renew(leases)
        if list(lost) != [each for each in leases if not self._holds(each)]:
            raise broken("G3", f"of {leases} the store says these are over: {lost}")
        for each in leases:
            if self._holds(each):
                self.pages[each.page].until = self.bench.time + each.ttl

    async def release(self, store: Store) -> None:
        """A lease."""
        lease = self._lease()
        if lease is None:
            return
        status = self._one(PageStatus.LIVE, *PageStatus)
        wake_at = self._one(None, self.bench.time + self._number(-20, 20))
        self.say(f"release {lease.page} as {status.value}, to wake {wake_at}, {self._of(lease)}")
        wrong = None if self._holds(lease) else Fenced
        await self._call("G3", wrong, store.release(lease, status=status, wake_at=wake_at))
        if wrong is None:
            page = self.pages[lease.page]
            page.held, page.status, page.wake_at = None, status, wake_at
            page.crashes, page.released = 0, self.bench.time

    async def due(self, store: Store) -> None:
        """The pages to be taken up by a time."""
        by = self.bench.time + self._number(-30, 30)
        limit = self._number(1, 3)
        self.say(f"what is due by {by}")
        found = await store.due(by, limit)
        due = {name for name, page in self.pages.items() if page.due(by, self.bench.time)}
        if not set(found) <= due or len(found) != min(limit, len(due)):
            raise broken("due", f"{found} is said to be due by {by}, and {due} is")

    async def list(self, store: Store) -> None:
        """The pages by name."""
        status = self._one(None, *PageStatus)
        after, limit = self._one("", *NAMES), self._number(1, 3)
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
        before = self.bench.time - self._number(-5, 20)
        status = self._one(PageStatus.ENDED, *PageStatus)
        self.say(f"purge {status.value} pages from before {before}")
        count = await store.purge(before, status=status)
        old = [
            name
            for name, page in self.pages.items()
            if page.status is status and page.held is None and page.released < before
        ]
        if count != len(old):
            raise broken("purge", f"{count} pages were purged instead of {old}")
        for name in old:
            del self.pages[name]

    async def wait(self, store: Store) -> None:
        """Let time pass."""
        seconds = self._one(1.0, 9.5, 10.0, 60.0)
        self.say(f"{seconds} seconds pass")
        self.bench.time += seconds

    async def look(self, store: Store) -> None:
        """Compare everything."""
        self.say("look at all pages")
        for page in self.pages.values():
            page.judge(await store.look(page.name))
        for name in set(NAMES) - set(self.pages):
            await self._call("G7", NoSuchPage, store.look(name))

    # ── Faults ───────────────────────────────────────────────────────────────────────────────────

    async def fault(self, store: Store) -> bool:
        """An append that goes wrong.

        Returns:
            Whether the store has failed, and has to be opened anew.
        """
        fault = self._one(*Fault)
        lease = self._lease()
        if lease is None or not self._holds(lease) or not self.bench.fail(fault):
            return False
        page = self.pages[lease.page]
        frames = seal(page, page.head, [*self._bodies(2), b"last"], self.bench.time)
        self.say(f"append {len(frames)} frames to {page.name}, which goes wrong: {fault.name}")
        if fault is Fault.FENCED:
            await self._call("G3", Fenced, store.append(lease, page.head, frames))
            page.held, page.released = None, self.bench.time
            return True
        failed = await self._fails(store.append(lease, page.head, frames))
        if failed.in_doubt:
            page.doubtful.append(frames)
        await self._stays_failed(store)
        return True

    async def _fails(self, call: Awaitable[object]) -> StoreFailed:
        try:
            await call
        except StoreFailed as failed:
            return failed
        raise broken("G7", "an append was acknowledged although the store broke")

    async def _stays_failed(self, store: Store) -> None:
        for page in self.pages.values():
            if page.held is not None:
                try:
                    await store.append(page.held, page.head, [])
                except StoreFailed:
                    continue
                raise broken("G8", "an append succeeded after the store had failed")

    def restarted(self) -> None:
        """Note that the store was opened anew: nobody waits for who held its pages."""
        for page in self.pages.values():
            page.until = 0.0

    async def _call(
        self, guarantee: str, wrong: type[SpindleError] | None, call: Awaitable[T]
    ) -> T | None:
        """Make a call that has to be refused in one way, or to succeed."""
        try:
            answer = await call
        except SpindleError as error:
            if wrong is None or type(error) is not wrong:
                expected = "to succeed" if wrong is None else wrong.__name__
                raise broken(guarantee, f"expected {expected}, got {error!r}") from error
            return None
        if wrong is not None:
            raise broken(guarantee, f"expected {wrong.__name__}, got {answer!r}")
        return answer


ALWAYS: Sequence[Callable[[Moves, Store], Awaitable[None]]] = (
    Moves.append,
    Moves.acquire,
    Moves.create,
    Moves.read,
    Moves.release,
    Moves.wait,
    Moves.snapshot,
    Moves.renew,
    Moves.look,
    Moves.race,
    Moves.give_up,
    Moves.due,
    Moves.list,
    Moves.purge,
)
"""The simplest first: examples shrink towards them."""
