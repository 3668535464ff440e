"""What the spindles of one random page share, and all that happens there in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from spindle import Channel
from spindle._core.journal import CallEnded, Entry
from spindle.testing import Recording
from spindle.testing.recording import line_of

if TYPE_CHECKING:
    from spindle import Handle
    from tests.laboratory.programs.statement import Which

__all__ = ["Item", "World"]


class Item:
    """Something that is put into a channel: itself and nothing like it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"item {self.number}"


class World(Recording):
    """The journal of a page whose spindles write into it, too."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []
        self.handles: list[Handle[Any]] = []
        self.channels = [Channel[Item](capacity) for capacity in range(3)]
        self.put: list[Item] = []
        """Items whose put was done."""
        self.taken: list[Item] = []
        self.dropped: list[Item] = []
        """Items that a channel held when it was failed."""
        self.heard: list[object] = []
        """Events that were received."""
        self.began: list[str] = []
        self.unwound: list[str] = []
        self.sent: dict[Which, list[int]] = {}
        """What was put into each cell."""
        self.seen: dict[tuple[str, Which], list[int]] = {}
        """What each subscription to a cell brought."""
        self.faults: list[str] = []
        """What a spindle saw that must not be."""
        self.fibers: list[str] = []
        self.failing: set[str] = set()
        """Who raises at its next statement."""
        self.make_scope: Callable[[], Any] | None = None
        """Makes a scope of trio's, where spindles are tasks."""
        self.scopes: list[Any] = []
        """Those that are entered now."""
        self._counts = count(1)

    def number(self) -> int:
        """A number that was not given before."""
        return next(self._counts)

    def note(self, line: str) -> None:
        """Write a line into the log."""
        self.log.append(line)

    def record(self, at: float, entry: Entry) -> None:
        """Keep an entry of the journal, and its line where it happened."""
        super().record(at, entry)
        self.log.append(f"{at:.6f} {self._plain(entry)}")

    @contextmanager
    def native(self) -> Iterator[None]:
        """A scope of trio's that can be cancelled from outside, where there is one."""
        if self.make_scope is None:
            yield
            return
        scope = self.make_scope()
        self.scopes.append(scope)
        try:
            with scope:
                yield
        finally:
            self.scopes.remove(scope)

    def _plain(self, entry: Entry) -> str:
        # The exception that ends a call that was cut is trio's where spindles are tasks.
        error = entry.error if isinstance(entry, CallEnded) else None
        if error is not None and not isinstance(error, Exception):
            return f"{entry.call} was cut"
        return line_of(entry)

    def __repr__(self) -> str:
        return "world"
