"""What a page has for its view, in order."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Final

import trio

from spindle._core.source import Source
from spindle._core.states import Sent

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HIGH_WATER", "Outbox"]

HIGH_WATER: Final = 1024
"""How many messages a slow view may leave lying before its page pauses."""


class Outbox(trio.abc.ReceiveChannel[tuple[Source, Sent]]):
    """Receives pairs of source and message; ends when the page has ended.

    A memory channel that tells the page when it has been drained. The page pauses above
    `HIGH_WATER` messages, so at most that many wait here, and the outcomes of a page that is ending
    besides. Draining with `receive`, then `receive_nowait` until `trio.WouldBlock`, is an order of
    magnitude cheaper than one `receive` a message.
    """

    def __init__(self, caught_up: Callable[[], None]) -> None:
        self._sender, self._receiver = trio.open_memory_channel[tuple[Source, Sent]](math.inf)
        self._caught_up = caught_up
        self._held = 0
        self.closed = False

    def full(self, coming: int = 0) -> bool:
        """Whether the view has to catch up, with `coming` more messages on their way here."""
        return not self.closed and self._held + coming >= HIGH_WATER

    def room(self) -> int:
        """How many more messages may come before the view has to catch up."""
        return sys.maxsize if self.closed else HIGH_WATER - self._held

    def put(self, item: tuple[Source, Sent]) -> None:
        """Add a message; dropped when the view has closed the outbox."""
        if not self.closed:
            self._held += 1
            self._sender.send_nowait(item)

    def end(self) -> None:
        """Nothing more comes: after what is there, receiving raises `trio.EndOfChannel`."""
        self._sender.close()

    async def receive(self) -> tuple[Source, Sent]:
        """Wait for the next message. Cancelling the wait loses nothing.

        Raises:
            trio.EndOfChannel: the page has ended and all was received.
            trio.ClosedResourceError: the outbox was closed.
        """
        item = await self._receiver.receive()
        self._taken()
        return item

    def receive_nowait(self) -> tuple[Source, Sent]:
        """Take the next message.

        Raises:
            trio.WouldBlock: there is none now.
            trio.EndOfChannel: the page has ended and all was received.
            trio.ClosedResourceError: the outbox was closed.
        """
        item = self._receiver.receive_nowait()
        self._taken()
        return item

    def close(self) -> None:
        """Want no more messages: what is there and what comes is dropped, the page goes on."""
        self.closed = True
        self._held = 0
        self._receiver.close()
        self._caught_up()

    async def aclose(self) -> None:
        """Close, and checkpoint."""
        self.close()
        await trio.lowlevel.checkpoint()

    def statistics(self) -> trio.MemoryChannelStatistics:
        """What the channel below says of itself."""
        return self._receiver.statistics()

    def _taken(self) -> None:
        was_full = self.full()
        self._held -= 1
        if was_full:
            self._caught_up()
