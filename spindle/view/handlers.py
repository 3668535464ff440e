"""Decorators that make a method of a view the handler of a message."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Generic, NamedTuple, overload

from typing_extensions import TypeVar

from spindle._core.contracts.contract import Block, Spindle
from spindle._core.messages import Ask, Event, Message
from spindle._core.names import name_of
from spindle.view.errors import ViewError

if TYPE_CHECKING:
    from spindle._core.source import Source
    from spindle._core.states import Cancelled
    from spindle.view.refusal import Refused

__all__ = [
    "Handles",
    "Kind",
    "Subject",
    "handled_by",
    "on",
    "on_cancel",
    "on_complete",
    "on_error",
    "on_refused",
    "on_withdrawn",
]

A = TypeVar("A")
B = TypeVar("B")
K = TypeVar("K", bound=Ask)
M = TypeVar("M", bound=Message)
R = TypeVar("R")
V = TypeVar("V")

_MARK = "__spindle_handles__"


class Kind(Enum):
    """What a handler hears of, by the name of its decorator."""

    MESSAGE = "on"
    WITHDRAWN = "on_withdrawn"
    COMPLETED = "on_complete"
    ERRORED = "on_error"
    CANCELLED = "on_cancel"
    REFUSED = "on_refused"


class Subject(NamedTuple):
    """What a handler is for: the kind of news, and the message or block it is about."""

    kind: Kind
    about: type

    def __str__(self) -> str:
        return f"@{self.kind.value}({_name(self.about)})"


class Handles(Generic[A]):
    """Registers a method `(self, argument)` or `(self, argument, source)` and returns it."""

    def __init__(self, kind: Kind, about: type) -> None:
        self._subject = Subject(kind, about)

    # `A | B`, so that a method that takes more keeps what it takes, and can be decorated again.
    @overload
    def __call__(self, handler: Callable[[V, A | B], None], /) -> Callable[[V, A | B], None]: ...
    @overload
    def __call__(
        self, handler: Callable[[V, A | B, Source], None], /
    ) -> Callable[[V, A | B, Source], None]: ...
    @overload
    def __call__(self, handler: Callable[[V, A], None], /) -> Callable[[V, A], None]: ...
    @overload
    def __call__(
        self, handler: Callable[[V, A, Source], None], /
    ) -> Callable[[V, A, Source], None]: ...
    def __call__(self, handler: object, /) -> object:
        """Register the method."""
        if not inspect.isfunction(handler):
            raise ViewError(
                f"{self._subject} decorates {handler!r}: put it directly above a method, "
                f"def handler(self, ...), and other decorators below or away"
            )
        setattr(handler, _MARK, (*handled_by(handler), self._subject))
        return handler


def handled_by(attribute: object) -> tuple[Subject, ...]:
    """Return what an attribute of a view class has been decorated for."""
    return getattr(attribute, _MARK, ())


def on(message: type[M], /) -> Handles[M]:
    """Make a method the handler of a yield or a notify: `@on(Checkout.AskShipping)`.

    The method takes the message and, if it has a third parameter, the `Source`: which instance of
    the block it comes from, and the id of the yield.

    Raises:
        ViewError: `message` is an event, a block, or no message class at all.
    """
    if _is(message, Block):
        raise ViewError(
            f"@on({_name(message)}): a block is no message. Its end has decorators of its own, "
            f"@on_complete, @on_error and @on_cancel; its messages are {_name(message)}.<Message>"
        )
    if _is(message, Event):
        raise ViewError(
            f"@on({_name(message)}): events go to spindles, not to views. Handle the yield that "
            f"asks for it; to hear that one was refused there is @on_refused({_name(message)})"
        )
    return Handles(Kind.MESSAGE, _checked(message, Message, "on", "a yield or notify class"))


def on_withdrawn(ask: type[K], /) -> Handles[K]:
    """Make a method the handler of a yield that is no longer asked.

    Optional: what a view still shows of a withdrawn yield does no harm, for its answers are refused
    as stale.

    Raises:
        ViewError: `ask` is not a yield class.
    """
    return Handles(Kind.WITHDRAWN, _checked(ask, Ask, "on_withdrawn", "a yield class"))


def on_complete(block: type[Spindle[R]], /) -> Handles[R]:
    """Make a method the handler of what the block's spindle returns.

    Needed for every block that declares an outcome: `Spindle[Order | SoldOut]`.

    Raises:
        ViewError: `block` is not a block.
    """
    return Handles(Kind.COMPLETED, _checked(block, Block, "on_complete", "a block"))


def on_error(block: type[Block], /) -> Handles[Exception]:
    """Make a method the handler of an exception that ended the block's spindle.

    Without it the visitor sees a flash that gives nothing away. The exception may hold anything:
    show a text of your own, not the exception's.

    Raises:
        ViewError: `block` is not a block.
    """
    return Handles(Kind.ERRORED, _checked(block, Block, "on_error", "a block"))


def on_cancel(block: type[Block], /) -> Handles[Cancelled]:
    """Make a method the handler of a cancellation of the block's spindle: who and why.

    Without it nothing happens.

    Raises:
        ViewError: `block` is not a block.
    """
    return Handles(Kind.CANCELLED, _checked(block, Block, "on_cancel", "a block"))


def on_refused(event: type[Event], /) -> Handles[Refused]:
    """Make a method the handler of an event whose fields had faults, so that no spindle got it.

    The faults are kept for `View.field` in any case. Without a handler a flash points the visitor
    to them. The method takes no source: nothing was sent to a spindle.

    Raises:
        ViewError: `event` is not an event class.
    """
    return Handles(Kind.REFUSED, _checked(event, Event, "on_refused", "an event class"))


def _checked(value: object, base: type, decorator: str, expected: str) -> type:
    if isinstance(value, type) and issubclass(value, base):
        return value
    if isinstance(value, base):
        kind = type(value)
        raise ViewError(f"@{decorator}({name_of(kind)}(...)): give the class, {_name(kind)}")
    raise ViewError(f"@{decorator}({_name(value)}): expected {expected}")


def _is(value: object, base: type) -> bool:
    return isinstance(value, type) and issubclass(value, base)


def _name(value: object) -> str:
    """Return how code refers to a message or block: `Checkout.AskShipping`."""
    if not isinstance(value, type):
        return repr(value)
    block = value.__block__ if issubclass(value, Message) else None
    return value.__name__ if block is None else f"{block.__name__}.{value.__name__}"
