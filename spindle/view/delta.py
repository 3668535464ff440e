"""A delta by key: elements found again by `id` or `data-key`, wherever they moved.

The texts are cut in front of each opening tag. A piece is known by the last key at or before it and
by its place after that key, so a cell of a keyed row is compared with the same cell of the same
row. Where pieces are cut decides how small a delta is, never whether it is right.

Dictionaries find the pieces, so the work grows with the size of the texts. A general sequence
matcher (difflib) takes a second for a hundred scattered edits, and was left out for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spindle.view.script import Script

__all__ = ["delta"]

_OPENING = re.compile(
    r"""<[a-zA-Z](?:[^<>]*?\s(?:id|data-key)=("[^"<]*"|'[^'<]*'|[^\s"'<>]+))?""",
)

# Shorter pieces look alike too often for their text alone to say which one is meant.
_TELLING = 24


class Piece(NamedTuple):
    """A stretch of a text, up to the next opening tag."""

    place: tuple[str, int]
    start: int
    stop: int
    text: str


def delta(old: str, new: str) -> Script:
    """Return how to make `new` out of the pieces of `old`."""
    script, lookup = Script(old), _Lookup(old)
    for piece in _pieces(new):
        match lookup.find(piece):
            case None:
                script.insert(piece.text)
            case found if found.text == piece.text:
                script.copy(found.start, found.stop)
            case found:
                script.splice(found.start, found.stop, piece.text)
    return script


class _Lookup:
    """Finds the piece of the old text that a piece of the new one was, or resembles."""

    def __init__(self, old: str) -> None:
        self._pieces = list(_pieces(old))
        self._by_place = {piece.place: index for index, piece in enumerate(self._pieces)}
        self._by_text = {
            piece.text: index
            for index, piece in enumerate(self._pieces)
            if len(piece.text) >= _TELLING
        }
        self._next = 0

    def find(self, piece: Piece) -> Piece | None:
        index = self._index(piece)
        if index is None:
            return None
        self._next = index + 1
        return self._pieces[index]

    def _index(self, piece: Piece) -> int | None:
        following = self._next
        if following < len(self._pieces) and self._pieces[following].text == piece.text:
            return following
        placed = self._by_place.get(piece.place)
        if placed is not None and self._pieces[placed].text == piece.text:
            return placed
        return self._by_text.get(piece.text, placed)


def _pieces(text: str) -> Iterator[Piece]:
    key, count, start = "", 0, 0
    for opening in _OPENING.finditer(text):
        yield Piece((key, count), start, opening.start(), text[start : opening.start()])
        start, count = opening.start(), count + 1
        if opening[1] is not None:
            key, count = opening[1], 0
    yield Piece((key, count), start, len(text), text[start:])
