"""What is checked when a block is defined, with the fix for each mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING

import msgspec

from spindle._core.errors import ContractError
from spindle._core.field_types import check_fields
from spindle._core.message_rules import check_message
from spindle._core.messages import Ask, Event, Message
from spindle._core.names import name_of

if TYPE_CHECKING:
    from spindle._core.block import Block

__all__ = ["adopt_messages", "body_of", "check_wire_names", "has_body"]


def adopt_messages(block: type[Block]) -> tuple[type[Message], ...]:
    """Make the messages nested in `block` its own, and return them in their order.

    Raises:
        ContractError: anything about the block is wrong.
    """
    messages = tuple(dict.fromkeys(_messages_in(block)))
    for message in messages:
        check_message(message)
        _adopt(message, block)
        check_fields(message)
    events = [message for message in messages if issubclass(message, Event)]
    asks = [message for message in messages if issubclass(message, Ask)]
    for ask in asks:
        _check_answers(ask, block)
        ask.__answers__ |= {event for event in events if issubclass(event, tuple(ask.__answers__))}
    _check_events_are_awaited(block, events, asks)
    check_wire_names(block, messages)
    return messages


def check_wire_names(declared: type, messages: Iterable[type[Message]]) -> None:
    """Refuse two messages of one wire name.

    Raises:
        ContractError: names both messages.
    """
    taken: dict[str, type[Message]] = {}
    for message in messages:
        other = taken.setdefault(message.__wire__, message)
        if other is not message:
            raise ContractError(
                f"{name_of(declared)} has two messages of the wire name {message.__wire__!r}: "
                f"{name_of(other)} and {name_of(message)}. Rename one, or pin another name in it: "
                f'wire_name: ClassVar[str] = "...".'
            )


def body_of(declared: type) -> Iterator[tuple[str, object]]:
    """Return what the body of a class declares, without what Python itself puts there."""
    return (pair for pair in vars(declared).items() if not pair[0].startswith("__"))


def has_body(value: object) -> bool:
    """Say whether a class attribute is code, which has no place where messages are declared."""
    return isinstance(value, (FunctionType, staticmethod, classmethod, property))


def _messages_in(block: type[Block]) -> Iterator[type[Message]]:
    for name, value in body_of(block):
        if isinstance(value, type):
            nested: type[object] = value
            if issubclass(nested, Message):
                yield nested
            else:
                _check_nested_class(block, name, nested)
        elif has_body(value):
            raise ContractError(
                f"{name_of(block)}.{name} has a body, but a block only declares messages. Write "
                f"the spindle at module level, async def {name}(...), and start it under the "
                f"block: page.start({name_of(block)}, {name}, ...)."
            )


def _check_nested_class(block: type[Block], name: str, value: type) -> None:
    if hasattr(value, "__description__"):
        raise ContractError(
            f"{name_of(block)} holds {name_of(value)}: blocks do not nest. "
            f"Let them stand side by side in a Contract."
        )
    if not issubclass(value, (msgspec.Struct, Enum)):
        raise ContractError(
            f"{name_of(block)}.{name} is a class, but no message. Derive it from Event, "
            f"Yield[...] or Notify; if it is the type of a field, declare it at module level."
        )


def _adopt(message: type[Message], block: type[Block]) -> None:
    if message.__block__ is not None:
        raise ContractError(
            f"{name_of(block)} names {name_of(message)}, which belongs to "
            f"{name_of(message.__block__)}: a message has one block, by which it is routed. "
            f"Declare a message of its own."
        )
    message.__block__ = block
    message.__wire__ = vars(message).get("wire_name") or f"{block.__name__}.{message.__name__}"


def _check_answers(ask: type[Ask], block: type[Block]) -> None:
    answers: list[type[object]] = sorted(ask.__answers__, key=name_of)
    for answer in answers:
        if issubclass(answer, Event) and answer.__block__ is block:
            continue
        raise ContractError(
            f"{name_of(ask)} cannot be answered by {name_of(answer)}, which {_home(answer)}. "
            f"Events are routed by their block, so only events declared in {name_of(block)} ever "
            f"arrive there. Declare the answer above the yield: class Given(Event): ..."
        )


def _home(answer: type) -> str:
    if not issubclass(answer, Message):
        return "is no event"
    if answer.__block__ is None:
        return "belongs to no block"
    kind = "" if issubclass(answer, Event) else "is no event and "
    return f"{kind}belongs to {name_of(answer.__block__)}"


def _check_events_are_awaited(
    block: type[Block], events: Iterable[type[Event]], asks: Iterable[type[Ask]]
) -> None:
    awaited = {answer for ask in asks for answer in ask.__answers__}
    for event in events:
        if event not in awaited:
            raise ContractError(
                f"no yield of {name_of(block)} accepts {name_of(event)}, so it could only ever be "
                f"refused. Name it in one, class Ask(Yield[{event.__name__}]): ..., or remove it."
            )
