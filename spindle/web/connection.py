"""One connection from accept to close: requests, one after the other, or the socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from spindle.web.http.connection import BadRequest, HttpConnection
from spindle.web.http.document import SOCKET_PATH
from spindle.web.socket.websocket import serve_websocket

if TYPE_CHECKING:
    from spindle.web.http.request import Request
    from spindle.web.site import Site

__all__ = ["serve_connection"]


async def serve_connection(site: Site, stream: trio.abc.Stream) -> None:
    """Serve a connection until either side is done; the stream is closed then, in any case."""
    try:
        http = HttpConnection(stream, site.limits)
        try:
            upgraded = await _serve_requests(site, http)
        except BadRequest as error:
            upgraded = False
            await http.refuse(error)
        if upgraded:
            await serve_websocket(stream, http.handshake(), site.limits, site.converse)
        else:
            await http.close()
    finally:
        await trio.aclose_forcefully(stream)


async def _serve_requests(site: Site, http: HttpConnection) -> bool:
    """Answer requests; True when the last one asks for the socket, and may have it."""
    while (request := await http.receive()) is not None:
        if _wants_socket(request):
            response = site.front.refuse_upgrade(request)
            if response is None:
                return True
        else:
            response = await site.front.respond(request)
        if not await http.send(response):
            break
    return False


def _wants_socket(request: Request) -> bool:
    return (
        request.method == "GET"
        and request.path == SOCKET_PATH
        and request.header("upgrade").lower() == "websocket"
        and "upgrade" in request.header("connection").lower()
    )
