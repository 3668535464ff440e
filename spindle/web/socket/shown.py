"""The text that a browser has, and the frames that bring it up to date. No I/O."""

from __future__ import annotations

from spindle.view.patch import Patch, checksum, diff
from spindle.web.socket.protocol import Full, Patched

__all__ = ["Shown"]


class Shown:
    """One browser's copy of the page.

    Args:
        text: what the document was rendered with.
        title: of that document.
        hash: of the text the browser says it has; another text than ours is replaced whole.
    """

    def __init__(self, text: str, title: str, hash: int) -> None:
        self._text = text
        self._title = title
        self._in_step = checksum(text) == hash

    def lose(self) -> None:
        """Note that the browser's copy differs: the next frame brings all of it."""
        self._in_step = False

    def update(self, text: str, title: str) -> Full | Patched | None:
        """Return the frame that makes the browser show this; None if it does already."""
        news = None if title == self._title else title
        if self._in_step and text == self._text and news is None:
            return None
        change = diff(self._text, text) if self._in_step else None
        self._text = text
        self._title = title
        self._in_step = True
        if isinstance(change, Patch):
            return Patched(change.ops, change.hash, news)
        return Full(text, change.hash if change else checksum(text), news)
