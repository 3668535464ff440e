"""Who decides where there is a choice: one of several ways to walk through the schedules.

Each picks one of several options; the first is the default, the task that was started first. The
search keeps what was picked, so that every run can be had again by following that.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Protocol

import trio

__all__ = ["Chance", "Follow", "Guide", "Priorities"]


class Guide(Protocol):
    """Decides, choice by choice."""

    def pick(self, options: Sequence[object], number: int) -> int:
        """The index of one of several options; it is the choice with that number, from 0."""
        ...


class Follow:
    """Picks what is written, and the first where nothing is."""

    def __init__(self, picks: Mapping[int, int]) -> None:
        self._picks = picks

    def pick(self, options: Sequence[object], number: int) -> int:
        """See `Guide`. Of fewer options than there were, in a run that became another, the last."""
        return min(self._picks.get(number, 0), len(options) - 1)


class Chance:
    """Picks any, each as likely."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def pick(self, options: Sequence[object], number: int) -> int:
        """See `Guide`."""
        return self._draw.randrange(len(options))


class Priorities:
    """Lets the task of the highest priority run, and changes priorities at a few points only.

    A bug that needs `depth` things in a certain order, among n tasks and k choices, is met with a
    probability of at least 1 / (n * k ** (depth - 1)), far more than by chance: Burckhardt,
    Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
    Finding Bugs", ASPLOS 2010.
    """

    def __init__(self, draw: random.Random, depth: int, choices: int) -> None:
        """Draw the points.

        Args:
            draw: where chance comes from.
            depth: of the bugs looked for, from 1; there are `depth - 1` points.
            choices: how many choices a run has, about.
        """
        self._draw = draw
        self._given: dict[object, float] = {}
        points = [draw.randrange(max(choices, 1)) for _ in range(depth - 1)]
        self._lowered = {point: -1.0 - place for place, point in enumerate(points)}

    def pick(self, options: Sequence[object], number: int) -> int:
        """See `Guide`. What is no task is picked by chance."""
        if not isinstance(options[0], trio.lowlevel.Task):
            return self._draw.randrange(len(options))
        best = self._best(options)
        if number in self._lowered:
            self._given[options[best]] = self._lowered[number]
            best = self._best(options)
        return best

    def _best(self, options: Sequence[object]) -> int:
        return max(range(len(options)), key=lambda index: self._priority(options[index]))

    def _priority(self, option: object) -> float:
        given = self._given.get(option)
        if given is None:
            given = self._given[option] = self._draw.random()
        return given
