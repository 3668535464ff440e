"""A trio-websocket server with a route of its own; the socket of the pages is another one."""

from __future__ import annotations

from contextlib import suppress

import trio
from trio_websocket import ConnectionClosed, WebSocketRequest, WebSocketServer

from examples.embedded.shared import PORT, open_app, told_to_stop
from spindle.web import Site


async def handle(site: Site, request: WebSocketRequest) -> None:
    """Serve a connection: the socket of a page, or what the server is there for, its clock."""
    if request.path == "/shop":
        await site.serve_websocket(request)
    else:
        with suppress(ConnectionClosed):
            await (await request.accept()).send_message(f"it is {trio.current_time():.0f} s")


async def main() -> None:
    """Serve websockets on one port and documents on another, until told to stop."""
    sockets = await trio.open_tcp_listeners(0, host="127.0.0.1")
    documents = await trio.open_tcp_listeners(PORT, host="127.0.0.1")
    live, shop = (f"127.0.0.1:{each[0].socket.getsockname()[1]}" for each in (sockets, documents))
    with open_app() as app:
        pages = app.open(socket=f"ws://{live}/shop", origins=[f"http://{shop}"])
        async with pages as site, trio.open_nursery() as nursery:
            nursery.start_soon(WebSocketServer(lambda request: handle(site, request), sockets).run)
            nursery.start_soon(trio.serve_listeners, site.serve_stream, documents)
            print(f"http://{shop}/ ws://{live}/", flush=True)
            await told_to_stop()
            await site.close()
            nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main)
