"""Conversations that go differently when they are played once more: something outlives them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Final

from spindle._core.names import error_shown
from spindle.testing.properties.tracebacks import is_raised_by_spindle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spindle.testing.properties.beginning import Beginning
    from spindle.testing.properties.move import Move
    from spindle.testing.properties.played_page import PlayedPage

__all__ = ["History", "PlayedConversation", "what_is_kept"]

_LINES: Final = 120
"""How much of two conversations is shown at most."""
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]+\b")


def what_is_kept(start: str) -> str:
    """Tell what to look for, and what to do; `start` is the function that starts the page."""
    return (
        f"Something is kept from one conversation to the next. Look for a global of a module, an "
        f"attribute of a class, a default argument, a cache, or for a Fake or another object that "
        f"is made once and given to each page, and make it in {start} or in provide=. Or something "
        f"comes from outside: real time, the random module, the order of a set; spindles have "
        f"now(), random_float() and unique_id(), which a page answers alike each time."
    )


@dataclass(frozen=True)
class PlayedConversation:
    """One that was played: what was done, and what came of it."""

    beginning: Beginning
    page: PlayedPage | None
    moves: Sequence[Move]
    error: BaseException | None
    cut: bool = False
    """Whether Hypothesis left it half-way."""

    def lines(self) -> list[str]:
        """What happened, and how it ended; no addresses, which are others each time."""
        told = [] if self.page is None else self.page.all_lines()
        lines = [_ADDRESS.sub("0x...", line) for line in told]
        if not self.cut:
            lines.append("all held" if self.error is None else f"then: {error_shown(self.error)}")
        return lines


class History:
    """Those of one run of a test that are remembered, in case they go differently again."""

    def __init__(self) -> None:
        self._first: PlayedConversation | None = None
        self._failed: PlayedConversation | None = None
        self._last: PlayedConversation | None = None

    def add(self, conversation: PlayedConversation) -> None:
        """Remember one, if need be."""
        self._first = self._first or conversation
        self._last = conversation
        if conversation.error is not None:
            self._failed = conversation

    def failure(self) -> BaseException | None:
        """What the program's own code has raised in one of them, if that is why it failed."""
        error = None if self._failed is None else self._failed.error
        if error is None or error.__cause__ is not None:
            return None if error is None else error.__cause__
        return None if is_raised_by_spindle(error) else error

    def told(self, start: str) -> str:
        """Tell that they go differently, with one that does, both ways."""
        said = (
            f"{start} cannot be judged: a conversation went differently when it was played once "
            f"more. {what_is_kept(start)}"
        )
        for each in filter(None, (self._failed, self._last, self._first)):
            again, page = each.beginning.again(each.moves)
            difference = "\n".join(
                _differ(each, PlayedConversation(each.beginning, page, each.moves, again))
            )
            if difference:
                return f"{said}\n\nBoth, one over the other:\n\n{difference}\n"
        return f"{said}\n\nBy now, all of them go as they went the last time."


def _differ(one: PlayedConversation, other: PlayedConversation) -> Iterator[str]:
    before, now = one.lines(), other.lines()
    if one.cut:
        now = now[: len(before)]
    lines = list(unified_diff(before, now, n=len(before), lineterm=""))[3:]
    if lines:
        yield "- what happened then"
        yield "+ what happened when it was played once more"
        yield ""
        yield from lines[:_LINES]
    if len(lines) > _LINES:
        yield f"... {len(lines) - _LINES:,} lines more"
