"""Many visitors with real sockets: who close, hang up, load anew, or never come."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import trio
from trio_websocket import ConnectionClosed, HandshakeError

from spindle._core.contracts.contract import describe
from spindle._core.errors import UsageError
from spindle.stress.blame import parts_of
from spindle.stress.client import Client, Socket
from spindle.stress.inspector import Inspector
from spindle.stress.making.maker import Maker
from spindle.stress.server import Server, open_server
from spindle.stress.site_visit import SiteVisit
from spindle.web.page import find_page
from spindle.web.tab import Tab

if TYPE_CHECKING:
    from spindle.stress.patience import Patience
    from spindle.stress.report import Report
    from spindle.stress.site_load import SiteLoad
    from spindle.stress.storm import Storm
    from spindle.stress.wave import Wave
    from spindle.web.live.page import LivePage
    from spindle.web.page import Page

__all__ = ["SiteVisits", "open_site_visits"]

OPENED: Final = "over sockets"
CLOSE: Final = "a close"
RELOAD: Final = "a reload"
WAYS: Final = (CLOSE, "a cut connection", "a reset connection", RELOAD)
UNADOPTED: Final = "nobody's coming"
SHORT: Final = 1.0
"""Seconds that `Limits.adoption` may be for visitors who never come to be played, too."""
SLOW: Final = 0.1
"""The share of slow visitors."""
GOING: Final = 1001
CLOSING: Final = 2.0
BROKEN: Final = (
    OSError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    ConnectionClosed,
    HandshakeError,
)


class Document(NamedTuple):
    """A document with a page, from which address it came, and the page itself."""

    path: str
    live: LivePage
    tab: Tab


@dataclass
class Parting:
    """How a page was left: since when, and for which document."""

    asked_at: float | None = None
    again: Document | None = None


class SiteVisits:
    """Makes visitors of the pages of a site.

    Args:
        load: says what is visited.
        server: of the load's app.
        report: is told.
        draw: the chance of the run.
        patience: of each visitor, see `SiteVisit`.
    """

    def __init__(
        self,
        load: SiteLoad,
        server: Server,
        report: Report,
        draw: random.Random,
        patience: Patience,
    ) -> None:
        self.inspector = Inspector(report, load.left)
        self._load = load
        self._site = server.site
        self._client = Client(server.port)
        self._report = report
        self._draw = draw
        self._patience = patience
        self._maker = Maker(draw, load.values)
        self._numbers = count()
        adoption = load.app.limits.adoption
        self._ways = (*WAYS, UNADOPTED) if adoption <= SHORT else WAYS

    async def rehearse(self) -> None:
        """Load each page once, without coming to it.

        Raises:
            UsageError: an address shows no page.
            Unmakeable: no answer can be made for an event of a page.
        """
        await trio.lowlevel.checkpoint()
        events = [
            event
            for path in self._load.paths
            for event in describe(self._page(path).contract).events
        ]
        self._maker.check(events)
        for path in self._load.paths:
            answer = await self._client.get(path)
            live = self._site.live_page(Tab(answer.document).leave_token)
            if live is None:
                raise UsageError(
                    f"GET {path} was answered {answer.status}, without a page that lives. "
                    f"Give the address of one that does, with --path."
                )
            live.stop("it was looked at only")
            await live.ended.wait()

    def visitors(self, wave: Wave) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """Make the visitors of a wave, to be run at the same time."""
        return [partial(self._visits, wave) for _ in range(wave.visitors)]

    # --- one visitor ----------------------------------------------------------------------------

    async def _visits(self, wave: Wave) -> None:
        await trio.lowlevel.checkpoint()
        for storm in wave.visits():
            await self._visit(storm)

    async def _visit(self, storm: Storm | None) -> None:
        draw = random.Random(self._draw.random())
        path = self._load.paths[next(self._numbers) % len(self._load.paths)]
        how = draw.choice(self._ways if storm is None else WAYS)
        await trio.lowlevel.checkpoint()
        try:
            document = await self._get(path, how)
            if document is None and storm is not None:
                storm.miss()
            while document is not None:
                document = await self._stay(document, how, draw, storm)
                how, storm = CLOSE, None
        except* BROKEN as errors:
            self._note_broken(errors)

    def _note_broken(self, errors: BaseExceptionGroup) -> None:
        for error in parts_of(errors):
            self._report.violated(f"a connection broke: {error!r}")

    async def _get(self, path: str, how: str, leaving: Document | None = None) -> Document | None:
        """Load a document; None if it has no page that lives."""
        answer = await self._client.get(path, leaving.tab.leave_token if leaving else "")
        tab = Tab(answer.document)
        live = self._site.live_page(tab.leave_token)
        if live is None:
            self._report.warnings[f"GET {path} was answered {answer.status}, without a page"] += 1
            return None
        if live.machine is not None:
            self.inspector.opened(live.machine, f"page {live.name}, ended by {how}")
        return Document(path, live, tab)

    async def _stay(
        self, document: Document, how: str, draw: random.Random, storm: Storm | None
    ) -> Document | None:
        """Come to a page and leave it; what it is left for, if it is loaded anew."""
        parting = Parting()
        if how != UNADOPTED:
            try:
                await self._meet(document, how, draw, storm, parting)
            except* BROKEN as errors:
                self._note_broken(errors)
                document.live.stop("the connection of its visitor broke")
        await document.live.ended.wait()
        self._has_ended(document.live, parting.asked_at)
        return parting.again

    async def _meet(
        self,
        document: Document,
        how: str,
        draw: random.Random,
        storm: Storm | None,
        parting: Parting,
    ) -> None:
        async with self._client.connect() as socket:
            await self._session(document, draw, storm is not None).converse(socket)
            if storm is not None:
                await storm.gather()
            parting.asked_at = trio.current_time()
            if how == RELOAD:
                parting.again = await self._reload(document)
            await _leave(socket, how)

    def _session(self, document: Document, draw: random.Random, brief: bool) -> SiteVisit:
        return SiteVisit(
            document.tab,
            self._page(document.path).contract,
            self._maker,
            draw,
            self._patience,
            self._report,
            brief=brief,
            slow=draw.random() < SLOW,
        )

    async def _reload(self, document: Document) -> Document | None:
        """Load a page anew while it is on show, as browsers do."""
        began = trio.current_time()
        again = await self._get(document.path, CLOSE, document)
        soon = trio.current_time() - began < self._load.app.limits.leaving
        if soon and not document.live.ended.is_set():
            self._report.violated(f"{OPENED}: a page was loaded anew before the old one had ended")
        return again

    def _has_ended(self, live: LivePage, asked_at: float | None) -> None:
        took = None if asked_at is None else trio.current_time() - asked_at
        if live.machine is None:
            self._report.ended(OPENED, took)
        else:
            self.inspector.has_ended(live.machine, opened=OPENED, took=took)

    def _page(self, path: str) -> Page:
        found = find_page(self._load.app.pages, path.partition("?")[0])
        if found is None:
            routes = ", ".join(page.route.pattern for page in self._load.app.pages)
            raise UsageError(
                f"the app has no page at {path}. Give an address of one with --path; "
                f"its routes are {routes or 'none'}."
            )
        return found[0]


async def _leave(socket: Socket, how: str) -> None:
    match how:
        case "a cut connection":
            socket.cut(reset=False)
        case "a reset connection":
            socket.cut(reset=True)
        case _:
            with trio.move_on_after(CLOSING):
                await socket.websocket.aclose(GOING, "the tab was closed")
    await trio.lowlevel.checkpoint()


@asynccontextmanager
async def open_site_visits(
    load: SiteLoad, report: Report, draw: random.Random, patience: Patience
) -> AsyncGenerator[SiteVisits, None]:
    """Serve the app and make visitors for the length of an `async with` block.

    Raises:
        UsageError: an address shows no page.
        Unmakeable: no answer can be made for an event of a page.
    """
    async with open_server(load.app) as server:
        visits = SiteVisits(load, server, report, draw, patience)
        await visits.rehearse()
        yield visits
