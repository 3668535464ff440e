"""An edit script: what to copy from the old text and what to insert, in order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import TypeAlias

from spindle.view.splice import common_prefix, common_suffix

__all__ = ["Op", "Script", "weigh"]

Op: TypeAlias = tuple[int, int] | str
"""`(start, length)` copies that stretch of the old text, in UTF-16 units; a text inserts itself."""

# About what a copy costs on the wire; a shorter stretch is cheaper inserted again.
_COPY_COST = 12

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Script:
    """Makes `new` out of `old`; stretches of `old` that adjoin become one copy."""

    def __init__(self, old: str) -> None:
        self._old = old
        # A copy is its first and its last character's positions, in characters, half open.
        self._steps: list[tuple[int, int] | str] = []

    def copy(self, start: int, stop: int) -> None:
        """Append `old[start:stop]`."""
        if start == stop:
            return
        if self._steps and isinstance(last := self._steps[-1], tuple) and last[1] == start:
            self._steps[-1] = (last[0], stop)
        else:
            self._steps.append((start, stop))

    def insert(self, text: str) -> None:
        """Append `text`."""
        if text:
            self._steps.append(text)

    def splice(self, start: int, stop: int, new: str) -> None:
        """Append `new`, copying what it has in common with the ends of `old[start:stop]`."""
        old = self._old[start:stop]
        head = common_prefix(old, new)
        tail = common_suffix(old, new, min(len(old), len(new)) - head)
        self.copy(start, start + head)
        self.insert(new[head : len(new) - tail])
        self.copy(stop - tail, stop)

    def finish(self) -> tuple[Op, ...]:
        """Return the operations, with offsets in UTF-16 units as browsers count them."""
        steps, pieces, units = list[Op](), list[str](), _units(self._old)
        for step in self._steps:
            if isinstance(step, str):
                pieces.append(step)
            elif step[1] - step[0] < _COPY_COST:
                pieces.append(self._old[step[0] : step[1]])
            else:
                if pieces:
                    steps.append("".join(pieces))
                    pieces.clear()
                start = units(step[0])
                steps.append((start, units(step[1]) - start))
        if pieces:
            steps.append("".join(pieces))
        return tuple(steps)


def weigh(ops: tuple[Op, ...]) -> int:
    """Return about how many characters the operations take on the wire."""
    return sum(len(op) if isinstance(op, str) else _COPY_COST for op in ops)


def _units(text: str) -> Callable[[int], int]:
    """Return what turns a position in `text` into UTF-16 units."""
    astral = [] if text.isascii() else [found.start() for found in _ASTRAL.finditer(text)]
    if not astral:
        return lambda position: position
    return lambda position: position + bisect_left(astral, position)
