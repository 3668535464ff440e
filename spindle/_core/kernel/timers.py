"""Deadlines of one page, in order of time, then of creation."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Timer", "Timers"]


class Timer:
    """Something to do at a moment; `due` None once it was done or called off."""

    __slots__ = ("at", "do", "number")

    def __init__(self, at: float, number: int, do: Callable[[], None]) -> None:
        self.at = at
        self.number = number
        self.do: Callable[[], None] | None = do

    def __lt__(self, other: Timer) -> bool:
        return (self.at, self.number) < (other.at, other.number)

    def call_off(self) -> None:
        """Forget it; harmless if it has fired."""
        self.do = None


class Timers:
    """A heap of timers; those called off are dropped when they come up."""

    __slots__ = ("_heap", "_numbers")

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._numbers = count()

    def set(self, at: float, do: Callable[[], None]) -> Timer:
        """Do `do` at `at`, in seconds of the page's clock."""
        timer = Timer(at, next(self._numbers), do)
        heapq.heappush(self._heap, timer)
        return timer

    def next_at(self) -> float | None:
        """When the next timer is due, or None."""
        while self._heap and self._heap[0].do is None:
            heapq.heappop(self._heap)
        return self._heap[0].at if self._heap else None

    def pop_due(self, by: float) -> tuple[float, Callable[[], None]] | None:
        """Take out what is to be done next by then, with its time; or None."""
        at = self.next_at()
        if at is None or at > by:
            return None
        timer = heapq.heappop(self._heap)
        do, timer.do = timer.do, None
        assert do is not None  # `next_at` drops those that were called off
        return at, do
