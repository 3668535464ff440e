"""What a spindle may be in, and what a page says of it: sum types without optional fields."""

from __future__ import annotations

from enum import Enum
from typing import Generic, TypeAlias

import msgspec
from typing_extensions import TypeVar

from spindle._core.messages import Ask, Notify
from spindle._core.public import publish
from spindle._core.source import Source
from spindle._core.texts import plain_text

__all__ = [
    "Cancelled",
    "Completed",
    "Errored",
    "Notified",
    "Origin",
    "Outcome",
    "Sent",
    "Suspended",
    "Withdrawn",
    "Yielded",
    "asked_for",
]

T = TypeVar("T")


class Origin(Enum):
    """Who asked for a cancellation."""

    REQUESTED = "requested"
    """`cancel` of the page, `Coroutine` or `AsyncCoroutine` was called."""
    BODY_LEFT = "body left"
    """The body of `open_page`, or of what else holds the page, ended."""
    BODY_FAILED = "body failed"
    """That body raised."""
    HOST_CANCELLED = "host cancelled"
    """The task that holds the page was cancelled from outside."""
    STOPPED = "stopped"
    """`page.stop` was called, and the time of grace has passed or the spindle made way."""
    HANDLE = "handle"
    """A handle's `cancel` was called."""
    REPLACED = "replaced"
    """Another spindle was started in its place."""
    OWNER_ENDED = "owner ended"
    """The coroutine that started this fiber has ended."""
    SCOPE_LEFT = "scope left"
    """A sibling in the same `scope()` or `await_all()` failed, or an exception left the scope."""
    ESCALATED = "escalated"
    """A spindle whose failure ends the page has failed."""
    SIGNIFICANT = "significant"
    """A spindle whose end ends the page has ended."""


class Suspended(msgspec.Struct, frozen=True):
    """It asked, and waits for the answer."""

    ask: Ask


class Completed(msgspec.Struct, Generic[T], frozen=True):
    """It returned."""

    value: T


class Errored(msgspec.Struct, frozen=True):
    """It raised."""

    error: Exception


class Cancelled(msgspec.Struct, frozen=True):
    """It was cancelled and its cleanup has run."""

    reason: str
    origin: Origin = Origin.REQUESTED
    by: Source | None = None
    """The spindle that wanted it; None if it was nobody on the page."""


class Yielded(msgspec.Struct, frozen=True):
    """A spindle asks; the source carries the id an answer has to name."""

    ask: Ask


class Withdrawn(msgspec.Struct, frozen=True):
    """A question is no longer asked: nothing will take its answer."""

    ask: Ask


class Notified(msgspec.Struct, frozen=True):
    """A spindle has news."""

    notify: Notify


def asked_for(reason: str, origin: Origin, by: Source | None = None) -> Cancelled:
    """Make the cancellation that a program asks for, with a reason of its own.

    Raises:
        UsageError: `reason` is not a text, or one that UTF-8 cannot write.
    """
    return Cancelled(plain_text("reason", reason), origin, by)


Outcome: TypeAlias = Completed[T] | Errored | Cancelled
Sent: TypeAlias = Yielded | Withdrawn | Notified | Completed[object] | Errored | Cancelled


publish("spindle", [Origin])
