"""What was found, told: the conversation without what it does not need, as a test to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from traceback import extract_tb
from typing import TYPE_CHECKING, Final

from spindle._core.errors import UsageError
from spindle.testing.properties.history import what_is_kept
from spindle.testing.properties.move import source_of_test

if TYPE_CHECKING:
    from spindle.testing.properties.beginning import Beginning
    from spindle.testing.properties.move import Move

__all__ = ["Found"]

_TRIES: Final = 200
"""How many conversations are played at most to leave something out."""


class Found:
    """A conversation in which something does not hold; its `repr` is what is told of it.

    Made in each of many examples, and looked at in the last one only.
    """

    def __init__(
        self,
        beginning: Beginning,
        known: Mapping[str, object],
        moves: Sequence[Move],
        error: BaseException,
        *,
        begun: bool = True,
    ) -> None:
        """Keep it.

        Args:
            beginning: how it begins.
            known: the names in the module of the test.
            moves: what was done to a page.
            error: what was raised then.
            begun: whether that was when all was started.
        """
        self._begun = begun
        self._beginning = beginning
        self._known = known
        self._moves = moves
        self._error = error

    def __repr__(self) -> str:
        moves = list(self._moves)
        error, page = self._beginning.again(moves)
        if not self._is_the_same(error):
            what = "nothing happens" if error is None else f"{error!r} is raised"
            again = f"Played again, {what}. {what_is_kept(self._beginning.name)}\n\n"
        else:
            again = ""
            moves = self._without_what_is_not_needed(moves)
            _, page = self._beginning.again(moves)
        story = "" if page is None else page.story()
        told = f"{again}{self._source(moves)}"
        return f"{told}What happened:\n\n{story}\n" if story else told

    def _source(self, moves: Sequence[Move]) -> str:
        if not self._begun and isinstance(self._error, UsageError):
            return ""  # the start is wrong, whatever is done then
        source = source_of_test(self._beginning.name, self._beginning.given, self._known, moves)
        return f"To have it again:\n\n{source}\n\n"

    def _without_what_is_not_needed(self, moves: list[Move]) -> list[Move]:
        tries, index = 0, len(moves)
        while index > 0 and tries < _TRIES:
            index, tries = index - 1, tries + 1
            fewer = moves[:index] + moves[index + 1 :]
            if self._is_the_same(self._beginning.again(fewer)[0]):
                moves, index = fewer, len(fewer)
        return moves

    def _is_the_same(self, error: Exception | None) -> bool:
        return error is not None and _origin(error) == _origin(self._error)


def _origin(error: BaseException) -> tuple[type, str, int | None]:
    """What tells one failure from another: its class, and where it was raised."""
    last = extract_tb(error.__traceback__)[-1]
    return type(error), last.filename, last.lineno
