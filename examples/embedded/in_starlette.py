"""A Starlette app on Hypercorn's trio worker; the pages are mounted below /shop."""

from __future__ import annotations

from functools import partial

import trio
from hypercorn.config import Config
from hypercorn.trio import serve  # pyright: ignore[reportUnknownVariableType] of WSGI apps
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from examples.embedded.shared import PORT, open_app, told_to_stop
from spindle.web import AsgiApp, Limits

HOME = HTMLResponse("<h1>Welcome</h1><p>There is a <a href='/shop/'>shop</a>, too.</p>")


async def until_stopped(pages: AsgiApp) -> None:
    """Wait, then end the pages: Hypercorn waits for their sockets."""
    await told_to_stop()
    await pages.stop()


async def main() -> None:
    """Serve all of it on one port, until told to stop."""
    config = Config()
    config.bind = [f"127.0.0.1:{PORT}"]
    config.websocket_max_message_size = Limits().frame
    with open_app() as app:
        pages = app.asgi()
        routes = [Route("/", HOME), Mount("/shop", pages)]
        site = Starlette(routes=routes, lifespan=pages.lifespan)
        # Their types differ: a scope is a mapping to one and several typed ones to the other.
        await serve(site, config, shutdown_trigger=partial(until_stopped, pages))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    trio.run(main)
