"""What was found, told: the conversation without what it does not need, as a test to paste."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from traceback import extract_tb
from typing import TYPE_CHECKING, Final

from spindle.testing.properties.move import as_test

if TYPE_CHECKING:
    from types import FunctionType

    from spindle.testing.properties.move import Move
    from spindle.testing.properties.played_page import PlayedPage

__all__ = ["Found"]

_TRIES: Final = 200
"""How many conversations are played at most to leave something out."""


class Found:
    """A conversation in which something does not hold; its `repr` is what is told of it.

    Made in each of many examples, and looked at in the last one only.
    """

    def __init__(
        self,
        start: FunctionType,
        opened: Callable[[], PlayedPage],
        moves: Sequence[Move],
        error: BaseException,
    ) -> None:
        """Keep it.

        Args:
            start: the function below `@play`.
            opened: opens a page with it.
            moves: what was done to one.
            error: what was raised then.
        """
        self._start = start
        self._open = opened
        self._moves = moves
        self._error = error

    def __repr__(self) -> str:
        moves, (error, story) = list(self._moves), self._played(self._moves)
        if not self._is_the_same(error):
            what = "nothing happens" if error is None else f"{error!r} is raised"
            again = (
                f"Played again, {what}: something is kept from one conversation to the next, such "
                f"as an implementation that provide= does not make anew.\n\n"
            )
        else:
            again = ""
            moves = self._without_what_is_not_needed(moves)
            _, story = self._played(moves)
        source = as_test(self._start.__name__, self._start.__globals__, moves)
        return f"{again}To have it again:\n\n{source}\n\nWhat happened:\n\n{story}\n"

    def _without_what_is_not_needed(self, moves: list[Move]) -> list[Move]:
        tries, index = 0, len(moves)
        while index > 0 and tries < _TRIES:
            index, tries = index - 1, tries + 1
            fewer = moves[:index] + moves[index + 1 :]
            if self._is_the_same(self._played(fewer)[0]):
                moves, index = fewer, len(fewer)
        return moves

    def _played(self, moves: Sequence[Move]) -> tuple[Exception | None, str]:
        """Play them on a page of their own: what is raised, and what happened until then."""
        page = self._open()
        try:
            with page:
                for move in moves:
                    move.make(page)
        except Exception as error:
            return error, page.story()
        return None, page.story()

    def _is_the_same(self, error: Exception | None) -> bool:
        return error is not None and _origin(error) == _origin(self._error)


def _origin(error: BaseException) -> tuple[type, str, int | None]:
    """What tells one failure from another: its class, and where it was raised."""
    last = extract_tb(error.__traceback__)[-1]
    return type(error), last.filename, last.lineno
