"""An ASGI server in memory, which does what the specification says, and browsers of its pages."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

import trio

from spindle.web.app import App
from spindle.web.asgi.application import AsgiApp
from spindle.web.http.response import Response
from spindle.web.socket.transport import TransportClosed

Event = dict[str, Any]


class AsgiServer:
    """Calls an application.

    Args:
        app: the application.
        nursery: holds its websockets.
        root: what the application is mounted at.
        scheme: by which browsers come.
        denies: whether it can answer a handshake with a response.
    """

    def __init__(
        self,
        app: AsgiApp,
        nursery: trio.Nursery,
        *,
        root: str = "",
        scheme: str = "http",
        denies: bool = True,
    ) -> None:
        self.app = app
        self._nursery = nursery
        self._root = root
        self._scheme = scheme
        self._denies = denies

    def scope(self, kind: str, target: str, headers: Mapping[str, str], **more: Any) -> Event:
        lowered = {name.lower(): value for name, value in headers.items()}
        path, _, query = f"{self._root}{target}".partition("?")
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": unquote(self._root),
            "headers": [
                (name.encode(), value.encode())
                for name, value in ({"host": "localhost"} | lowered).items()
            ],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 80),
            "scheme": self._scheme,
            **more,
        }

    async def request(
        self, target: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Response:
        sent: list[Event] = []
        scope = self.scope("http", target, headers or {}, method=method)
        await self.app(scope, _nothing_more, _appending(sent))
        return _response("http", sent)

    async def websocket(
        self, target: str, headers: Mapping[str, str], buffer: float = math.inf
    ) -> AsgiBrowser | Response:
        """Open a websocket; a response, if it was refused."""
        scheme = self._scheme.replace("http", "ws")
        extensions = {"websocket.http.response": {}} if self._denies else {}
        scope = self.scope("websocket", target, headers, scheme=scheme, extensions=extensions)
        browser = AsgiBrowser(buffer)
        self._nursery.start_soon(browser.run, self.app, scope)
        return await browser.opened()


class AsgiBrowser:
    """A browser's end of a websocket; `buffer` frames fit into the connection to it."""

    def __init__(self, buffer: float) -> None:
        self._to_app, self._received = trio.open_memory_channel[Event](math.inf)
        self._sent, self._from_app = trio.open_memory_channel[Event](buffer)
        self._refusal: list[Event] = []
        self._answered = trio.Event()
        self.ended = trio.Event()
        self.shielded = False
        """Whether the server shields its writing from cancellation."""
        self.breaks = False
        """Whether sending fails, as it does on a closed connection."""

    async def run(self, app: AsgiApp, scope: Event) -> None:
        self._to_app.send_nowait({"type": "websocket.connect"})
        try:
            await app(scope, self._received.receive, self._send)
        finally:
            self._answered.set()
            self._sent.close()
            self.ended.set()

    async def opened(self) -> AsgiBrowser | Response:
        await self._answered.wait()
        if not self._refusal:
            return self
        await self.ended.wait()
        return _response("websocket.http", self._refusal)

    async def send(self, frame: str | bytes) -> None:
        kind = "text" if isinstance(frame, str) else "bytes"
        await self._to_app.send({"type": "websocket.receive", kind: frame})

    async def receive(self) -> str:
        try:
            event = await self._from_app.receive()
        except trio.EndOfChannel:
            raise TransportClosed from None
        if event["type"] == "websocket.close":
            raise TransportClosed(event["code"], event["reason"])
        assert event["type"] == "websocket.send", event
        return str(event["text"])

    async def aclose(self) -> None:
        await self._to_app.send({"type": "websocket.disconnect", "code": 1001})

    async def _send(self, event: Event) -> None:
        if event["type"] == "websocket.accept":
            self._answered.set()
        elif not self._answered.is_set():
            self._refusal.append(event)
        elif self.breaks:
            raise OSError("the connection is closed")
        else:
            with trio.CancelScope(shield=self.shielded):
                await self._sent.send(event)


@asynccontextmanager
async def lifespan(app: AsgiApp) -> AsyncGenerator[None, None]:
    """Run an application's lifespan, as servers do."""
    told, from_server = trio.open_memory_channel[Event](1)
    to_server, said = trio.open_memory_channel[Event](1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(app, {"type": "lifespan"}, from_server.receive, to_server.send)
        await told.send({"type": "lifespan.startup"})
        assert await said.receive() == {"type": "lifespan.startup.complete"}
        yield
        await told.send({"type": "lifespan.shutdown"})
        assert await said.receive() == {"type": "lifespan.shutdown.complete"}


@asynccontextmanager
async def asgi_server(app: App, **options: Any) -> AsyncGenerator[AsgiServer, None]:
    pages = app.asgi()
    async with lifespan(pages), trio.open_nursery() as nursery:
        yield AsgiServer(pages, nursery, **options)
        await pages.stop()


async def _nothing_more() -> Event:
    await trio.sleep_forever()
    raise AssertionError


def _appending(sent: list[Event]) -> Callable[[Event], Awaitable[None]]:
    async def send(event: Event) -> None:
        await trio.lowlevel.checkpoint()
        sent.append(event)

    return send


def _response(kind: str, sent: list[Event]) -> Response:
    if sent[0]["type"] == "websocket.close":
        return Response(403)
    start, *bodies = sent
    assert start["type"] == f"{kind}.response.start", sent
    assert [body["type"] for body in bodies] == [f"{kind}.response.body"], sent
    headers = tuple((name.decode(), value.decode()) for name, value in start["headers"])
    return Response(start["status"], bodies[0]["body"], headers)
