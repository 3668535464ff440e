"""A visitor of a server in another process: real requests, a real websocket, no browser."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import msgspec
import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

from spindle._core.messages import Event
from spindle.web.socket.protocol import (
    EventSent,
    FormSent,
    ServerMessage,
    Settled,
    decode_server,
    encode,
)
from spindle.web.tab import Tab
from tests.web.frames import UPGRADE, request
from tests.web.test_http import status


class Answer(NamedTuple):
    status: int
    head: str
    text: str
    location: str = ""


async def get(url: str, **headers: str) -> Answer:
    """Load what is at an address."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    lines = {"Host": parts.netloc, "Connection": "close", **headers}
    spelled = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    async with await trio.open_tcp_stream(parts.hostname, parts.port or 80) as stream:
        await stream.send_all(f"GET {target or '/'} HTTP/1.1\r\n{spelled}\r\n".encode())
        received = b"".join([bytes(part) async for part in stream])
    head, _, body = received.decode().partition("\r\n\r\n")
    location = re.search(r"^location: (.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)
    return Answer(int(head.split(" ", 2)[1]), head.lower(), body, location[1] if location else "")


async def handshake(url: str, origin: str) -> int:
    """Ask for a websocket; gives the status of the answer."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    headers = {**UPGRADE, "Host": parts.netloc, "Origin": origin}
    async with await trio.open_tcp_stream(parts.hostname, parts.port or 80) as stream:
        await stream.send_all(request(headers, parts.path))
        return status(await stream.receive_some())


@asynccontextmanager
async def websocket(url: str, origin: str) -> AsyncGenerator[WebSocketConnection, None]:
    """Open a websocket as a page of `origin` does."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    # Not by the library's own context manager, which leaves the stream open if the server closes.
    async with (
        trio.open_nursery() as nursery,
        await trio.open_tcp_stream(parts.hostname, parts.port or 80) as stream,
    ):
        yield await wrap_client_stream(
            nursery,
            stream,
            parts.netloc,
            parts.path,
            extra_headers=[(b"Origin", origin.encode())],
        )
        nursery.cancel_scope.cancel()


class Guest:
    """One document, and the addresses that it names."""

    def __init__(self, url: str, answer: Answer) -> None:
        assert answer.status == 200, answer
        self.url = url
        self.answer = answer
        self.tab = Tab(answer.text)
        self._connected: WebSocketConnection | None = None
        self._sent = 0

    @classmethod
    async def load(cls, url: str) -> Guest:
        answer = await get(url)
        if answer.status == 303:
            url = urljoin(url, answer.location)
            answer = await get(url)
        return cls(url, answer)

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def socket(self) -> str:
        """Where the page says that its socket is."""
        return urljoin(self.url, self._named("data-socket")).replace("http://", "ws://")

    @property
    def assets(self) -> list[str]:
        """Where its script and its stylesheets are."""
        found = re.findall(
            r'<(?:script src|link rel="stylesheet" href)="([^"]*)"', self.answer.text
        )
        return [urljoin(self.url, each) for each in found]

    def link(self, text: str) -> str:
        """Where the link with that text leads."""
        found = re.search(rf'<a href="([^"]*)">{text}</a>', self.tab.html)
        assert found, self.tab.html
        return urljoin(self.url, found[1])

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[None, None]:
        async with websocket(self.socket, self.origin) as self._connected:
            await self._connected.send_message(encode(self.tab.hello()))
            yield
            await self._connected.aclose()

    async def submit(self, event: type[Event], fields: Mapping[str, str]) -> str:
        """Submit the form of that event; gives how it was settled."""
        form = self._carrier(event, "submit")
        self._sent += 1
        name = event.__wire__
        return await self._settled(FormSent(self._sent, name, [*fields.items()], _to(form)))

    async def click(self, event: Event) -> str:
        """Press what sends that event; gives how it was settled."""
        value = msgspec.json.encode(event)
        button = self._carrier(type(event), "click", value.decode())
        self._sent += 1
        name = event.__wire__
        return await self._settled(EventSent(self._sent, name, msgspec.Raw(value), _to(button)))

    def _carrier(self, event: type[Event], verb: str, value: str | None = None) -> dict[str, str]:
        """The first element that sends it."""
        return next(
            each
            for each in self.tab.elements()
            if each.get(f"data-sp-{verb}") == event.__wire__
            and value in (None, each.get("data-sp-value"))
        )

    async def _settled(self, sent: EventSent | FormSent) -> str:
        assert self._connected is not None
        await self._connected.send_message(encode(sent))
        while not isinstance(message := await self.receive(), Settled):
            pass
        return message.settlement

    async def shows(self, text: str) -> None:
        while text not in self.tab.html:
            await self.receive()

    async def receive(self) -> ServerMessage:
        assert self._connected is not None
        message = decode_server(str(await self._connected.get_message()))
        assert self.tab.apply(message), "the server's text is another one"
        return message

    def _named(self, attribute: str) -> str:
        found = re.search(rf'{attribute}="([^"]*)"', self.answer.text)
        assert found
        return found[1]


def _to(carrier: Mapping[str, str]) -> int | None:
    """Which ask an element's event answers, if it answers one."""
    return int(carrier["data-sp-to"]) if "data-sp-to" in carrier else None
