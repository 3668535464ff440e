"""The receipt a page gives for an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from spindle._core.kernel.ledger import Letter

if TYPE_CHECKING:
    from spindle._core.settlement import Settlement

__all__ = ["PageReceipt"]


class PageReceipt(Letter, eq=False):
    """A letter whose sender can wait until it is settled."""

    def was_settled(self) -> None:
        """Wake who waits."""
        self.waiter.set()

    async def settled(self) -> Settlement:
        """Wait until the event is settled; always a checkpoint.

        Cancelling the wait does not touch the event.
        """
        if self.settlement is None:
            if self.waiter is None:
                self.waiter = trio.Event()
            await self.waiter.wait()
        else:
            await trio.lowlevel.checkpoint()
        assert self.settlement is not None
        return self.settlement
