"""The socket of a page in somebody else's trio-websocket server.

That library hides three things which are needed here, so this reads its private attributes, written
against version 0.12: the Host header; the stream, for it leaves a connection whose request was
refused open until the peer closes it; and the protocol's state, for a peer that pings while the
server closes makes it answer, which raises, and ends the whole server with all its connections:
https://github.com/python-trio/trio-websocket/issues/184.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING

import trio
from trio_websocket import Endpoint, WebSocketConnection, WebSocketRequest
from wsproto.connection import ConnectionState
from wsproto.events import Event, Pong

from spindle.web.http.handover import linger
from spindle.web.http.request import Request
from spindle.web.socket.websocket import WebSocketTransport, attend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spindle.web.http.response import Response
    from spindle.web.limits import Limits
    from spindle.web.socket.transport import Transport

__all__ = ["serve_request"]


async def serve_request(
    request: WebSocketRequest,
    limits: Limits,
    refuse: Callable[[Request], Response | None],
    handle: Callable[[Transport], Awaitable[None]],
) -> None:
    """Accept the request, or refuse it.

    Args:
        request: as that server's handler got it.
        limits: of the app.
        refuse: says with which response to refuse it, if it is to be refused.
        handle: converses over the transport, and closes it if the browser is to know why.

    Raises:
        BaseExceptionGroup: what the handler, or the websocket library, tripped over.
    """
    refused = refuse(_as_request(request))
    if refused is None:
        connection = await request.accept()
        _leave_late_pings_unanswered(connection)
        await attend(WebSocketTransport(connection, limits.close), limits, handle)
        return
    headers = [(name.encode(), value.encode()) for name, value in refused.headers]
    headers.append((b"Connection", b"close"))
    await request.reject(refused.status, extra_headers=headers, body=refused.body)
    stream = request._connection._stream
    with trio.move_on_after(limits.close):
        await linger(stream)
    await trio.aclose_forcefully(stream)


def _as_request(request: WebSocketRequest) -> Request:
    headers = [("host", request._event.host)]
    headers += [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers
    ]
    remote, local = request.remote, request.local
    client = str(remote.address) if isinstance(remote, Endpoint) else remote
    scheme = "https" if isinstance(local, Endpoint) and local.is_ssl else "http"
    return Request.of("GET", request.path, headers, client, scheme=scheme)


def _leave_late_pings_unanswered(connection: WebSocketConnection) -> None:
    protocol = connection._wsproto
    send = protocol.send

    def careful(event: Event) -> bytes:
        if isinstance(event, Pong) and protocol.state is not ConnectionState.OPEN:
            return b""
        return send(event)

    protocol.send = careful  # type: ignore[method-assign]
