"""One example of the suite: a store, its model, and who has which lease."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar

from spindle._core.errors import SpindleError
from spindle._core.names import shown
from spindle.durable.errors import NoSuchPage
from spindle.testing.stores.model import Page, broken, called, chain_of
from spindle.testing.stores.settling import settled

if TYPE_CHECKING:
    from spindle.durable.frames import Chain
    from spindle.durable.store import Kept, Lease, Store
    from spindle.testing.stores.bench import Bench

__all__ = ["NAMES", "OWNERS", "TTLS", "Example", "told"]

T = TypeVar("T")
OWNERS: Final = ("ann", "ben")
TTLS: Final = (10.0, 1.5, 60.0, 3600.0)
_LONG: Final = "n" * 199

NAMES: Final[Sequence[tuple[str, str, str]]] = (
    ("a", "A", "B"),  # a letter's case counts, and the order is that of the code points
    (f"{_LONG}1", f"{_LONG}2", "%_'\"\\"),
    ("\u00e9", "e\u0301", "\U0001f9f5"),  # one letter, composed and not: two names
)
"""The names of the pages of an example."""

AWKWARD: Final = b"\0 \xff\xfe\xc3( '\"\\\r\n\x1a \0"
"""What is no text, has ends of strings and files in it, and blanks at the ends."""

LARGE: Final = 70_000
"""Bytes: more than a field with a length of 16 bits can have."""

MANY: Final = 1050
"""Frames: more than one statement, or one batch, may hold."""


class Example:
    """One example: a store, its model, and the leases that were ever granted.

    What a move does is chosen by numbers that were drawn before: what a store does may depend on
    when a disk or a thread is ready, and what is drawn must not.

    Args:
        bench: opens the store.
        say: notes what is done.
        names: of the pages.
    """

    def __init__(
        self, bench: Bench, say: Callable[[str], None], names: Sequence[str] = NAMES[0]
    ) -> None:
        self.bench = bench
        self.say = say
        self.names = names
        self.stores: Sequence[Store] = ()
        self.pages: dict[str, Page] = {}
        self.doubts: dict[str, Sequence[Page | None]] = {}
        self.leases: list[Lease] = []
        self.made: int = 0
        self._choices: list[int] = []
        self._ends: dict[tuple[str, bytes], Chain] = {}

    # ── Choosing ─────────────────────────────────────────────────────────────────────────────────

    def choose_by(self, choices: Sequence[int]) -> None:
        """Go by these numbers in the next move; where there are not enough, by zeros."""
        self._choices = [*reversed(choices)]

    def number(self, low: int, high: int) -> int:
        """Choose a number; the simplest is the low one."""
        chosen = self._choices.pop() if self._choices and low < high else 0
        return low + chosen % (high - low + 1)

    def one(self, *of: T) -> T:
        """Choose one of these; the simplest is the first."""
        return of[self.number(0, len(of) - 1)]

    def store(self) -> Store:
        """One of the openings of the store."""
        return self.one(*self.stores)

    def lease(self) -> Lease | None:
        """One that holds, more often than one that is over."""
        held = self.held()
        if held and self.number(0, 3) < 3:
            return self.one(*held)
        return self.one(*self.leases) if self.leases else None

    def held(self) -> list[Lease]:
        """All that hold."""
        return [page.lease for page in self.pages.values() if page.lease is not None]

    def holds(self, lease: Lease) -> bool:
        """Whether a lease is not over."""
        page = self.pages.get(lease.page)
        return page is not None and page.lease is lease

    def content(self) -> bytes:
        """Make bytes that never were before: a few, some that are no text, or many."""
        self.made += 1
        plain, kind = f"{self.made}.".encode(), self.number(0, 23)
        if kind < 11:
            return plain
        if kind < 15:
            return plain + AWKWARD
        return plain + Random(self.made).randbytes(40 if kind < 23 else LARGE)

    def blob(self) -> bytes:
        """Make such bytes, or none, more often many."""
        kind = self.number(0, 11)
        if kind < 9:
            return self.content()
        return b"" if kind == 9 else b"large " + Random(self.made).randbytes(LARGE)

    def bodies(self, least: int = 0) -> list[bytes]:
        """Make what a few frames hold, now and then many."""
        count = self.number(0, 63)
        if count == 63:
            self.made += 1
            return [f"{self.made}.{each}".encode() for each in range(MANY)]
        return [self.content() for _ in range(max(least, count % 4))]

    def seal(self, page: Page, head: int, bodies: Sequence[bytes]) -> list[bytes]:
        """Frames behind one number, each with a body."""
        last = page.frames[head] if head >= 0 else b""
        before = self._ends.get((page.name, last))
        chain = copy(before or chain_of(page.name, page.frames[: head + 1]))
        frames = [chain.seal(self.bench.time, body) for body in bodies]
        self._ends[page.name, frames[-1] if frames else last] = chain
        return frames

    # ── Leases and answers ───────────────────────────────────────────────────────────────────────

    def by(self, lease: Lease) -> str:
        """Tell of a lease."""
        kind = "the lease that holds" if self.holds(lease) else "a lease that is over"
        return f"with {kind} (epoch {lease.epoch})"

    def granted(self, lease: Lease) -> None:
        """Note a lease, and check that it is a new one."""
        before = [each.epoch for each in self.leases if each.page == lease.page]
        if before and max(before) >= lease.epoch:
            raise broken(
                "G3",
                f"epoch {lease.epoch} of page {called(lease.page)} was granted: expected a greater "
                f"one than all before, which go up to {max(before)}",
            )
        self.leases.append(lease)

    def restarted(self) -> None:
        """Note that the store was opened anew: with it, leases of one process are over."""
        if self.bench.alone:
            now = self.bench.time
            self.pages = {name: page.lapsed(now) for name, page in self.pages.items()}
            self.doubts = {
                name: [page and page.lapsed(now) for page in pages]
                for name, pages in self.doubts.items()
            }

    async def settle(
        self, store: Store, name: str, may_be: Sequence[Page | None], torn: str = "G1"
    ) -> None:
        """Look which of its states a page is in."""
        kept = await self.kept(store, name)
        page = settled(name, may_be, kept, torn)
        self.pages.pop(name, None)
        if page is not None:
            self.pages[name] = page

    async def kept(self, store: Store, name: str) -> Kept | None:
        """All that a store has of a page; None if it has no such page."""
        answer = await told(store.look(name))
        if isinstance(answer, NoSuchPage):
            return None
        if isinstance(answer, SpindleError):
            raise broken("G7", f"look at {called(name)}: expected to succeed, got {answer!r}")
        return answer

    async def call(
        self, guarantee: str, wrong: type[SpindleError] | None, call: Awaitable[T], what: str
    ) -> T | None:
        """Make a call that has to be refused in one way, or to succeed."""
        answer = await told(call)
        if isinstance(answer, SpindleError):
            if wrong is None or type(answer) is not wrong:
                expected = "to succeed" if wrong is None else wrong.__name__
                raise broken(guarantee, f"{what}: expected {expected}, got {answer!r}") from answer
            return None
        if wrong is not None:
            raise broken(guarantee, f"{what}: expected {wrong.__name__}, got {shown(answer)}")
        return answer


async def told(call: Awaitable[T]) -> T | SpindleError:
    """What a call answers, or how it is refused."""
    try:
        return await call
    except SpindleError as error:
        return error  # noqa: ASYNC910
