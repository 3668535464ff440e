"""The ways by which browsers come to pages: a port of ours, and the servers of others."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from typing import Protocol

import h11
import trio
import trio.testing
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.routing import Mount
from trio_websocket import (
    ConnectionClosed,
    WebSocketConnection,
    wrap_client_stream,
    wrap_server_stream,
)

from spindle.web.app import App
from spindle.web.http.request import Request
from spindle.web.http.response import Response
from spindle.web.socket.transport import TransportClosed
from tests.web.asgi_server import AsgiBrowser, AsgiServer, asgi_server
from tests.web.frames import UPGRADE, request
from tests.web.test_http import everything, status

HOST = "localhost"


class Browser(Protocol):
    """A browser's end of a socket; `TransportClosed` says how the server closed it."""

    async def send(self, frame: str | bytes) -> None: ...

    async def receive(self) -> str: ...


class Way(Protocol):
    """One way to the pages of an app that runs."""

    async def get(
        self, target: str, headers: Mapping[str, str] = {}, method: str = "GET"
    ) -> Response: ...

    async def handshake(self, **headers: str) -> int:
        """Ask for the socket with these headers beside the usual; gives the answer's status."""
        ...

    def socket(self) -> AbstractAsyncContextManager[Browser]:
        """Open the socket as a page of the site does."""
        ...

    async def stop(self) -> None:
        """Stop in order, with sockets open."""
        ...


class OverStreams:
    """Connections as streams of bytes.

    Args:
        connect: makes one.
        stop: stops the server.
        prefix: what the pages are mounted at.
        path: of the socket.
        respond: answers requests, where the connections do not.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[trio.abc.HalfCloseableStream]],
        stop: Callable[[], Awaitable[None]],
        prefix: str = "",
        path: str = "/spindle/socket",
        respond: Callable[[Request], Awaitable[Response]] | None = None,
    ) -> None:
        self.stop = stop
        self._connect = connect
        self._prefix = prefix
        self._path = f"{prefix}{path}"
        self._respond = respond

    async def get(
        self, target: str, headers: Mapping[str, str] = {}, method: str = "GET"
    ) -> Response:
        given = {"Host": HOST, **headers}
        if self._respond is not None:
            return await self._respond(Request.of(method, target, given.items()))
        client = h11.Connection(h11.CLIENT)
        given["Connection"] = "close"
        asked = h11.Request(
            method=method, target=f"{self._prefix}{target}", headers=[*given.items()]
        )
        async with await self._connect() as stream:
            await stream.send_all(client.send(asked) + client.send(h11.EndOfMessage()))
            client.receive_data(await everything(stream))
        client.receive_data(b"")
        head = client.next_event()
        assert isinstance(head, h11.Response)
        body = b""
        while isinstance(event := client.next_event(), h11.Data):
            body += event.data
        assert isinstance(event, h11.EndOfMessage)
        named = tuple((name.decode(), value.decode()) for name, value in head.headers)
        return Response(head.status_code, body, named)

    async def handshake(self, **headers: str) -> int:
        async with await self._connect() as stream:
            await stream.send_all(request(UPGRADE | headers, self._path))
            return status(await stream.receive_some())

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator[Browser, None]:
        origin = [(b"Origin", f"http://{HOST}".encode())]
        async with trio.open_nursery() as nursery, await self._connect() as stream:
            connection = await wrap_client_stream(
                nursery,
                stream,  # type: ignore[arg-type]
                HOST,
                self._path,
                extra_headers=origin,
            )
            yield _Over(connection)
            nursery.cancel_scope.cancel()


class _Over:
    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection

    async def send(self, frame: str | bytes) -> None:
        with _closed():
            await self._connection.send_message(frame)

    async def receive(self) -> str:
        with _closed():
            return str(await self._connection.get_message())


@contextmanager
def _closed() -> Iterator[None]:
    try:
        yield
    except ConnectionClosed as closed:
        code, reason = (closed.reason.code, closed.reason.reason) if closed.reason else (0, None)
        raise TransportClosed(code, reason or "") from None


class OverAsgi:
    """Events of an ASGI server in memory."""

    def __init__(self, server: AsgiServer) -> None:
        self._server = server
        self.stop = server.app.stop

    async def get(
        self, target: str, headers: Mapping[str, str] = {}, method: str = "GET"
    ) -> Response:
        return await self._server.request(target, headers, method)

    async def handshake(self, **headers: str) -> int:
        answer = await self._server.websocket("/spindle/socket", UPGRADE | headers)
        if isinstance(answer, Response):
            return answer.status
        await answer.aclose()
        return 101

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator[Browser, None]:
        browser = await self._server.websocket("/spindle/socket", UPGRADE)
        assert isinstance(browser, AsgiBrowser)
        yield browser
        await browser.aclose()


@asynccontextmanager
async def in_memory(
    serve: Callable[[trio.abc.Stream], Awaitable[None]],
) -> AsyncGenerator[Callable[[], Awaitable[trio.abc.HalfCloseableStream]], None]:
    """Give what makes connections to a server of streams."""
    async with trio.open_nursery() as nursery:

        async def connect() -> trio.abc.HalfCloseableStream:
            client, server = trio.testing.memory_stream_pair()
            nursery.start_soon(serve, server)
            await trio.lowlevel.checkpoint()
            return client

        yield connect
        nursery.cancel_scope.cancel()


# --- each of them --------------------------------------------------------------------------------


@asynccontextmanager
async def own_port(app: App) -> AsyncGenerator[Way, None]:
    async with app.open() as site, in_memory(site.serve_stream) as connect:
        yield OverStreams(connect, site.close)


@asynccontextmanager
async def trio_websocket(app: App) -> AsyncGenerator[Way, None]:
    async with app.open(socket="/live") as site:

        async def connection(stream: trio.abc.Stream) -> None:
            # As the library's server does around its handler, which is the one line in the middle.
            async with trio.open_nursery() as nursery:
                asked = await wrap_server_stream(nursery, stream)
                try:
                    await site.serve_websocket(asked)
                finally:
                    with trio.move_on_after(60):
                        await asked._connection.aclose()

        async with in_memory(connection) as connect:
            yield OverStreams(connect, site.close, path="/live", respond=site.respond)


@asynccontextmanager
async def asgi(app: App) -> AsyncGenerator[Way, None]:
    async with asgi_server(app) as server:
        yield OverAsgi(server)


@asynccontextmanager
async def mounted(app: App) -> AsyncGenerator[Way, None]:
    async with asgi_server(app, root="/a%20shop/teas") as server:
        yield OverAsgi(server)


@asynccontextmanager
async def hypercorn(app: App) -> AsyncGenerator[Way, None]:
    pages = app.asgi()
    config = Config()
    config.bind = ["127.0.0.1:0"]
    config.loglevel = "WARNING"
    config.graceful_timeout = 0.1
    site = Starlette(routes=[Mount("/shop", pages)], lifespan=pages.lifespan)
    told = trio.Event()
    async with trio.open_nursery() as nursery:
        start = partial(serve, site, config, shutdown_trigger=told.wait)  # type: ignore[arg-type]
        (url,) = await nursery.start(start)
        port = int(url.rpartition(":")[2])
        yield OverStreams(partial(trio.open_tcp_stream, "127.0.0.1", port), pages.stop, "/shop")
        told.set()


VIRTUAL = (own_port, trio_websocket, asgi, mounted)
"""Those that work on a clock that jumps, since no real socket is in them."""

WAYS = (*VIRTUAL, hypercorn)
