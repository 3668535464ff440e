"""How an event ended: exactly one of three ways, once."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from spindle._core.public import publish

__all__ = ["Receipt", "Settlement"]


class Settlement(Enum):
    """How an event was settled."""

    HANDLED = "handled"
    """The spindle or fiber that received it reached its next yield, or returned."""
    REFUSED = "refused"
    """It never reached a spindle; the reason says why."""
    DEAD_LETTERED = "dead-lettered"
    """It was accepted and not handled: its spindle ended before, or, of a `LATEST` class, it gave
    way to a newer one."""


class Receipt(Protocol):
    """How an event was, or will be, settled; known at once when the page is idle and hosted."""

    @property
    def settlement(self) -> Settlement | None:
        """The settlement, or None while the event is pending."""
        ...

    @property
    def reason(self) -> str:
        """Why it was refused or dead-lettered; empty otherwise."""
        ...

    async def settled(self) -> Settlement:
        """Wait until the event is settled. Cancelling the wait does not touch the event.

        Raises:
            StillRunning: it is pending on a page stepped by hand, where nothing goes on by itself.
        """
        ...


publish("spindle", [Receipt, Settlement])
