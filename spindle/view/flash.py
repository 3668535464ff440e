"""Flash messages: shown until they are dismissed or the visitor does the next thing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Final, Literal

import msgspec

from spindle.view.errors import ViewError
from spindle.view.html import Markup, attributes

__all__ = ["NOT_SENT", "WENT_WRONG", "Flash", "Flashes", "flash_region"]

NOT_SENT: Final = "This was not sent. Check the fields that are marked."
WENT_WRONG: Final = "Something went wrong. Nothing more was done."

# The oldest give way: a page nobody touches for a day must not grow.
_MOST = 20


class Flash(msgspec.Struct, frozen=True):
    """A message to the visitor; ids count 1, 2, ... per view."""

    id: int
    kind: Literal["info", "error"]
    text: str


class Flashes:
    """The flash messages of one view, and which of them have been rendered."""

    def __init__(self) -> None:
        self.current: tuple[Flash, ...] = ()
        self._ids = count(1)
        self._shown: frozenset[int] = frozenset()

    def add(self, kind: Literal["info", "error"], text: str) -> None:
        """Append a message; the same one said before gives way to it."""
        if kind not in ("info", "error"):
            raise ViewError(f'flash("info", text) or flash("error", text), not {kind!r}')
        others = (each for each in self.current if (each.kind, each.text) != (kind, text))
        self.current = (*others, Flash(next(self._ids), kind, text))[-_MOST:]

    def dismiss(self, flash_id: int) -> None:
        """Drop one message; unknown ids are ignored."""
        self.current = tuple(each for each in self.current if each.id != flash_id)

    def mark_shown(self) -> None:
        """Note that the current messages have been rendered."""
        self._shown = frozenset(each.id for each in self.current)

    def drop_shown(self) -> None:
        """Drop what has been rendered; what the visitor cannot have seen yet stays."""
        self.current = tuple(each for each in self.current if each.id not in self._shown)


def flash_region(flashes: Iterable[Flash]) -> Markup:
    """Return the live regions with their messages.

    Both regions are there when they are empty, too: screen readers announce what is added to a
    region they know.
    """
    shown = tuple(flashes)
    return Markup(
        '<div id="spindle-flash">'
        '<div id="spindle-flash-info" role="status" aria-live="polite" aria-atomic="false">'
        "{}</div>"
        '<div id="spindle-flash-error" role="alert" aria-live="assertive" aria-atomic="false">'
        "{}</div></div>"
    ).format(_messages(shown, "info"), _messages(shown, "error"))


def _messages(flashes: tuple[Flash, ...], kind: str) -> Markup:
    return Markup().join(_message(each) for each in flashes if each.kind == kind)


def _message(flash: Flash) -> Markup:
    button = attributes(
        [
            ("type", "button"),
            ("data-sp-dismiss", str(flash.id)),
            ("aria-label", f"Dismiss: {flash.text}"),
        ]
    )
    return Markup(
        '<div id="spindle-flash-{}" class="flash flash-{}"><p>{}</p>'
        "<button {}>&times;</button></div>"
    ).format(flash.id, flash.kind, flash.text, button)
