"""Picking among few things, for those who make programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["Picks"]

T = TypeVar("T")


class Picks:
    """Picks with `pick(n)`, which chooses one of n, 0 being the simplest."""

    def __init__(self, pick: Callable[[int], int]) -> None:
        self.pick = pick

    def one(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.pick(len(choices))]

    def few(self, make: Callable[[], T], least: int, most: int) -> tuple[T, ...]:
        """So many at least, and at most."""
        return tuple(make() for _ in range(least + self.pick(most - least + 1)))

    def once_in(self, times: int) -> bool:
        """Whether this is the time for what is rare."""
        return self.pick(times) == times - 1
