"""The transport over trio-websocket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from spindle.web.http.handover import HandedOver
from spindle.web.socket.transport import Transport, TransportClosed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spindle.web.limits import Limits

__all__ = ["WebSocketTransport", "attend", "serve_websocket"]

_RECEIVE = 64 * 1024


class WebSocketTransport:
    """One websocket, as a `Transport`.

    Args:
        connection: the websocket.
        close_within: how long a closing handshake may take.
        stream: below it, where that is ours.
    """

    def __init__(
        self,
        connection: WebSocketConnection,
        close_within: float,
        stream: HandedOver | None = None,
    ) -> None:
        self._connection = connection
        self._stream = stream
        self._close_within = close_within
        self._sending = False

    async def receive(self) -> str | bytes:
        """Wait for the next frame."""
        try:
            frame = await self._connection.get_message()
        except ConnectionClosed as closed:
            raise _closed(closed) from None
        if self._stream is not None:
            self._stream.reset()
        return frame

    async def send(self, frame: str) -> None:
        """Send a frame; once cut half-way, nothing can be sent any more."""
        if self._sending:
            raise TransportClosed
        self._sending = True
        try:
            await self._connection.send_message(frame)
        except ConnectionClosed as closed:
            raise _closed(closed) from None
        self._sending = False

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close with a handshake if whole frames were sent, within a bound; then for good."""
        if not self._sending:
            with trio.move_on_after(self._close_within):
                await self._connection.aclose(code, reason)
                if self._stream is not None:
                    await self._stream.linger()
        await trio.aclose_forcefully(self.below)

    @property
    def below(self) -> trio.abc.AsyncResource:
        """What drops the connection without a word, if it is closed by force."""
        return self._connection if self._stream is None else self._stream

    async def beat(self, interval: float) -> None:
        """Ping the browser at each interval; close if it has not answered by the next one."""
        try:
            while True:
                await trio.sleep(interval)
                with trio.fail_after(interval):
                    await self._connection.ping()
                if self._stream is not None:
                    self._stream.reset()
        except (ConnectionClosed, trio.TooSlowError):
            await trio.aclose_forcefully(self.below)


async def serve_websocket(
    stream: trio.abc.Stream,
    handshake: bytes,
    limits: Limits,
    handle: Callable[[Transport], Awaitable[None]],
) -> None:
    """Accept an upgrade, run `handle`, drop the connection.

    Args:
        stream: the connection.
        handshake: the upgrade request, checked by the caller, and whatever came after it.
        limits: of the server.
        handle: converses over the transport, and closes it if the browser is to know why.

    Raises:
        BaseExceptionGroup: what the handler, or the websocket library, tripped over.
    """
    handed = HandedOver(stream, handshake, allowance=4 * limits.frame)
    async with trio.open_nursery() as nursery:
        transport = await _accepted(nursery, handed, limits)
        if transport is not None:
            await attend(transport, limits, handle)
        nursery.cancel_scope.cancel()


async def attend(
    transport: WebSocketTransport, limits: Limits, handle: Callable[[Transport], Awaitable[None]]
) -> None:
    """Run `handle` over an accepted websocket, ping the browser meanwhile, drop the connection."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(transport.beat, limits.heartbeat)
        try:
            await handle(transport)
        finally:
            await trio.aclose_forcefully(transport.below)
        nursery.cancel_scope.cancel()


async def _accepted(
    nursery: trio.Nursery, stream: HandedOver, limits: Limits
) -> WebSocketTransport | None:
    with trio.move_on_after(limits.hello):
        request = await wrap_server_stream(
            nursery, stream, max_message_size=limits.frame, receive_buffer_size=_RECEIVE
        )
        connection = await request.accept()
        return WebSocketTransport(connection, limits.close, stream)
    return None


def _closed(error: ConnectionClosed) -> TransportClosed:
    reason = error.reason
    return TransportClosed(reason.code, reason.reason or "") if reason else TransportClosed()
