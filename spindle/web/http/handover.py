"""A stream whose HTTP request was read already, handed over to the websocket library."""

from __future__ import annotations

import trio

__all__ = ["HandedOver", "linger"]

_DROPPED = 64 * 1024


async def linger(stream: trio.abc.Stream) -> None:
    """Send no more, and drop what still comes until the peer closes, without a bound.

    A connection closed while something is unread is reset, and the peer loses what was sent last.
    """
    await trio.lowlevel.checkpoint()
    try:
        if isinstance(stream, trio.abc.HalfCloseableStream):
            await stream.send_eof()
        while await stream.receive_some(_DROPPED):
            pass
    except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError):
        pass


class HandedOver(trio.abc.Stream):
    """Gives first what was read before, then what comes.

    Counts what comes without completing a message: the websocket library keeps the parts of an
    unfinished message without bound on their number, and answers any number of pings.

    Args:
        stream: below.
        read: what has been read of it, to be read again.
        allowance: how many bytes may come between two calls of `reset`.
    """

    def __init__(self, stream: trio.abc.Stream, read: bytes, allowance: int) -> None:
        self._stream = stream
        self._read = read
        self._allowance = allowance
        self._received = 0
        self._lingering = False

    def reset(self) -> None:
        """Note that a whole message, or an answer to a ping, has come."""
        self._received = 0

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive; a peer that exhausts its allowance counts as broken.

        Raises:
            trio.BrokenResourceError: the allowance is used up, or the connection broke.
            trio.ClosedResourceError: it is being closed: `linger` reads what still comes.
        """
        if self._lingering:
            await trio.lowlevel.checkpoint()
            raise trio.ClosedResourceError
        if self._read:
            read, self._read = self._read, b""
            await trio.lowlevel.checkpoint()
            return read
        data = await self._stream.receive_some(max_bytes)
        self._received += len(data)
        if self._received > self._allowance:
            raise trio.BrokenResourceError("too many bytes that complete no message")
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of `data`.

        Raises:
            trio.ClosedResourceError: it is being closed: what the websocket library answers to the
                peer's own close then, would meet the end of sending in the middle.
        """
        if self._lingering:
            await trio.lowlevel.checkpoint()
            raise trio.ClosedResourceError
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until sending might not block."""
        await self._stream.wait_send_all_might_not_block()

    async def linger(self) -> None:
        """Send no more and drop what still comes, see `linger`."""
        self._lingering = True
        await linger(self._stream)

    async def aclose(self) -> None:
        """Close the stream below."""
        await self._stream.aclose()
