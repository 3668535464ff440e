"""Every event a page was handed, and how it was settled: exactly once, nothing forgotten.

The invariant, at every moment: accepted = handled + refused + dead-lettered + pending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.settlement import Settlement

if TYPE_CHECKING:
    from spindle._core.messages import Event

__all__ = ["Ledger", "Letter"]


class Letter:
    """One event on its way, and the receipt of its sender."""

    __slots__ = ("event", "instance", "reason", "settlement", "waiter", "yield_id")

    def __init__(self, event: Event, yield_id: int | None, instance: str | None) -> None:
        self.event = event
        self.yield_id = yield_id
        self.instance = instance
        self.settlement: Settlement | None = None
        self.reason = ""
        self.waiter: Any = None
        """What a driver keeps for who waits until it is settled."""

    def was_settled(self) -> None:
        """Called once, when the letter is settled; a driver's letters wake who waits for it."""


class Ledger:
    """The books of a page."""

    __slots__ = ("accepted", "dead_lettered", "handled", "refused")

    def __init__(self) -> None:
        self.accepted = self.handled = self.refused = self.dead_lettered = 0

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
        self.handled += 1
        self._settle(letter, Settlement.HANDLED, "")

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
        assert letter.settlement is None, "an event was settled twice"
        letter.settlement = settlement
        letter.reason = reason
        letter.was_settled()
