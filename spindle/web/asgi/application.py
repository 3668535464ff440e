"""An app as an ASGI application, to be served by a server on trio or mounted in a framework."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import trio

from spindle._core.errors import SpindleError, UsageError
from spindle.web.asgi.scope import request_of
from spindle.web.asgi.transport import serve_websocket
from spindle.web.errors import ServeError
from spindle.web.http.document import SOCKET_PATH
from spindle.web.http.response import nothing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from spindle.web.app import App
    from spindle.web.asgi.events import Receive, Scope, Send, Sent
    from spindle.web.http.request import Request
    from spindle.web.http.response import Response
    from spindle.web.site import Site

__all__ = ["AsgiApp"]


class AsgiApp:
    """The pages of an app, as an ASGI 3 application; made by `App.asgi`.

    Served as it is, or mounted in another application below a path. Its pages live in the server's
    lifespan, which reaches what is mounted by way of the application around it only:

        pages = app.asgi()
        site = Starlette(routes=[Mount("/shop", pages)], lifespan=pages.lifespan)

    The server has to run on trio. `ServeError` is raised for a request if it does not, or if there
    was no lifespan, and `UsageError` for a scope that is none of HTTP, websocket and lifespan.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._site: Site | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what the scope describes: a request, a websocket, or the server's lifespan."""
        match scope.get("type"):
            case "lifespan":
                await self._live(receive, send)
            case "http":
                await self._respond(request_of(scope), send)
            case "websocket":
                await self._converse(scope, receive, send)
            case other:
                raise UsageError(
                    f"An ASGI scope of type {other!r} is none that pages are served by: they take "
                    f"'http', 'websocket' and 'lifespan'."
                )

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncGenerator[None, None]:
        """Open the pages for as long as the block lasts; leaving it ends them, see `App.open`.

        Args:
            app: the application around, which frameworks hand to a lifespan; not needed.

        Raises:
            ServeError: the browser script was not built, or this does not run on trio.
            UsageError: they are open already.
        """
        _check_trio()
        if self._site is not None:
            raise UsageError(
                "The pages are open already: give the lifespan to the outermost application only."
            )
        try:
            async with self._app.open() as self._site:
                yield
        finally:
            self._site = None

    async def stop(self) -> None:
        """Say bye to every socket and end every page now, within `Limits.stop`.

        For a server that waits for its connections before it ends the lifespan, as Hypercorn does
        for `graceful_timeout`: those of pages last until the pages end. Await it where the server
        is told to stop. Does nothing if the pages are not open.
        """
        if self._site is not None:
            await self._site.close()
        await trio.lowlevel.checkpoint()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        started = False
        try:
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                started = True
                await receive()
        except SpindleError as error:
            if started:
                raise
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    async def _respond(self, request: Request, send: Send) -> None:
        response = await self._opened().respond(request)
        await send(_start("http", response, request.method))
        body = b"" if request.method == "HEAD" else response.body
        await send({"type": "http.response.body", "body": body})

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        site, request = self._opened(), request_of(scope)
        await receive()  # websocket.connect
        refused = site.refuse_socket(request)
        if refused is None and request.path != SOCKET_PATH:
            refused = nothing(HTTPStatus.NOT_FOUND)
        if refused is not None:
            await _refuse(refused, scope, send)
            return
        await send({"type": "websocket.accept"})
        converse = partial(site.converse, ping=True)
        await site.contain(partial(serve_websocket, receive, send, site.limits, converse))

    def _opened(self) -> Site:
        _check_trio()
        if self._site is None:
            raise ServeError(
                "The pages are not open: the server has not run their lifespan. An application "
                "around them has to: Starlette(..., lifespan=pages.lifespan). With a server that "
                "has none, open them around it: 'async with pages.lifespan(): await serve(...)'."
            )
        return self._site


def _check_trio() -> None:
    if not trio.lowlevel.in_trio_run():
        raise ServeError(
            "Pages need an ASGI server that runs on trio, and this one does not; most run on "
            "asyncio. Hypercorn does both: 'hypercorn -k trio', or hypercorn.trio.serve."
        )


async def _refuse(response: Response, scope: Scope, send: Send) -> None:
    """Answer a handshake; a server without the extension for that says 403 to whatever it is."""
    extensions = scope.get("extensions")
    if not isinstance(extensions, dict) or "websocket.http.response" not in extensions:
        await send({"type": "websocket.close", "code": 1008})
        return
    await send(_start("websocket.http", response))
    await send({"type": "websocket.http.response.body", "body": response.body})


def _start(kind: str, response: Response, method: str = "GET") -> Sent:
    headers = [(name.lower().encode(), value.encode()) for name, value in response.headers]
    if response.body or (method != "HEAD" and response.status != HTTPStatus.NO_CONTENT):
        headers.append((b"content-length", str(len(response.body)).encode()))
    return {"type": f"{kind}.response.start", "status": response.status, "headers": headers}
