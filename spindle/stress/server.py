"""The app under load, on a free port of this machine."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import trio

from spindle.web.serve import accept_loop
from spindle.web.site import Site, open_site

if TYPE_CHECKING:
    from spindle.web.app import App

__all__ = ["Server", "open_server"]

HOST: Final = "127.0.0.1"


class Server:
    """What is served, and where."""

    def __init__(self, site: Site, port: int) -> None:
        self.site = site
        self.port = port


@asynccontextmanager
async def open_server(app: App) -> AsyncGenerator[Server, None]:
    """Serve an app for the length of a block, without the browser script: no browser comes."""
    (listener,) = await trio.open_tcp_listeners(0, host=HOST)
    try:
        async with open_site(app) as site, trio.open_nursery() as nursery:
            slots = trio.Semaphore(app.limits.connections)
            nursery.start_soon(accept_loop, site, listener, slots)
            yield Server(site, listener.socket.getsockname()[1])
            nursery.cancel_scope.cancel()
    finally:
        await trio.aclose_forcefully(listener)
