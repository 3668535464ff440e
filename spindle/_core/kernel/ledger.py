"""Every event a page was handed, and how it was settled: exactly once, nothing forgotten.

The invariant, at every moment: accepted = handled + refused + dead-lettered + pending.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from spindle._core.messages import Event
from spindle._core.settlement import Settlement

__all__ = ["Ledger", "Letter"]


class Letter(msgspec.Struct, eq=False):
    """One event on its way, and the receipt of its sender."""

    event: Event
    yield_id: int | None
    instance: str | None
    settlement: Settlement | None = None
    reason: str = ""
    waiter: Any = None
    """What a driver keeps for who waits until it is settled."""

    def was_settled(self) -> None:
        """Called when the letter is settled and somebody waits for that."""

    def __repr__(self) -> str:
        how = "pending" if self.settlement is None else self.settlement.value
        because = f": {self.reason}" if self.reason else ""
        return f"<receipt of {type(self.event).__qualname__}, {how}{because}>"


class Ledger(msgspec.Struct, eq=False, gc=False):
    """The books of a page."""

    accepted: int = 0
    handled: int = 0
    refused: int = 0
    dead_lettered: int = 0

    @property
    def pending(self) -> int:
        """How many events are not settled yet."""
        return self.accepted - self.handled - self.refused - self.dead_lettered

    def accept(self, letter: Letter) -> None:
        """Take a letter in."""
        assert letter.settlement is None
        self.accepted += 1

    def handle(self, letter: Letter) -> None:
        """The spindle that received it got on."""
        assert letter.settlement is None, _TWICE
        self.handled += 1
        letter.settlement = _HANDLED
        if letter.waiter is not None:
            letter.was_settled()

    def refuse(self, letter: Letter, reason: str) -> None:
        """It reaches no spindle."""
        self.refused += 1
        self._settle(letter, Settlement.REFUSED, reason)

    def dead_letter(self, letter: Letter, reason: str) -> None:
        """It was taken in, but nobody will ever handle it."""
        self.dead_lettered += 1
        self._settle(letter, Settlement.DEAD_LETTERED, reason)

    @staticmethod
    def _settle(letter: Letter, settlement: Settlement, reason: str) -> None:
        assert letter.settlement is None, _TWICE
        letter.settlement = settlement
        letter.reason = reason
        if letter.waiter is not None:
            letter.was_settled()


_HANDLED: Final = Settlement.HANDLED
_TWICE: Final = "an event was settled twice"
