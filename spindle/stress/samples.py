"""Durations: how long something took, many times over."""

from __future__ import annotations

import random
from array import array
from typing import Final

import msgspec

__all__ = ["Figures", "Samples"]

KEPT: Final = 50_000
"""Of more durations than this, a random selection is kept: memory is to stay flat."""


class Figures(msgspec.Struct, frozen=True):
    """What many durations come to, in milliseconds."""

    count: int
    p50: float
    p99: float
    longest: float

    def __str__(self) -> str:
        if not self.count:
            return "none"
        return f"p50 {self.p50:,.2f} ms, p99 {self.p99:,.2f} ms, longest {self.longest:,.2f} ms"


class Samples:
    """Takes durations in seconds."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._kept = array("d")
        self._count = 0
        self._longest = 0.0

    def add(self, seconds: float) -> None:
        """Take one."""
        self._count += 1
        self._longest = max(self._longest, seconds)
        if len(self._kept) < KEPT:
            self._kept.append(seconds)
        elif (place := self._draw.randrange(self._count)) < KEPT:
            self._kept[place] = seconds

    def figures(self) -> Figures:
        """Say what they come to; sorts what was kept."""
        waits = sorted(self._kept)
        return Figures(
            self._count,
            1000 * _within(waits, 0.5),
            1000 * _within(waits, 0.99),
            1000 * self._longest,
        )


def _within(waits: list[float], share: float) -> float:
    return waits[min(int(share * len(waits)), len(waits) - 1)] if waits else 0.0
