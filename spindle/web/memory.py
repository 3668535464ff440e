"""Visitors in memory: what a browser does with a page, without browser, port or network.

    async with open_site(app) as site:
        visitor = await visit(site, "/buy/tea")
        await visitor.connect()
        seq = await visitor.submit(Checkout.ShippingGiven, {"shipping.street": "Main St"})
        assert (await visitor.settled(seq)).settlement == "handled"

A visitor reads frames only while one of its methods waits for something: one that does not is a
slow client.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import trio.testing

from spindle._core.errors import SpindleError
from spindle.web.http.front import LEAVING_COOKIE
from spindle.web.http.request import Request
from spindle.web.socket.protocol import (
    ClientMessage,
    Dismissed,
    EventSent,
    FormSent,
    ServerMessage,
    Settled,
    decode_server,
    encode,
)
from spindle.web.socket.transport import MemoryTransport, memory_transports
from spindle.web.tab import Tab

if TYPE_CHECKING:
    from spindle._core.messages import Event
    from spindle.web.http.response import Response
    from spindle.web.site import Site

__all__ = ["NotOnPage", "Visitor", "visit"]


class NotOnPage(SpindleError):
    """A visitor was to use what their page does not have, or to connect to no page."""


async def visit(site: Site, target: str, *, headers: Mapping[str, str] | None = None) -> Visitor:
    """Load a page.

    Args:
        site: serves it.
        target: path and query.
        headers: beside Host.
    """
    return Visitor(site, target, await _get(site, target, headers or {}))


class Visitor(Tab):
    """One tab. `html` and `title` are what it shows now, `response` is what it was loaded with."""

    def __init__(self, site: Site, target: str, response: Response) -> None:
        super().__init__(response.body.decode())
        self.response = response
        self.received: list[ServerMessage] = []
        self.transport: MemoryTransport | None = None
        self._site = site
        self._target = target
        self._sent = 0
        self._settled: dict[int, Settled] = {}

    async def connect(self, *, buffer: float = math.inf) -> None:
        """Open the socket and say hello; `buffer` frames fit into each direction."""
        if not self.page_token:
            raise NotOnPage(f"{self._target} was answered {self.response.status}, without a page")
        server, self.transport = memory_transports(buffer)
        self._site.spawn(partial(self._site.converse, server))
        await self.send(self.hello())

    async def reload(self) -> Visitor:
        """Load the page again in the same tab, which closes the old socket."""
        again = await _get(self._site, self._target, self.leaving_cookie)
        await self.close()
        return Visitor(self._site, self._target, again)

    @property
    def leaving_cookie(self) -> dict[str, str]:
        """The header a browser sends with the navigation that leaves this page."""
        return {"cookie": f"{LEAVING_COOKIE}={self.leave_token}"}

    async def close(self) -> None:
        """Close the socket, as closing the tab does."""
        await trio.lowlevel.checkpoint()
        if self.transport is not None:
            await self.transport.aclose(1001, "the tab was closed")

    async def send(self, message: ClientMessage | str | bytes) -> None:
        """Send any message, or any frame.

        Raises:
            TransportClosed: the server has closed the socket.
        """
        frame = message if isinstance(message, str | bytes) else encode(message)
        await self._connected().send(frame)

    async def click(self, event: Event) -> int:
        """Press the button that sends the event; returns the number to ask `settled` for.

        Raises:
            NotOnPage: no button does.
        """
        value = msgspec.json.encode(event)
        tag = self._element(type(event), "click", value.decode())
        return await self._send_event(type(event), tag, value)

    async def enter(self, event: type[Event], name: str, text: str) -> int:
        """Type a text into the control called `name` that sends the event.

        Raises:
            NotOnPage: no control does.
        """
        tag = self._element(event, "typed")
        return await self._send_form(event, tag, [(name, text)])

    async def point(self, event: type[Event], x: float, y: float) -> int:
        """Point at a place on the element that sends the event with it.

        Raises:
            NotOnPage: no element does.
        """
        return await self._send_form(
            event, self._element(event, "pointed"), [("x", f"{x}"), ("y", f"{y}")]
        )

    async def submit(
        self, event: type[Event], fields: Mapping[str, str] | Sequence[tuple[str, str]]
    ) -> int:
        """Submit the form that sends the event, its controls filled in as given.

        Raises:
            NotOnPage: no form does.
        """
        pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
        return await self._send_form(event, self._element(event, "submit"), pairs)

    async def dismiss(self, flash: int) -> None:
        """Close a flash message."""
        await self.send(Dismissed(flash))

    async def settled(self, seq: int) -> Settled:
        """Read until the event with this number is settled."""
        await trio.lowlevel.checkpoint()
        while seq not in self._settled:
            await self.receive()
        return self._settled[seq]

    async def shows(self, text: str) -> None:
        """Read until the page shows the text, as HTML."""
        await trio.lowlevel.checkpoint()
        while text not in self.html:
            await self.receive()

    async def settle(self) -> None:
        """Read until the server has nothing more to say, and waits."""
        connected = self._connected()
        await trio.testing.wait_all_tasks_blocked()
        while (frame := connected.receive_nowait()) is not None:
            self._apply(frame)
            await trio.testing.wait_all_tasks_blocked()

    async def receive(self) -> ServerMessage:
        """Read one frame and do what it says.

        Raises:
            TransportClosed: there is none left.
        """
        return self._apply(await self._connected().receive())

    def _apply(self, frame: str | bytes) -> ServerMessage:
        assert isinstance(frame, str), "the server sends text only"
        message = decode_server(frame)
        self.received.append(message)
        assert self.apply(message), "the server's text is another one"
        if isinstance(message, Settled):
            self._settled[message.seq] = message
        return message

    def _connected(self) -> MemoryTransport:
        if self.transport is None:
            raise NotOnPage("connect() first")
        return self.transport

    def _element(self, event: type[Event], verb: str, value: str | None = None) -> dict[str, str]:
        for found in self.elements():
            if found.get(f"data-sp-{verb}") == event.__wire__ and (
                value is None or found.get("data-sp-value") == value
            ):
                return found
        what = f"{event.__qualname__} {value}" if value else event.__qualname__
        raise NotOnPage(f"nothing on the page sends {what} by {verb}; it shows: {self.html}")

    async def _send_event(self, event: type[Event], tag: dict[str, str], value: bytes) -> int:
        self._sent += 1
        to, instance = _address(tag)
        await self.send(EventSent(self._sent, event.__wire__, msgspec.Raw(value), to, instance))
        return self._sent

    async def _send_form(
        self, event: type[Event], tag: dict[str, str], fields: Iterable[tuple[str, str]]
    ) -> int:
        self._sent += 1
        to, instance = _address(tag)
        await self.send(FormSent(self._sent, event.__wire__, list(fields), to, instance))
        return self._sent


def _address(tag: dict[str, str]) -> tuple[int | None, str | None]:
    to = tag.get("data-sp-to")
    return None if to is None else int(to), tag.get("data-sp-instance")


async def _get(site: Site, target: str, headers: Mapping[str, str]) -> Response:
    return await site.front.respond(
        Request.of("GET", target, (("host", "localhost"), *headers.items()))
    )
