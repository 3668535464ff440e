"""What a contract declares, as lists and look-ups."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from spindle._core.contracts.block import Block
from spindle._core.messages import Ask, Event, Message, Notify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.operations.cell import Cell

__all__ = ["Description"]


class Description(msgspec.Struct, frozen=True, eq=False, dict=True):
    """What a contract, or a block standing for one, declares, in the order of the declaration."""

    name: str
    blocks: tuple[type[Block], ...]
    messages: tuple[type[Message], ...]

    @cached_property
    def events(self) -> tuple[type[Event], ...]:
        """What the view may send."""
        return tuple(each for each in self.messages if issubclass(each, Event))

    @cached_property
    def event_classes(self) -> frozenset[type[Event]]:
        """The same, to look one up."""
        return frozenset(self.events)

    @cached_property
    def yields(self) -> tuple[type[Ask], ...]:
        """What the spindles may ask."""
        return tuple(each for each in self.messages if issubclass(each, Ask))

    @cached_property
    def notifies(self) -> tuple[type[Notify], ...]:
        """What the spindles may tell without pausing."""
        return tuple(each for each in self.messages if issubclass(each, Notify))

    @cached_property
    def cells(self) -> tuple[Cell[object], ...]:
        """What the spindles share."""
        return tuple(cell for block in self.blocks for cell in block.__cells__)

    def event_named(self, wire_name: str) -> type[Event] | None:
        """Return the event of that wire name, such as "Checkout.ShippingGiven", or None."""
        return self._events_by_name.get(wire_name)

    def block_named(self, name: str) -> type[Block] | None:
        """Return the block of that name, such as "Checkout", or None."""
        return self._blocks_by_name.get(name)

    @cached_property
    def _events_by_name(self) -> Mapping[str, type[Event]]:
        return {event.__wire__: event for event in self.events}

    @cached_property
    def _blocks_by_name(self) -> Mapping[str, type[Block]]:
        return {block.__name__: block for block in self.blocks}
