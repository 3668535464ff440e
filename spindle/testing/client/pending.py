"""The events that the server has not settled yet, and the asks that were answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bs4.element import Tag

if TYPE_CHECKING:
    from collections.abc import Hashable

    from spindle.testing.client.inputs import Held
    from spindle.testing.client.pairs import Pairs

__all__ = ["Pending", "Sent", "Taken"]


@dataclass(slots=True)
class Taken:
    """A control of a form that was emptied when it was sent."""

    control: Tag
    before: Held
    empty: list[str]


@dataclass(slots=True)
class Sent:
    """One event under way."""

    name: str
    carrier: Tag
    ask: Hashable | None
    told: list[tuple[Tag, list[str]]] = field(default_factory=list[tuple[Tag, list[str]]])
    """What the event told the server about the visitor's controls."""
    taken: list[Taken] = field(default_factory=list[Taken])

    def follow(self, pairs: Pairs) -> None:
        """Go on with the elements of a new rendering."""
        self.carrier = pairs.of(self.carrier) or self.carrier
        self.told = [(pairs.of(control) or control, state) for control, state in self.told]
        for each in self.taken:
            each.control = pairs.of(each.control) or each.control


class Pending:
    """What one page has sent."""

    def __init__(self) -> None:
        self.open: dict[int, Sent] = {}
        self._answered: set[Hashable] = set()
        self._seq = 0

    def begin(self, sent: Sent) -> int:
        """Number an event."""
        self._seq += 1
        self.open[self._seq] = sent
        _mark(sent.carrier, True)
        return self._seq

    def settle(self, seq: int, *, handled: bool) -> Sent | None:
        """Note that the server has settled an event."""
        sent = self.open.pop(seq, None)
        if sent is not None and sent.ask is not None and handled:
            self._answered.add(sent.ask)
        if sent is not None and not self.holds(sent.carrier):
            _mark(sent.carrier, False)
        return sent

    def abandon(self) -> list[Sent]:
        """Give everything up: nothing will be settled any more."""
        left = list(self.open.values())
        for sent in left:
            _mark(sent.carrier, False)
        self.open.clear()
        return left

    def follow(self, pairs: Pairs) -> None:
        """Go on with the elements of a new rendering."""
        for sent in self.open.values():
            sent.follow(pairs)
            _mark(sent.carrier, True)

    def holds(self, carrier: Tag) -> bool:
        """Whether an element has an event under way."""
        return any(sent.carrier is carrier for sent in self.open.values())

    def answered(self, ask: Hashable) -> bool:
        """Whether the visitor has answered an ask, as far as the client knows."""
        return ask in self._answered or any(sent.ask == ask for sent in self.open.values())


def _mark(carrier: Tag, on: bool) -> None:
    names = {"data-sp-pending": ""} | ({"aria-busy": "true"} if carrier.name == "form" else {})
    for name, value in names.items():
        if on:
            carrier[name] = value
        else:
            carrier.attrs.pop(name, None)
