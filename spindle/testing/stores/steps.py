"""The calls that change a page: how each is made, and what has to become of the page by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from spindle._core.errors import SpindleError, UsageError
from spindle.durable.errors import Busy, Conflict, Fenced, NoSuchPage, PageExists
from spindle.durable.store import Lease, PageStatus, Snapshot, Store
from spindle.testing.stores.example import OWNERS, TTLS, Example
from spindle.testing.stores.model import Page, broken, called

if TYPE_CHECKING:
    from spindle.durable.faults import Call

__all__ = ["End", "Step", "Steps"]

End: TypeAlias = "Page | type[SpindleError]"
"""What becomes of a page, or how the call is refused."""


@dataclass(frozen=True)
class Step:
    """A call that changes one page.

    Attributes:
        call: the name of the store's method.
        page: the page's.
        said: what it is, in words.
        guarantee: that is broken if it does not answer as it has to.
        make: makes the call.
        after: tells what has to come of it, if the page was so; None if there was none.
    """

    call: Call
    page: str
    said: str
    guarantee: str
    make: Callable[[Store], Awaitable[Lease | None]]
    after: Callable[[Page | None], End]


class Steps(Example):
    """Plans what is done next."""

    def page_of(self, lease: Lease) -> Page:
        """The page of a lease; one that is gone has nothing."""
        return self.pages.get(lease.page) or Page(lease.page, b"")

    def creation(self, name: str, least: int = 0) -> Step:
        """A new page, perhaps under a name that is taken."""
        owner, ttl, now = self.one(*OWNERS), self.one(*TTLS), self.bench.time
        bodies, meta = self.bodies(least), self.blob()
        frames = self.seal(Page(name, meta), -1, bodies)
        new = Page(name, meta, frames).acquired(owner, ttl, now)
        return Step(
            "create",
            name,
            f"create {called(name)} with {_many(frames)}, by {owner} for {ttl} s",
            "G5",
            lambda store: store.create(name, meta, frames, owner=owner, ttl=ttl),
            lambda page: new if page is None else PageExists,
        )

    def acquisition(self, name: str, *owners: str) -> Step:
        """A page, perhaps one that is held, or none."""
        owner, ttl, now = self.one(*owners or OWNERS), self.one(*TTLS), self.bench.time

        def after(page: Page | None) -> End:
            if page is None:
                return NoSuchPage
            return Busy if page.taken(now) else page.acquired(owner, ttl, now)

        return Step(
            "acquire",
            name,
            f"acquire {called(name)}, by {owner} for {ttl} s",
            "G3",
            lambda store: store.acquire(name, owner=owner, ttl=ttl),
            after,
        )

    def appending(self, lease: Lease, off: int = 0, least: int = 0) -> Step:
        """Frames, perhaps behind another head than the log's."""
        page = self.page_of(lease)
        head = max(page.head + off, -1)
        frames = self.seal(page, min(head, page.head), self.bodies(least))

        def then(page: Page) -> End:
            if head != page.head:
                return Conflict
            return replace(page, frames=[*page.frames, *frames])

        return Step(
            "append",
            lease.page,
            f"append {_many(frames)} behind {head} of {called(lease.page)}, {self.by(lease)}",
            "G5" if self.holds(lease) else "G3",
            lambda store: store.append(lease, head, frames),
            _held(lease, then),
        )

    def covering(self, lease: Lease, seq: int, prune_to: int) -> Step:
        """A snapshot, perhaps of what is not there, with or without pruning."""
        blob = self.blob()

        def then(page: Page) -> End:
            if not max(page.covered, prune_to) <= seq <= page.head:
                return UsageError
            return replace(page, snapshot=Snapshot(seq, blob), pruned=max(page.pruned, prune_to))

        return Step(
            "snapshot",
            lease.page,
            f"snapshot of {called(lease.page)} up to {seq}, {len(blob)} bytes, prune to "
            f"{prune_to}, {self.by(lease)}",
            "G3",
            lambda store: store.snapshot(lease, seq, blob, prune_to=prune_to),
            _held(lease, then),
        )

    def rewinding(self, lease: Lease, head: int) -> Step:
        """Frames are taken back, perhaps some that are covered."""

        def then(page: Page) -> End:
            if not max(page.covered, page.pruned) <= head <= page.head:
                return UsageError
            return replace(page, frames=page.frames[: head + 1])

        return Step(
            "rewind",
            lease.page,
            f"rewind {called(lease.page)} to {head}, {self.by(lease)}",
            "G3",
            lambda store: store.rewind(lease, head),
            _held(lease, then),
        )

    def releasing(
        self, lease: Lease, status: PageStatus | None = None, wake_at: float | None = None
    ) -> Step:
        """A lease is given back, in one way or another if it is not said."""
        now = self.bench.time
        if status is None:
            status = self.one(PageStatus.LIVE, *PageStatus)
            wake_at = self.one(None, now + self.number(-20, 20) + self.one(0.0, 0.25))
        as_what = status  # for checkers: it is one from here on
        return Step(
            "release",
            lease.page,
            f"release {called(lease.page)} as {status.value}, to wake {wake_at}, {self.by(lease)}",
            "G3",
            lambda store: store.release(lease, status=as_what, wake_at=wake_at),
            _held(lease, lambda page: page.released(as_what, wake_at, now)),
        )

    async def take(self, store: Store, step: Step) -> None:
        """Make the call, and compare what comes of it."""
        self.say(step.said)
        end = step.after(self.pages.get(step.page))
        wrong = None if isinstance(end, Page) else end
        answer = await self.call(step.guarantee, wrong, step.make(store), step.call)
        if isinstance(end, Page):
            self.pages[step.page] = self.answered(step, end, answer)

    def answered(self, step: Step, end: Page, answer: Lease | None) -> Page:
        """The page, now that a call that succeeds has answered."""
        if step.call not in ("create", "acquire"):
            return end
        if not isinstance(answer, Lease):
            raise broken("G3", f"{step.call}: expected a Lease, got {answer!r}")
        if fault := end.lease_fault(answer):
            raise fault.broken("G4")
        self.granted(answer)
        return replace(end, lease=answer)

    # ── Steps that have to succeed ───────────────────────────────────────────────────────────────

    async def sound(self, store: Store, call: Call) -> Step:
        """A step that has to succeed; what has to be there for it is made before."""
        if call == "create":
            return self.new_page()  # noqa: ASYNC910
        if call == "acquire":
            return self.acquisition((await self.free(store)).name)
        return self.sound_with(await self.lent(store), call)

    def sound_with(self, lease: Lease, call: Call) -> Step:
        """A step that has to succeed, with a lease of a page that has a frame."""
        page = self.page_of(lease)
        if call == "snapshot":
            seq = page.head - self.number(0, page.head - max(page.covered, 0))
            return self.covering(lease, seq, seq - self.number(0, seq + 1))
        if call == "rewind":
            last = page.head - max(page.covered, page.pruned)
            return self.rewinding(lease, page.head - self.number(min(1, last), last))
        if call == "release":
            return self.releasing(lease)
        return self.appending(lease, least=2)

    async def lent(self, store: Store) -> Lease:
        """A lease that holds, of a page that has a frame."""
        await self.lend(store, 1)
        lease = self.one(*self.held())
        if self.page_of(lease).head < 0:
            await self.take(store, self.appending(lease, least=1))
        return lease

    async def lend(self, store: Store, count: int) -> None:  # noqa: ASYNC910
        """See that so many leases hold."""
        while len(self.held()) < count:
            free = [each for each in self.pages.values() if not each.taken(self.bench.time)]
            if free and len(self.pages) >= len(self.names):
                await self.take(store, self.acquisition(self.one(*free).name))
            else:
                await self.take(store, self.new_page())

    async def free(self, store: Store) -> Page:
        """A page that may be acquired; time passes for it."""
        if not self.pages:
            await self.take(store, self.new_page())
        page = self.one(*self.pages.values())
        self.let_lapse(page)
        self.bench.time += 1.0  # so that it can be told whether it was acquired once more
        return page  # noqa: ASYNC910

    def let_lapse(self, page: Page) -> None:
        """Let time pass until a lease is over."""
        if page.taken(self.bench.time):
            self.say(f"{page.until - self.bench.time} seconds pass")
            self.bench.time = page.until

    def new_page(self) -> Step:
        """A page under a name that is free."""
        self.made += 1
        free = [name for name in self.names if name not in self.pages]
        return self.creation(self.one(*free) if free else f"page-{self.made}", least=1)


def _held(lease: Lease, then: Callable[[Page], End]) -> Callable[[Page | None], End]:
    """What becomes of a page by a call with a lease."""

    def after(page: Page | None) -> End:
        return Fenced if page is None or page.lease is not lease else then(page)

    return after


def _many(frames: list[bytes]) -> str:
    large = max(map(len, frames), default=0)
    return f"{len(frames)} frames" + (f" of up to {large} bytes" if large > 1000 else "")
