"""Visitors in memory: what a browser does with a page, without browser, port or network."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import trio
from typing_extensions import override

from spindle._core.errors import hides_frames
from spindle.testing.client.browser_script import BrowserScript
from spindle.testing.client.document import Document
from spindle.testing.client.errors import PageEnded, VisitFailed
from spindle.testing.client.faults import overheard
from spindle.testing.client.filling import Choice, Ticked, Typed
from spindle.testing.client.pace import PAUSE
from spindle.testing.client.rest import until
from spindle.testing.client.seen import Outcome
from spindle.testing.client.server import Server, tireless
from spindle.testing.client.tab import CLOSED, By, Tab
from spindle.testing.client.tasks import Raised, open_tasks
from spindle.testing.client.visitor import Client
from spindle.web.http.front import LEAVING_COOKIE
from spindle.web.http.request import Request
from spindle.web.site import open_site
from spindle.web.socket.protocol import (
    Bye,
    Elsewhere,
    Full,
    Gone,
    Patched,
    Ping,
    Pong,
    Resync,
    ServerMessage,
    Settled,
    decode_server,
    encode,
)
from spindle.web.socket.transport import MemoryTransport, TransportClosed, memory_transports
from spindle.web.tab import Tab as Mirror

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from bs4.element import Tag

    from spindle.web.app import App
    from spindle.web.http.response import Response
    from spindle.web.live.page import LivePage

__all__ = ["open_client"]

__tracebackhide__ = hides_frames

# As in client/src/reload.ts.
MOST_RELOADS: Final = 3
RELOADS_WITHIN: Final = 30.0


@asynccontextmanager
async def open_client(
    app: App,
    *,
    patience: float = 5.0,
    waits_for_calls: bool = True,
    headers: Mapping[str, str] | None = None,
) -> AsyncGenerator[Client]:
    """Open an app and a visitor of it, in memory: no browser, port or network.

        async with open_client(app) as client:
            shop = await client.visit("/buy/tea")
            await shop.submit("form", {"shipping.street": "Main St 1"})
            assert shop.yields() == [Checkout.AskPayment(total=4)]

    Leaving the block closes its tabs and ends every page. On trio's mock clock time is virtual,
    and whatever waits for it takes no time.

    Args:
        app: the app.
        patience: how many seconds of trio's clock may pass before what does not settle is an error.
        waits_for_calls: whether a page is busy while a call of a port is under way that no event
            waits for. False for pages that wait for the backend all the time, as for its news.
        headers: sent with every request, beside Host.
    """
    raised = Raised()
    async with open_site(tireless(app)) as site, open_tasks() as nursery:
        with raised:
            yield _MemoryClient(Server(site, patience, waits_for_calls), nursery, headers or {})
    raised.again()


class _MemoryClient(Client):
    def __init__(self, server: Server, nursery: trio.Nursery, headers: Mapping[str, str]) -> None:
        self.server = server
        self.nursery = nursery
        self._headers = headers

    @override
    async def visit(self, target: str) -> Tab:
        tab = _MemoryTab(self)
        await tab.visit(target)
        return tab

    async def get(self, target: str, leaving: str = "") -> Response:
        headers = [("host", "localhost"), *self._headers.items()]
        if leaving:
            headers.append(("cookie", f"{LEAVING_COOKIE}={leaving}"))
        return await self.server.site.respond(Request.of("GET", target, headers))


class _MemoryTab(Tab):
    def __init__(self, client: _MemoryClient) -> None:
        self._client = client
        self._url = ""
        self._mirror = Mirror("")
        self._script = BrowserScript(Document(""))
        self._transport: MemoryTransport | None = None
        self._outcomes: list[Outcome] = []
        self._gone = "was never loaded"
        self._resting = False
        self._reloading = False
        self._reloads: list[float] = []
        self._closed = False

    @property
    @override
    def url(self) -> str:
        return self._url

    @property
    @override
    def title(self) -> str:
        return self._mirror.title

    @property
    @override
    def connected(self) -> bool:
        return self._transport is not None and not self._gone

    @property
    @override
    def outcomes(self) -> list[Outcome]:
        return list(self._outcomes)

    # --- the tab itself -------------------------------------------------------------------------

    @override
    async def visit(self, target: str) -> None:
        self._check_open()
        await self._open(target)
        await self.settle()

    async def _open(self, target: str) -> None:
        with overheard() as errors:
            leaving = self._mirror.leave_token if self.connected else ""
            response = await self._client.get(target, leaving)
            if response.status == HTTPStatus.SEE_OTHER:
                target = response.header("location")
                response = await self._client.get(target)
            await self._hang_up("went to another page")
            html = response.body.decode(errors="replace")
            self._load(target, html)
            if response.status != HTTPStatus.OK or not self._mirror.page_token:
                self._gone = "is no live page"
                raise errors.visit_failed(target, response.status, html)
            await self._connect()

    @override
    async def reload(self) -> None:
        await self.visit(self._url)

    @override
    async def disconnect(self) -> None:
        live = self._live()
        await self._hang_up("has lost its connection")
        self._script.lost()
        await self._client.server.ended(live)

    @override
    async def close(self) -> None:
        live, self._closed = self._live(), True
        await self._hang_up("is closed")
        await self._client.server.ended(live)

    @override
    async def settle(self) -> None:
        self._check_open()
        if not await until(self._is_settled, self._client.server.patience):
            unsettled = self._client.server.unsettled
            raise unsettled(self._url, self._why_late(), self._live(), self._document())

    @override
    async def wait_for(self, selector: str) -> None:
        self._check_open()

        def shown() -> bool:
            return bool(self._document().all(selector))

        if not await until(shown, self._client.server.patience):
            raise self._client.server.not_shown(self._url, selector, self._document())

    def _load(self, target: str, html: str) -> None:
        self._url, self._mirror, self._outcomes = target.partition("#")[0], Mirror(html), []
        self._script = BrowserScript(Document(html))

    async def _connect(self) -> None:
        server, self._transport = memory_transports()
        self._client.server.site.spawn(partial(self._client.server.site.converse, server))
        self._gone = ""
        await self._transport.send(encode(self._mirror.hello()))
        self._client.nursery.start_soon(self._read, self._transport, self._script)

    async def _hang_up(self, why: str) -> None:
        transport, self._transport = self._transport, None
        self._gone = why
        if transport is not None:
            await transport.aclose(1001, "the tab was closed")
        await trio.lowlevel.checkpoint()

    # --- what the server says -------------------------------------------------------------------

    async def _read(self, transport: MemoryTransport, script: BrowserScript) -> None:
        await trio.lowlevel.checkpoint()
        try:
            while transport is self._transport:
                frame = await transport.receive()
                assert isinstance(frame, str), "the server sends text only"
                await self._take(decode_server(frame), transport)
        except TransportClosed as closed:
            if transport is self._transport:
                self._lose(f"has lost its connection ({closed})", script)

    async def _take(self, message: ServerMessage, transport: MemoryTransport) -> None:
        await trio.lowlevel.checkpoint()
        match message:
            case Full() | Patched():
                if self._mirror.apply(message):
                    self._script.show(self._mirror.html)
                else:
                    await transport.send(encode(Resync()))
            case Settled(seq, settlement, reason):
                self._outcomes.append(Outcome(settlement, reason))
                self._script.settled(seq, settlement)
            case Ping():
                await transport.send(encode(Pong()))
            case Gone():
                self._client.nursery.start_soon(self._reload_sparingly)
                self._reloading = True
            case Elsewhere():
                self._lose("is open elsewhere", self._script)
            case Bye():
                self._lose("was told that the server stops", self._script)

    async def _reload_sparingly(self) -> None:
        """Load the page anew that the server does not have, as the browser's script does."""
        await trio.lowlevel.checkpoint()
        now = trio.current_time()
        self._reloads = [at for at in self._reloads if at > now - RELOADS_WITHIN]
        try:
            if len(self._reloads) >= MOST_RELOADS:
                await self._hang_up("is not there any more on the server")
                self._script.lost()
            else:
                self._reloads.append(now)
                await self._open(self._url)
        except VisitFailed as error:
            self._gone = f"is not there any more: {error}"
        finally:
            self._reloading = False

    def _lose(self, why: str, script: BrowserScript) -> None:
        self._gone = why
        script.lost()

    # --- what the visitor does ------------------------------------------------------------------

    @override
    async def _look(self) -> None:
        self._check_open()
        await trio.lowlevel.checkpoint()

    @override
    async def _click(self, tag: Tag) -> None:
        self._script.click(tag)
        await self._bring_out()

    @override
    async def _put(self, choice: Typed | Ticked | Choice) -> None:
        match choice:
            case Typed(control, text):
                self._script.put(control, text)
            case Ticked(box, on):
                if self._document().inputs.of(box).checked != on:
                    self._script.click(box)
            case Choice(select, places):
                self._script.pick(select, places)
        await self._bring_out()

    @override
    async def _submit(self, form: Tag, button: Tag | None) -> None:
        if button is None:
            self._script.submit(form)
        else:
            self._script.click(button)
        await self._bring_out()

    @override
    async def _key(self, tag: Tag, key: str) -> None:
        self._script.key(tag, key)
        await self._bring_out()

    @override
    async def _point(self, tag: Tag, x: float, y: float, by: By) -> None:
        self._script.point(tag, x, y, by)
        await self._bring_out()

    async def _bring_out(self) -> None:
        """Send what is to be sent, go where a link leads, and begin a pause if one is due."""
        await trio.lowlevel.checkpoint()
        script = self._script
        script.catch_up()
        await self._flush()
        if script.pace.resting and not self._resting:
            self._resting = True
            self._client.nursery.start_soon(self._rest, script)
        target, script.leads_to = script.leads_to, None
        if target is not None:
            address = urlsplit(urljoin(f"http://app{self._url}", target))
            await self.visit(f"{address.path or '/'}{'?' if address.query else ''}{address.query}")

    async def _flush(self) -> None:
        await trio.lowlevel.checkpoint()
        out, self._script.outgoing = self._script.outgoing, []
        for message in out:
            if self._transport is not None:
                with suppress(TransportClosed):  # as a browser does that has not heard of it yet
                    await self._transport.send(encode(message))

    async def _rest(self, script: BrowserScript) -> None:
        await trio.lowlevel.checkpoint()
        while script.pace.resting:
            await trio.sleep(PAUSE)
            script.pace.rest()
            if script is self._script:
                await self._flush()
        self._resting = False

    # --- rest -----------------------------------------------------------------------------------

    def _is_settled(self) -> bool:
        waits = self._script.pending.open or self._script.pace.waits or self._reloading
        return not (waits or self._busy())

    def _busy(self) -> str:
        return self._client.server.busy(self._live())

    def _why_late(self) -> str:
        why = [f"{each.name} is not settled" for each in self._script.pending.open.values()]
        return ", ".join([*why, *filter(None, [self._busy()])]) or "its tasks go on and on"

    @override
    def _document(self) -> Document:
        return self._script.document

    @override
    def _live(self) -> LivePage | None:
        return self._client.server.site.live_page(self._mirror.leave_token)

    def _check_open(self) -> None:
        if self._closed:
            raise PageEnded(CLOSED)

    @override
    def _why_gone(self) -> str:
        return self._gone or "has ended on the server"
