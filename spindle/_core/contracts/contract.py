"""Blocks and contracts: what the spindles of a page may say, and what may be said to them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import ClassVar, Generic, TypeAlias, TypeGuard

import msgspec
from typing_extensions import TypeVar

from spindle._core.contracts.block import Block
from spindle._core.contracts.declaration import adopt_messages, body_of, check_wire_names, has_body
from spindle._core.contracts.description import Description
from spindle._core.errors import ContractError, hides_frames
from spindle._core.messages import Message
from spindle._core.names import name_of
from spindle._core.operations.cell import Cell
from spindle._core.public import publish

__all__ = ["Block", "Contract", "Declared", "Spindle", "describe"]

__tracebackhide__ = hides_frames

Outcome = TypeVar("Outcome", default=None)


class Spindle(Block, Generic[Outcome]):
    """A block of a contract: the messages of one spindle, and what it returns.

    Nested `Event`, `Yield` and `Notify` classes are its messages. Declared alone, a block may be
    part of several contracts, and stands for a contract wherever one is taken.

    Raises:
        ContractError: where the class is defined, if the declaration is wrong.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _refuse_inheritance(cls)
        cls.__cells__ = tuple(each for _, each in body_of(cls) if _is_cell(each))
        cls.__description__ = Description(name_of(cls), (cls,), adopt_messages(cls))


def _is_cell(value: object) -> TypeGuard[Cell[object]]:
    return isinstance(value, Cell)


class Contract:
    """The blocks of one page.

    Nested `Spindle` classes are its blocks; so are blocks declared elsewhere and named here
    (`Checkout = LoneCheckout`).

    Raises:
        ContractError: where the class is defined, if the declaration is wrong.
    """

    __description__: ClassVar[Description]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        blocks = tuple(dict.fromkeys(_blocks_of(cls)))
        _refuse_one_name_twice(cls, blocks)
        messages = [each for block in blocks for each in block.__description__.messages]
        check_wire_names(cls, {message: message.__wire__ for message in messages})
        cls.__description__ = Description(name_of(cls), blocks, tuple(messages))


Declared: TypeAlias = type[Contract] | type[Block]


def describe(declared: Declared) -> Description:
    """List what a contract, or a block standing for one, declares.

    Costs a look-up: the description is made when the class is defined.

    Raises:
        ContractError: `declared` is neither.
    """
    description: object = getattr(declared, "__description__", None)
    if not isinstance(description, Description) or isinstance(declared, (Contract, Block)):
        raise ContractError(_neither(declared))
    return description


def _neither(value: object) -> str:
    if isinstance(value, (Contract, Block)):
        what = f"an instance of {name_of(type(value))}: name the class, without parentheses"
    elif any(value is each for each in (Contract, Block, Spindle)):
        what = f"{name_of(value)} itself, which declares nothing"
    elif isinstance(value, type):
        what = name_of(value)
    else:
        what = f"a value of type {type(value).__name__}"
    return (
        "a contract or a block is wanted, as in describe(Store) or describe(Store.Checkout); "
        f"got {what}."
    )


def _refuse_inheritance(block: type[Block]) -> None:
    for parent in block.__mro__[1:]:
        if "__description__" in vars(parent):
            raise ContractError(
                f"{name_of(block)} derives the block {name_of(parent)}, but events are routed by "
                f"the one block that declares them. Derive Spindle and declare its own messages."
            )


def _blocks_of(contract: type[Contract]) -> Iterator[type[Block]]:
    parents: list[type[object]] = list(reversed(contract.__mro__))
    for parent in parents:
        if issubclass(parent, Contract):
            yield from _blocks_in(parent)


def _blocks_in(contract: type[Contract]) -> Iterator[type[Block]]:
    for name, value in body_of(contract):
        if isinstance(value, type):
            nested: type[object] = value
            if issubclass(nested, Block):
                yield nested
            else:
                _check_nested_class(contract, name, nested)
        elif has_body(value):
            raise ContractError(
                f"{name_of(contract)}.{name} has a body, but a contract only declares blocks. "
                f"Write {name} at module level."
            )


def _check_nested_class(contract: type[Contract], name: str, value: type) -> None:
    if issubclass(value, Message):
        raise ContractError(
            f"{name_of(contract)} holds the message {name}, but a message belongs to a block. "
            f"Put it into one: class Checkout(Spindle): class {name}(...): ..."
        )
    if issubclass(value, Contract):
        raise ContractError(
            f"{name_of(contract)} holds the contract {name_of(value)}: contracts do not nest. "
            f"Name its blocks one by one: Checkout = {name_of(value)}.Checkout"
        )
    if not issubclass(value, (msgspec.Struct, Enum)):
        raise ContractError(
            f"{name_of(contract)}.{name} is a class, but no block. Derive it from Spindle; if it "
            f"is the type of a field, declare it at module level."
        )


def _refuse_one_name_twice(contract: type[Contract], blocks: tuple[type[Block], ...]) -> None:
    named: dict[str, type[Block]] = {}
    for block in blocks:
        other = named.setdefault(block.__name__, block)
        if other is not block:
            raise ContractError(
                f"{name_of(contract)} has two blocks named {block.__name__}: {name_of(other)} and "
                f"{name_of(block)}. The name is how logs and the wire know a block: rename one."
            )


publish("spindle", [Spindle])
