"""What a contract declares, as lists and look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from spindle._core.messages import Ask, Event, Message, Notify

if TYPE_CHECKING:
    from typing_extensions import Self

    from spindle._core.contract import Block

__all__ = ["Description"]


class Description(msgspec.Struct, frozen=True, eq=False):
    """What a contract or a block declares, in the order of the declaration."""

    blocks: tuple[type[Block], ...]
    events: tuple[type[Event], ...]
    yields: tuple[type[Ask], ...]
    notifies: tuple[type[Notify], ...]
    _blocks: dict[str, type[Block]]
    _events: dict[str, type[Event]]

    @classmethod
    def of(cls, blocks: Sequence[type[Block]], messages: Sequence[type[Message]]) -> Self:
        """Describe these blocks, which declare these messages."""
        events = tuple(each for each in messages if issubclass(each, Event))
        return cls(
            blocks=tuple(blocks),
            events=events,
            yields=tuple(each for each in messages if issubclass(each, Ask)),
            notifies=tuple(each for each in messages if issubclass(each, Notify)),
            _blocks={block.__name__: block for block in blocks},
            _events={event.__wire__: event for event in events},
        )

    @classmethod
    def joined(cls, parts: Iterable[Description]) -> Self:
        """Describe everything that `parts` describe."""
        blocks: list[type[Block]] = []
        messages: list[type[Message]] = []
        for part in parts:
            blocks.extend(part.blocks)
            messages.extend(part.messages)
        return cls.of(blocks, messages)

    @property
    def messages(self) -> tuple[type[Message], ...]:
        """The events, then the yields, then the notifies."""
        return (*self.events, *self.yields, *self.notifies)

    def block_named(self, name: str) -> type[Block] | None:
        """Return the block of that name, or None."""
        return self._blocks.get(name)

    def event_named(self, wire_name: str) -> type[Event] | None:
        """Return the event of that wire name, such as "Checkout.ShippingGiven", or None."""
        return self._events.get(wire_name)
