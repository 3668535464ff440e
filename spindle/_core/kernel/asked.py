"""How many questions the spindles of a page have asked that have ended.

An answer says by its number which question it is for. So a spindle that takes the key of one that
has ended goes on counting where that has stopped: a late answer finds no other question of its
number. A page that gives each of its spindles a name of its own would keep more and more of these
counts. The oldest are forgotten, and all but the greatest of their numbers: from that one on
counts whoever has a key that is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.limits import ENDED_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spindle._core.kernel.record import Key

__all__ = ["Asked"]


class Asked:
    """The last question of each key whose spindle has ended.

    Attributes:
        least: from which number on counts whoever has a key that is not known.
    """

    __slots__ = ("_last", "least")

    def __init__(self, least: int = 0, known: Iterable[tuple[Key, int]] = ()) -> None:
        self._last: dict[Key, int] = dict(known)
        self.least = least

    def take(self, key: Key) -> int:
        """From which number on a spindle of this key counts; it is told again when that ends."""
        return self._last.pop(key, self.least)

    def ended(self, key: Key, number: int) -> None:
        """Its spindle has asked so often, and has ended."""
        last = self._last
        last[key] = number
        if len(last) > ENDED_KEPT:
            self.least = max(self.least, last.pop(next(iter(last))))

    def items(self) -> Iterator[tuple[Key, int]]:
        """Those that are known, the one first that ended first."""
        yield from self._last.items()

    def __repr__(self) -> str:
        return f"Asked({self._last}, least={self.least})"
