"""What holds for every message of a block, whatever its fields."""

from __future__ import annotations

from collections.abc import Iterator

from spindle._core.errors import ContractError
from spindle._core.messages import Ask, Delivery, Event, Message, Notify, Yield
from spindle._core.names import is_wire_name, name_of

__all__ = ["check_message"]

_KINDS: tuple[type[Message], ...] = (Event, Yield, Notify)
_SETTINGS = {
    "wire_name": 'wire_name: ClassVar[str] = "..."',
    "delivery": "delivery: ClassVar = Delivery.QUEUE",
    "conflate": "conflate: ClassVar = True",
}


def check_message(message: type[Message]) -> None:
    """Check what `message` derives and how it is set.

    Raises:
        ContractError: names the message and the fix.
    """
    for problem in _problems(message):
        raise ContractError(f"{name_of(message)} {problem}")


def _problems(message: type[Message]) -> Iterator[str]:
    kinds = [kind.__name__ for kind in _KINDS if issubclass(message, kind)]
    if len(kinds) != 1:
        derived = " and ".join(kinds) or ("Ask" if issubclass(message, Ask) else "Message")
        yield f"derives {derived}. A message is one of Event, Yield[...] and Notify."
    if not message.__struct_config__.frozen:
        yield "is not frozen, and a message never changes. Leave out frozen=False."
    yield from _nested(message)
    yield from _settings(message)


def _nested(message: type[Message]) -> Iterator[str]:
    for value in vars(message).values():
        if isinstance(value, type) and issubclass(value, Message):
            yield f"holds the message {value.__name__}. Declare it beside, in the block itself."


def _settings(message: type[Message]) -> Iterator[str]:
    for name, spelling in _SETTINGS.items():
        if name in message.__struct_fields__ and hasattr(_base(message), name):
            yield (
                f"has a field {name}, but {name} is a setting. "
                f"Write `{spelling}`, or give the field another name."
            )
    wire_name: object = vars(message).get("wire_name", message.__name__)
    if not is_wire_name(wire_name):
        yield (
            f"pins the wire name {wire_name!r}; expected text without blanks, of at most 200 "
            f"characters, such as 'Checkout.ShippingGiven'."
        )
    delivery: object = message.delivery if issubclass(message, Event) else Delivery.ANSWER
    if not isinstance(delivery, Delivery):
        yield f"sets delivery to {delivery!r}; expected Delivery.ANSWER, .QUEUE or .LATEST."
    conflate: object = message.conflate if issubclass(message, Notify) else False
    if not isinstance(conflate, bool):
        yield f"sets conflate to {conflate!r}; expected True or False."


def _base(message: type[Message]) -> type[Message]:
    return next(kind for kind in _KINDS if issubclass(message, kind))
