"""The transport over an ASGI server's websocket.

What is sent goes through a task of its own: a server may shield its writing from cancellation, as
Hypercorn does, and a page must not wait for a client that does not read any more.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import trio

from spindle.web.asgi.events import Receive, Send, Sent
from spindle.web.socket.transport import Transport, TransportClosed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spindle.web.limits import Limits

__all__ = ["AsgiTransport", "serve_websocket"]


class AsgiTransport:
    """One websocket, as a `Transport`.

    Args:
        receive: gives the server's events.
        outgoing: takes events for the server; it has one in hand at most.
        close_within: how long saying goodbye may take.
    """

    def __init__(
        self, receive: Receive, outgoing: trio.MemorySendChannel[Sent], close_within: float
    ) -> None:
        self._receive = receive
        self._outgoing = outgoing
        self._close_within = close_within

    async def receive(self) -> str | bytes:
        """Wait for the next frame."""
        event = await self._receive()
        if event["type"] != "websocket.receive":
            raise _closed(event.get("code"), event.get("reason"))
        text, data = event.get("text"), event.get("bytes")
        return text if isinstance(text, str) else data if isinstance(data, bytes) else b""

    async def send(self, frame: str) -> None:
        """Send a frame; blocks while the one before it is on its way."""
        await self._hand_over({"type": "websocket.send", "text": frame})

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Let the server close the websocket; does nothing once closed."""
        with suppress(TransportClosed), trio.move_on_after(self._close_within):
            await self._hand_over({"type": "websocket.close", "code": code, "reason": reason})
        self._outgoing.close()
        await trio.lowlevel.checkpoint()

    async def _hand_over(self, event: Sent) -> None:
        try:
            await self._outgoing.send(event)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise TransportClosed from None


async def serve_websocket(
    receive: Receive,
    send: Send,
    limits: Limits,
    handle: Callable[[Transport], Awaitable[None]],
) -> None:
    """Run `handle` over a websocket that the server has accepted.

    Args:
        receive: gives the server's events.
        send: takes events for the server.
        limits: of the app.
        handle: converses over the transport, and closes it.

    Raises:
        BaseExceptionGroup: what the handler, or the server, tripped over.
    """
    outgoing, incoming = trio.open_memory_channel[Sent](0)
    conversation = trio.CancelScope()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_pass_on, incoming, send, conversation)
        try:
            with conversation:
                await handle(AsgiTransport(receive, outgoing, limits.close))
        finally:
            outgoing.close()
            nursery.cancel_scope.deadline = trio.current_time() + limits.close


async def _pass_on(
    events: trio.MemoryReceiveChannel[Sent], send: Send, conversation: trio.CancelScope
) -> None:
    await trio.lowlevel.checkpoint()
    with events:
        try:
            async for event in events:
                await send(event)
        except OSError:  # that the connection is closed, in the words of the specification
            conversation.cancel()


def _closed(code: object, reason: object) -> TransportClosed:
    return TransportClosed(
        code if isinstance(code, int) else 1006, reason if isinstance(reason, str) else ""
    )
