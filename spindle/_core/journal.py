"""What a page tells whoever keeps its log: every input in the one order, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import msgspec

from spindle._core.messages import Event
from spindle._core.public import publish
from spindle._core.settlement import Settlement
from spindle._core.source import Source
from spindle._core.states import Sent

__all__ = [
    "CallBegan",
    "CallEnded",
    "CancelCame",
    "CloseCame",
    "Entry",
    "EventCame",
    "EventSettled",
    "Journal",
    "MessageSent",
    "Started",
    "TimerFired",
]


class Started(msgspec.Struct, frozen=True):
    """Input: a spindle was started."""

    source: Source
    function: str
    args: tuple[object, ...]


class EventCame(msgspec.Struct, frozen=True):
    """Input: an event was applied; `yield_id` is the yield it names, if it names one."""

    event: object
    yield_id: int | None
    instance: str | None


class CallEnded(msgspec.Struct, frozen=True):
    """Input: a call returned `value`, or raised `error`."""

    source: Source
    call: str
    value: object
    error: BaseException | None


class TimerFired(msgspec.Struct, frozen=True):
    """Input: a deadline passed."""


class CancelCame(msgspec.Struct, frozen=True):
    """Input: the page was cancelled."""

    reason: str


class CloseCame(msgspec.Struct, frozen=True):
    """Input: the page is being stopped, its time of grace began."""

    reason: str


class CallBegan(msgspec.Struct, frozen=True):
    """Command: a spindle called a port."""

    source: Source
    call: str
    args: tuple[object, ...]
    keywords: Mapping[str, object]


class MessageSent(msgspec.Struct, frozen=True):
    """Output: the view is told something."""

    source: Source
    message: Sent


class EventSettled(msgspec.Struct, frozen=True):
    """Output: how an event ended."""

    event: Event
    settlement: Settlement
    reason: str


Entry: TypeAlias = (
    Started
    | EventCame
    | CallEnded
    | TimerFired
    | CancelCame
    | CloseCame
    | CallBegan
    | MessageSent
    | EventSettled
)


class Journal(Protocol):
    """Keeps the entries of one page. Must not block, raise, or call the page.

    A spindle that a handle cancels has no entry for that, only those of its end.
    """

    def record(self, at: float, entry: Entry) -> None:
        """Keep one entry; `at` is in seconds of the page's clock, 0 when it opened."""
        ...


publish("spindle", [Journal])
