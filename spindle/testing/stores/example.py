"""One example of the suite: a store, its model, and who has which lease."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

import trio

from spindle._core.errors import SpindleError
from spindle.testing.stores.model import Page, broken

if TYPE_CHECKING:
    from spindle.durable.store import Lease
    from spindle.testing.stores.bench import Bench

__all__ = ["NAMES", "OWNERS", "TTL", "Example"]

T = TypeVar("T")
NAMES: Final = ("a", "b", "c")
OWNERS: Final = ("ann", "ben")
TTL: Final = 10.0


class Example:
    """One example: a store, its model, and the leases that were ever granted.

    What a move does is chosen by numbers that were drawn before: what a store does may depend on
    when a disk or a thread is ready, and what is drawn must not.
    """

    def __init__(self, bench: Bench, say: Callable[[str], None]) -> None:
        self.bench = bench
        self.say = say
        self.pages: dict[str, Page] = {}
        self.leases: list[Lease] = []
        self.made = 0
        self._choices: list[int] = []

    # ── Choosing ─────────────────────────────────────────────────────────────────────────────────

    def choose_by(self, choices: Sequence[int]) -> None:
        """Go by these numbers in the next move; where there are not enough, by zeros."""
        self._choices = [*reversed(choices)]

    def number(self, low: int, high: int) -> int:
        """Choose a number; the simplest is the low one."""
        chosen = self._choices.pop() if self._choices else 0
        return low + chosen % (high - low + 1)

    def one(self, *of: T) -> T:
        """Choose one of these; the simplest is the first."""
        return of[self.number(0, len(of) - 1)]

    def lease(self) -> Lease | None:
        """One that holds, more often than one that is over."""
        held = [page.held for page in self.pages.values() if page.held is not None]
        if held and self.number(0, 3) < 3:
            return self.one(*held)
        return self.one(*self.leases) if self.leases else None

    def bodies(self, most: int = 3) -> list[bytes]:
        """Draw what a few frames hold; it was never held before."""
        self.made += 1
        return [f"{self.made}.{each}".encode() for each in range(self.number(0, most))]

    def holds(self, lease: Lease) -> bool:
        """Whether a lease is not over."""
        page = self.pages.get(lease.page)
        return page is not None and page.held is lease

    # ── Leases and answers ───────────────────────────────────────────────────────────────────────

    def by(self, lease: Lease) -> str:
        """Tell of a lease."""
        kind = "the lease that holds" if self.holds(lease) else "a lease that is over"
        return f"with {kind} (epoch {lease.epoch})"

    def lent(self, page: Page, lease: Lease) -> None:
        """Compare and note a lease."""
        if any(each.epoch >= lease.epoch for each in self.leases if each.page == page.name):
            raise broken("G3", f"epoch {lease.epoch} was granted, which is no new one")
        self.leases.append(lease)
        page.lend(lease, self.bench.time)

    def restarted(self) -> None:
        """Note that the store was opened anew."""
        for page in self.pages.values():
            if self.bench.alone:
                page.until = 0.0

    async def call(
        self, guarantee: str, wrong: type[SpindleError] | None, call: Awaitable[T]
    ) -> T | None:
        """Make a call that has to be refused in one way, or to succeed."""
        await trio.lowlevel.checkpoint()
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
