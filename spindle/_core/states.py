"""What a spindle may be in, and what a page says of it: sum types without optional fields."""

from __future__ import annotations

from enum import Enum
from typing import Generic, TypeAlias

import msgspec
from typing_extensions import TypeVar

from spindle._core.messages import Ask, Notify

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
]

T = TypeVar("T")


class Origin(Enum):
    """Who asked for a cancellation."""

    REQUESTED = "requested"
    """`page.cancel` or `Coroutine.cancel` was called."""
    BODY_LEFT = "body left"
    """The body of `open_page` ended."""
    BODY_FAILED = "body failed"
    """The body of `open_page` raised."""
    HOST_CANCELLED = "host cancelled"
    """The task that holds the page was cancelled from outside."""


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


class Yielded(msgspec.Struct, frozen=True):
    """A spindle asks; the source carries the id an answer has to name."""

    ask: Ask


class Withdrawn(msgspec.Struct, frozen=True):
    """A question is no longer asked: nothing will take its answer."""

    ask: Ask


class Notified(msgspec.Struct, frozen=True):
    """A spindle has news."""

    notify: Notify


Outcome: TypeAlias = Completed[T] | Errored | Cancelled
Sent: TypeAlias = Yielded | Withdrawn | Notified | Completed[object] | Errored | Cancelled
