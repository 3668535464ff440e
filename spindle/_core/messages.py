"""What crosses the edge of a page: events in, yields and notifies out."""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Generic, NoReturn, dataclass_transform

import msgspec
from typing_extensions import TypeVar

from spindle._core.contracts.answers import answers_to
from spindle._core.contracts.block import Block
from spindle._core.names import name_of
from spindle._core.operations.operation import check_refusal, not_awaited
from spindle._core.public import publish

__all__ = ["Ask", "Delivery", "Event", "Message", "Notify", "Yield"]

T = TypeVar("T")


class Delivery(Enum):
    """What happens to an event that finds its spindle not waiting for it."""

    ANSWER = "answer"
    """Belongs to one yield, by its id; refused as stale by any other. The default."""
    QUEUE = "queue"
    """Waits in the bounded mailbox for the next yield that accepts it."""
    LATEST = "latest"
    """Waits too; a newer one of the same class takes its place."""


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Message(msgspec.Struct, frozen=True):
    """Base of everything a contract declares. Immutable.

    `wire_name` pins the name under which frames and logs know the message; without it that is the
    block's name and its own, "Checkout.ShippingGiven", and changes when the class is renamed.
    """

    wire_name: ClassVar[str] = ""

    __block__: ClassVar[type[Block] | None] = None
    __wire__: ClassVar[str] = ""

    def __repr__(self) -> str:
        # Safe, because an event loop that is handed a message by mistake prints it in its own code.
        try:
            return super().__repr__()
        except Exception:
            return f"<{name_of(type(self))}, whose repr fails>"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__block__ = None
        cls.__wire__ = vars(cls).get("wire_name", cls.__name__)


class Event(Message, frozen=True, forbid_unknown_fields=True):
    """What a visitor did; carries identifiers and what was typed, never facts the server knows."""

    delivery: ClassVar[Delivery] = Delivery.ANSWER
    """What happens to it if its spindle is not waiting for it."""


class Ask(Message, frozen=True):
    """Every yield, whatever answers it."""

    __answers__: ClassVar[frozenset[type]] = frozenset()


class Yield(Ask, Generic[T], frozen=True):
    """A question to the view: the spindle pauses until an event answers it.

    `T` is the event, or the union of events, that may answer; `await` returns it. Invariant, so
    that a wrong answer never passes a type checker.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__answers__ = answers_to(cls, Yield)

    def __await__(self) -> Generator[object, T, T]:
        """Announce the question and pause until it is answered.

        Cancelled while it waits, it is withdrawn, and its answer is refused as stale.

        Returns:
            The event that answered.

        Raises:
            OutsideSpindle: nobody drives the awaiting coroutine.
            WrongBlock: the message belongs to another block than the spindle's.
            PageClosing: the page is being stopped, or that begins while this waits.
        """
        try:
            return (yield self)
        except (TypeError, RuntimeError) as error:
            check_refusal(self, error)
            raise

    if not TYPE_CHECKING:  # for a type checker it has neither

        def __iter__(self) -> NoReturn:
            raise TypeError(not_awaited(self, f"{name_of(type(self))}(...)", "iterable"))

        def __contains__(self, _: object) -> NoReturn:
            iter(self)

        def __getitem__(self, _: object) -> NoReturn:
            raise TypeError(not_awaited(self, f"{name_of(type(self))}(...)", "subscriptable"))


class Notify(Message, frozen=True):
    """News for the view: sent in program order, never pauses the spindle."""

    conflate: ClassVar[bool] = False
    """Whether a newer one replaces an older one that the view has not received yet."""

    def __await__(self) -> Generator[object, None, None]:
        """Send the news; returns at once. Cancelled before, it is not sent.

        Raises:
            OutsideSpindle: nobody drives the awaiting coroutine.
            WrongBlock: the message belongs to another block than the spindle's.
        """
        try:
            return (yield self)
        except (TypeError, RuntimeError) as error:
            check_refusal(self, error)
            raise


publish("spindle", [Delivery, Yield])
