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

    __slots__ = ("_heap", "_made", "_swept")

    def __init__(self) -> None:
        self._heap: list[Timer] | None = None
        self._made = 0
        self._swept = 0

    def set(self, at: float, do: Callable[..., None], args: tuple[object, ...] = ()) -> Timer:
        """Do `do(*args)` at `at`, in seconds of the page's clock."""
        self._made += 1
        timer = Timer(at, self._made, do, args)
        if self._heap is None:
            self._heap = []
        heapq.heappush(self._heap, timer)
        if len(self._heap) > 2 * self._swept + 64:
            self._sweep()
        return timer

    def __bool__(self) -> bool:
        """Whether any are set, be it that they were called off."""
        return self._heap is not None

    def next_at(self) -> float | None:
        """When the next timer is due, or None."""
        heap = self._heap
        if heap is None:
            return None
        while heap and heap[0].do is None:
            heapq.heappop(heap)
        if heap:
            return heap[0].at
        self._heap = None
        return None

    def pop_due(self, by: float) -> Timer | None:
        """Take out the timer that is due next, if it is due by then."""
        if self._heap is None:
            return None
        at = self.next_at()
        if at is None or at > by:
            return None
        assert self._heap is not None
        return heapq.heappop(self._heap)

    def _sweep(self) -> None:
        """Drop what was called off: a limit an hour long that is never reached leaves nothing."""
        assert self._heap is not None
        self._heap = [timer for timer in self._heap if timer.do is not None]
        heapq.heapify(self._heap)
        self._swept = len(self._heap)
