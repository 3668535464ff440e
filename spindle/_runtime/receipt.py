"""The receipt a page gives for an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from spindle._core.kernel.ledger import Letter

if TYPE_CHECKING:
    from spindle._core.messages import Event
    from spindle._core.settlement import Settlement

__all__ = ["PageReceipt"]


class PageReceipt(Letter):
    """A letter whose sender can wait until it is settled."""

    __slots__ = ("_settled",)

    def __init__(self, event: Event, yield_id: int | None, instance: str | None) -> None:
        super().__init__(event, yield_id, instance)
        self._settled: trio.Event | None = None

    def was_settled(self) -> None:
        """Wake who waits."""
        if self._settled is not None:
            self._settled.set()

    async def settled(self) -> Settlement:
        """Wait until the event is settled; always a checkpoint.

        Cancelling the wait does not touch the event.
        """
        if self.settlement is None:
            if self._settled is None:
                self._settled = trio.Event()
            await self._settled.wait()
        else:
            await trio.lowlevel.checkpoint()
        assert self.settlement is not None
        return self.settlement

    def __repr__(self) -> str:
        how = "pending" if self.settlement is None else self.settlement.value
        because = f": {self.reason}" if self.reason else ""
        return f"<receipt of {type(self.event).__qualname__}, {how}{because}>"
