"""Channels: items from spindle to spindle, each to one taker."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, Generic

import msgspec
from typing_extensions import TypeVar

from spindle._core.errors import UsageError
from spindle._core.kernel.groups import is_a
from spindle._core.names import shown
from spindle._core.operations.operation import Operation
from spindle._core.public import publish

if TYPE_CHECKING:
    from types import TracebackType

    from spindle._core.kernel.waits import PutWait, TakeWait

__all__ = ["Channel", "ChannelStatistics", "CloseChannel", "FailChannel", "PutItem", "TakeItem"]

T = TypeVar("T")


class ChannelStatistics(msgspec.Struct, frozen=True):
    """A channel at one moment."""

    capacity: int
    """How many items it may hold; 0 for a rendezvous."""
    items: int
    """How many it holds."""
    waiting_to_put: int
    waiting_to_take: int
    closed: bool
    failed: bool


class Channel(Generic[T]):
    """A bounded queue between spindles of one page, first in first out on both sides.

    With a capacity of 0, the default, a put waits until its item is taken. What was put is taken
    once, or it is still there: cancelling a wait loses and doubles nothing. It belongs to the first
    page that uses it; its operations raise `UsageError` when they are awaited on another one.
    """

    __slots__ = (
        "__weakref__",
        "capacity",
        "closed",
        "error",
        "items",
        "kernel",
        "number",
        "putters",
        "takers",
        "traceback",
    )

    def __init__(self, capacity: int = 0) -> None:
        """Make a channel that holds up to `capacity` items.

        Raises:
            UsageError: `capacity` is not a whole number, 0 or more.
        """
        if type(capacity) is not int or capacity < 0:
            raise UsageError(
                f"Channel() takes a whole number of items, 0 or more, not {shown(capacity)}"
            )
        self.capacity = capacity
        self.items: deque[T] | None = None
        self.putters: OrderedDict[PutWait, None] | None = None
        self.takers: OrderedDict[TakeWait, None] | None = None
        self.closed = False
        self.error: Exception | None = None
        self.traceback: TracebackType | None = None
        """That of the error when it came: each time it is raised again its own would grow."""
        self.kernel: object = None
        """The page it belongs to: the first that uses it."""
        self.number = 0
        """Which one of the page's it is, in the order of their first use; 0 before that."""

    def put(self, item: T) -> Operation[None]:
        """Hand an item in; waits while the channel is full.

        Raises:
            ChannelClosed: when awaited: it was closed, before or while this waited.
            Exception: when awaited: what it was failed with.
        """
        return PutItem(self, item)

    def take(self) -> Operation[T]:
        """Take the oldest item; waits while there is none.

        Raises:
            ChannelClosed: when awaited: it was closed, and what it held has been taken.
            Exception: when awaited: what it was failed with.
        """
        return TakeItem(self)

    def close(self) -> Operation[None]:
        """Let nothing more in: what it holds can be taken still. Never waits; harmless twice."""
        return CloseChannel(self)

    def fail(self, error: Exception, /) -> Operation[None]:
        """End it with an error, which every put and take raises from now on. Never waits.

        What it holds is dropped. The first error stands; without effect on a closed channel.

        Raises:
            UsageError: `error` is not an exception.
        """
        if not is_a(error, Exception):
            raise UsageError(f"Channel.fail() takes an exception to raise, not {shown(error)}")
        return FailChannel(self, error)

    def statistics(self) -> ChannelStatistics:
        """Look at it, from anywhere."""
        return ChannelStatistics(
            self.capacity,
            len(self.items or ()),
            len(self.putters or ()),
            len(self.takers or ()),
            self.closed,
            self.error is not None,
        )

    def __repr__(self) -> str:
        state = "failed" if self.error is not None else "closed" if self.closed else "open"
        which = f" {self.number}" if self.number else ""
        return f"<channel{which} of {self.capacity}, {state}, {len(self.items or ())} items>"


class PutItem(Operation[None]):
    """Put an item into a channel."""

    __slots__ = ("channel", "item")

    __spelling__ = "channel.put(...)"

    def __init__(self, channel: Channel[T], item: T) -> None:
        self.channel: Channel[Any] = channel
        self.item: Any = item


class TakeItem(Operation[T]):
    """Take an item out of a channel."""

    __slots__ = ("channel",)

    __spelling__ = "channel.take()"

    def __init__(self, channel: Channel[T]) -> None:
        self.channel = channel


class CloseChannel(Operation[None]):
    """Close a channel."""

    __slots__ = ("channel",)

    __spelling__ = "channel.close()"

    def __init__(self, channel: Channel[Any]) -> None:
        self.channel = channel


class FailChannel(Operation[None]):
    """Fail a channel."""

    __slots__ = ("channel", "error")

    __spelling__ = "channel.fail(...)"

    def __init__(self, channel: Channel[Any], error: Exception) -> None:
        self.channel = channel
        self.error = error


publish("spindle", [Channel])
