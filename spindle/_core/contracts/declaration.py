"""What is checked when a block is defined, with the fix for each mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING

import msgspec

from spindle._core.contracts.field_types import check_fields
from spindle._core.contracts.message_rules import check_message
from spindle._core.errors import ContractError
from spindle._core.messages import Ask, Event, Message
from spindle._core.names import name_of

if TYPE_CHECKING:
    from spindle._core.contracts.block import Block

__all__ = ["adopt_messages", "body_of", "check_wire_names", "has_body"]


def adopt_messages(block: type[Block]) -> tuple[type[Message], ...]:
    """Make the messages nested in `block` its own, and return them in their order.

    Raises:
        ContractError: anything about the block is wrong; its messages are as before.
    """
    messages = tuple(dict.fromkeys(_messages_in(block)))
    for message in messages:
        check_message(message)
        _check_is_free(message, block)
        check_fields(message)
    answers = _answers(block, messages)
    wire_names = {message: _wire_name(message, block) for message in messages}
    check_wire_names(block, wire_names)
    for message in messages:
        message.__block__, message.__wire__ = block, wire_names[message]
    for ask, events in answers.items():
        ask.__answers__ = events
    return messages


def check_wire_names(declared: type, wire_names: Mapping[type[Message], str]) -> None:
    """Refuse two messages of one wire name.

    Raises:
        ContractError: names both messages.
    """
    taken: dict[str, type[Message]] = {}
    for message, wire_name in wire_names.items():
        other = taken.setdefault(wire_name, message)
        if other is not message:
            raise ContractError(
                f"{name_of(declared)} has two messages of the wire name {wire_name!r}: "
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


def _check_is_free(message: type[Message], block: type[Block]) -> None:
    if message.__block__ is not None:
        raise ContractError(
            f"{name_of(block)} names {name_of(message)}, which belongs to "
            f"{name_of(message.__block__)}: a message has one block, by which it is routed. "
            f"Declare a message of its own."
        )


def _wire_name(message: type[Message], block: type[Block]) -> str:
    return vars(message).get("wire_name") or f"{block.__name__}.{message.__name__}"


def _answers(
    block: type[Block], messages: Iterable[type[Message]]
) -> Mapping[type[Ask], frozenset[type]]:
    """Return what answers each yield: the events it names, and those derived from them."""
    events = [message for message in messages if issubclass(message, Event)]
    asks = [message for message in messages if issubclass(message, Ask)]
    for ask in asks:
        _check_answers(ask, block, events)
    answers: dict[type[Ask], frozenset[type]] = {
        ask: frozenset(event for event in events if issubclass(event, tuple(ask.__answers__)))
        for ask in asks
    }
    for event in events:
        if not any(event in accepted for accepted in answers.values()):
            raise ContractError(
                f"no yield of {name_of(block)} accepts {name_of(event)}, so it could only ever be "
                f"refused. Name it in one, class Ask(Yield[{event.__name__}]): ..., or remove it."
            )
    return answers


def _check_answers(ask: type[Ask], block: type[Block], events: Collection[type]) -> None:
    answers: list[type[object]] = sorted(ask.__answers__, key=name_of)
    for answer in answers:
        if answer not in events:
            raise ContractError(
                f"{name_of(ask)} cannot be answered by {name_of(answer)}, which {_home(answer)}. "
                f"Events are routed by their block, so only events declared in {name_of(block)} "
                f"ever arrive there. Declare the answer above the yield: class Given(Event): ..."
            )


def _home(answer: type) -> str:
    if not issubclass(answer, Message):
        return "is no event"
    if answer.__block__ is None:
        return "belongs to no block"
    kind = "" if issubclass(answer, Event) else "is no event and "
    return f"{kind}belongs to {name_of(answer.__block__)}"
