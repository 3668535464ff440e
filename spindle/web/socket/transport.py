"""What a session needs of a connection, and a pair of ends in memory."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import trio

from spindle._core.errors import SpindleError

__all__ = ["Closing", "MemoryTransport", "Transport", "TransportClosed", "memory_transports"]


class TransportClosed(SpindleError):
    """The connection is over; `code` and `reason` are the peer's, if it gave any."""

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"{code}: {reason}" if reason else str(code))
        self.code = code
        self.reason = reason


class Transport(Protocol):
    """Whole frames in both directions, in order. One task receives, another sends."""

    async def receive(self) -> str | bytes:
        """Wait for the next frame; bytes for a binary one.

        Raises:
            TransportClosed: there is none left.
        """
        ...

    async def send(self, frame: str) -> None:
        """Send a frame; blocks while the peer does not read.

        A send that is cancelled half-way makes the transport unusable: it is closed.

        Raises:
            TransportClosed: the peer is gone.
        """
        ...

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close, telling the peer why, in a bounded time; does nothing once closed."""
        ...


class Closing(NamedTuple):
    """How a connection is closed: a code of RFC 6455 section 7.4, or from 4000 on, and why."""

    code: int
    reason: str


class _Link:
    """What both ends of a pair share."""

    def __init__(self) -> None:
        self.closed: Closing | None = None

    def error(self) -> TransportClosed:
        return TransportClosed(*self.closed) if self.closed else TransportClosed()


class MemoryTransport:
    """One end of a connection in memory; like a socket's buffers, it holds frames up to a bound."""

    def __init__(
        self,
        link: _Link,
        outgoing: trio.MemorySendChannel[str | bytes],
        incoming: trio.MemoryReceiveChannel[str | bytes],
    ) -> None:
        self._link = link
        self._outgoing = outgoing
        self._incoming = incoming

    async def receive(self) -> str | bytes:
        """Wait for the next frame; frames sent before the peer closed still come."""
        try:
            return await self._incoming.receive()
        except (trio.EndOfChannel, trio.ClosedResourceError):
            raise self._link.error() from None

    def receive_nowait(self) -> str | bytes | None:
        """Take the next frame, or None if none is there now."""
        try:
            return self._incoming.receive_nowait()
        except trio.WouldBlock:
            return None
        except (trio.EndOfChannel, trio.ClosedResourceError):
            raise self._link.error() from None

    async def send(self, frame: str | bytes) -> None:
        """Send a frame; blocks while the peer's buffer is full."""
        try:
            await self._outgoing.send(frame)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise self._link.error() from None

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close both directions; the first to close gives code and reason."""
        if self._link.closed is None:
            self._link.closed = Closing(code, reason)
        self._outgoing.close()
        self._incoming.close()
        await trio.lowlevel.checkpoint()

    @property
    def closed(self) -> Closing | None:
        """Code and reason of the closing, by whichever end."""
        return self._link.closed


def memory_transports(buffer: float = math.inf) -> tuple[MemoryTransport, MemoryTransport]:
    """Make the two ends of a connection; `buffer` frames fit into each direction."""
    link = _Link()
    to_server, from_client = trio.open_memory_channel[str | bytes](buffer)
    to_client, from_server = trio.open_memory_channel[str | bytes](buffer)
    server = MemoryTransport(link, to_client, from_client)
    return server, MemoryTransport(link, to_server, from_server)
