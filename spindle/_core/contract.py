"""Blocks and contracts: what the spindles of a page may say, and what may be said to them."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeAlias, TypeGuard

from typing_extensions import TypeVar

from spindle._core.description import Description
from spindle._core.messages import Message

__all__ = ["Block", "Contract", "Declared", "Spindle", "describe"]

Outcome = TypeVar("Outcome", default=None)


class Block:
    """Every block, whatever its spindle returns: the key under which a spindle runs."""

    __description__: ClassVar[Description]


class Spindle(Block, Generic[Outcome]):
    """A block of a contract: the messages of one spindle, and what it returns.

    Nested `Event`, `Yield` and `Notify` classes are its messages. Declared alone, a block may be
    part of several contracts, and stands for a contract wherever one is taken.

    Raises:
        ContractError: where the class is defined, if the declaration is wrong.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        messages = [each for each in vars(cls).values() if _is_message(each)]
        for message in messages:
            message.__block__ = cls
            message.__wire__ = f"{cls.__name__}.{message.__name__}"
        cls.__description__ = Description.of([cls], messages)


class Contract:
    """The blocks of one page.

    Raises:
        ContractError: where the class is defined, if the declaration is wrong.
    """

    __description__: ClassVar[Description]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        blocks = [each for each in vars(cls).values() if _is_block(each)]
        cls.__description__ = Description.joined(block.__description__ for block in blocks)


Declared: TypeAlias = type[Contract] | type[Block]


def describe(declared: Declared) -> Description:
    """List what a contract, or a block standing for one, declares.

    Costs a look-up: the description is made when the class is defined.
    """
    return declared.__description__


def _is_message(value: object) -> TypeGuard[type[Message]]:
    return isinstance(value, type) and issubclass(value, Message)


def _is_block(value: object) -> TypeGuard[type[Block]]:
    return isinstance(value, type) and issubclass(value, Block)
