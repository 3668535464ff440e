"""The receipt of an event that a test has handed to a page stepped by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.errors import StillRunning
from spindle._core.kernel.ledger import Letter
from spindle._core.names import name_of

if TYPE_CHECKING:
    from spindle._core.settlement import Settlement

__all__ = ["HandReceipt"]


class HandReceipt(Letter, eq=False):
    """The receipt of an event: by hand it is settled now, or when the page has been moved on."""

    async def settled(self) -> Settlement:  # noqa: ASYNC124 - as on trio
        """Return how the event was settled.

        Raises:
            StillRunning: it is pending.
        """
        if self.settlement is None:
            raise StillRunning(
                f"{name_of(type(self.event))} is pending: by hand nothing goes on by itself; let "
                f"its spindle reach its next yield or its end, and look at receipt.settlement"
            )
        return self.settlement  # noqa: ASYNC910 - by hand nothing waits
