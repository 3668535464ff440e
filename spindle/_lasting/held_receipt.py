"""Receipts for events that tell nothing before the event, and what came of it, are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trio

from spindle._core.errors import PageClosed
from spindle._core.kernel.ledger import Letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.settlement import Settlement

__all__ = ["HeldLetter", "HeldReceipt"]


class HeldReceipt:
    """How an event was settled, from when that is kept."""

    def __init__(self, letter: Letter, unknown: dict[HeldReceipt, None]) -> None:
        """For a letter that is under way; among those in `unknown` until that is known."""
        self._letter = letter
        self._unknown = unknown
        self._known = False
        self._lost = ""
        self._came: trio.Event | None = None
        unknown[self] = None

    @property
    def settlement(self) -> Settlement | None:
        """The settlement, or None while the event is pending or not kept."""
        return self._letter.settlement if self._known else None

    @property
    def reason(self) -> str:
        """Why it was refused or dead-lettered; empty otherwise."""
        return self._letter.reason if self._known else ""

    async def settled(self) -> Settlement:
        """Wait until the event is settled and that is kept; always a checkpoint.

        Cancelling the wait does not touch the event.

        Raises:
            PageClosed: the page has left this process; whether the event is kept is not known.
        """
        if self._known or self._lost:
            await trio.lowlevel.checkpoint()
        else:
            if self._came is None:
                self._came = trio.Event()
            await self._came.wait()
        if not self._known:
            raise PageClosed(f"it is not known what became of the event: {self._lost}")
        assert self._letter.settlement is not None
        return self._letter.settlement

    def know(self) -> None:
        """It is kept."""
        self._known = True
        self._tell()

    def lose(self, why: str) -> None:
        """It will never be known here."""
        self._lost = why
        self._tell()

    def _tell(self) -> None:
        self._unknown.pop(self, None)
        if self._came is not None:
            self._came.set()

    def __repr__(self) -> str:
        return repr(self._letter) if self._known else "<receipt, not kept yet>"


class HeldLetter(Letter, eq=False):
    """A letter that says when it is settled."""

    hold_back: Any = None
    """Takes what is to be done once this moment is kept."""

    def was_settled(self) -> None:
        """See that the sender is told."""
        hold_back: Callable[[Callable[[], None]], None] = self.hold_back
        receipt: HeldReceipt = self.waiter
        hold_back(receipt.know)
