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
    """See `Outbox`. What is held counts as waiting: a page pauses for its store as for its view."""

    def __init__(self, page: LastingPage) -> None:
        super().__init__(page)
        self._lasting = page
        self._held = 0

    def room(self) -> int:
        """See `Outbox`."""
        return super().room() - self._held

    def put(self, *items: tuple[Source, Sent]) -> int:
        """Add messages, to be received once the frame that led to them is kept."""
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
        if self.waiting < HIGH_WATER:
            self.caught_up()
