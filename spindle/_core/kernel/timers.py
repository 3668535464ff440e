"""Deadlines of one page, in order of time, then of creation."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Timer", "Timers"]


class Timer:
    """Something to do at a moment."""

    __slots__ = ("args", "at", "do", "number")

    def __init__(
        self, at: float, number: int, do: Callable[..., None], args: tuple[object, ...]
    ) -> None:
        self.at = at
        self.number = number
        self.do: Callable[..., None] | None = do
        """None once it was done or called off."""
        self.args = args

    def __lt__(self, other: Timer) -> bool:
        return (self.at, self.number) < (other.at, other.number)

    def call_off(self) -> None:
        """Forget it; harmless if it has fired."""
        self.do = None
        self.args = ()

    def fire(self) -> None:
        """Do it, once."""
        do, args = self.do, self.args
        self.call_off()
        assert do is not None  # those that were called off are dropped before they come up
        do(*args)


class Timers:
    """A heap of timers; those called off are dropped when they come up, or are too many."""

    __slots__ = ("_made", "_swept", "heap")

    def __init__(self) -> None:
        self.heap: list[Timer] | None = None
        """None where no timer is set."""
        self._made = 0
        self._swept = 0

    def place(self) -> int:
        """The next place among timers that are due together, which come in order of creation."""
        self._made += 1
        return self._made

    def set(
        self,
        at: float,
        do: Callable[..., None],
        args: tuple[object, ...] = (),
        place: int | None = None,
    ) -> Timer:
        """Do `do(*args)` at `at`, in seconds of the page's clock, in that place or the next."""
        timer = Timer(at, self.place() if place is None else place, do, args)
        if self.heap is None:
            self.heap = []
        heapq.heappush(self.heap, timer)
        if len(self.heap) > 2 * self._swept + 64:
            self._sweep()
        return timer

    def next_at(self) -> float | None:
        """When the next timer is due, or None."""
        heap = self.heap
        if heap is None:
            return None
        while heap and heap[0].do is None:
            heapq.heappop(heap)
        if heap:
            return heap[0].at
        self.heap = None
        return None

    def pop_due(self, by: float) -> Timer | None:
        """Take out the timer that is due next, if it is due by then."""
        if self.heap is None:
            return None
        at = self.next_at()
        if at is None or at > by:
            return None
        assert self.heap is not None
        return heapq.heappop(self.heap)

    def _sweep(self) -> None:
        """Drop what was called off: a limit an hour long that is never reached leaves nothing."""
        assert self.heap is not None
        self.heap = [timer for timer in self.heap if timer.do is not None]
        heapq.heapify(self.heap)
        self._swept = len(self.heap)
