"""An outbox whose messages wait until what led to them is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._runtime.outbox import HIGH_WATER, Outbox

if TYPE_CHECKING:
    from spindle._core.source import Source
    from spindle._core.states import Sent
    from spindle._lasting.page import LastingPage

__all__ = ["HeldOutbox"]


class HeldOutbox(Outbox):
    """See `Outbox`. What is held counts as waiting: a page pauses for its store as for its view.

    One that has paused goes on when half of that was received: each time it pauses costs a frame.
    """

    def __init__(self, page: LastingPage) -> None:
        super().__init__(page)
        self._lasting = page
        self.unattended = False
        """Whether nobody receives yet, and somebody may come who is to get it all."""
        self._held = 0
        self._is_full = False

    def room(self) -> int:
        """See `Outbox`."""
        room = super().room() - self._held
        self._is_full = room <= 0 or (self._is_full and room < HIGH_WATER // 2)
        return 0 if self._is_full else room

    def receive_nowait(self) -> tuple[Source, Sent]:
        """See `Outbox`."""
        item = super().receive_nowait()
        if self._is_full and super().room() - self._held >= HIGH_WATER // 2:
            self.caught_up()
        return item

    def leave_unattended(self) -> None:
        """Nobody receives for now: too much is dropped, for good, rather than pause the page."""
        self.unattended = True
        self._close_if_full()

    def put(self, *items: tuple[Source, Sent]) -> int:
        """Add messages, to be received once the frame that led to them is kept."""
        if items:
            self._held += len(items)
            self._lasting.hold_back(lambda: self._let_go(items))
        return self.room()

    def put_at_once(self, *items: tuple[Source, Sent]) -> int:
        """Add messages that are known already."""
        return super().put(*items)

    def end(self) -> None:
        """See `Outbox`; after what is held."""
        self._lasting.hold_back(super().end)

    def _let_go(self, items: tuple[tuple[Source, Sent], ...]) -> None:
        self._held -= len(items)
        super().put(*items)
        if self.unattended:
            self._close_if_full()
        if self.room() > 0:
            self.caught_up()

    def _close_if_full(self) -> None:
        if self.room() <= 0:
            self.close()
