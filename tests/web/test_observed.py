"""What is seen of a visitor's page: by a tracer, and in the log when its tab closes."""

from __future__ import annotations

import logging

import pytest
import trio

from spindle import Cancelled, SpindleFilter, TracedPage, Tracer
from spindle._core.tags import TAGS
from spindle.web.memory import visit
from spindle.web.site import open_site
from spindle.web.socket.protocol import encode
from tests.web.store import Shelf, store
from tests.web.visitors import closed_with, connected


def said(caplog: pytest.LogCaptureFixture, *loggers: str) -> list[tuple[str, str, str]]:
    return [
        (each.levelname, vars(each)["page"], each.getMessage())
        for each in caplog.records
        if each.name in loggers
    ]


async def test_all_that_ends_when_a_tab_closes_is_in_the_log(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "spindle")
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        await visitor.settle()
        await visitor.close()
        await trio.testing.wait_all_tasks_blocked()
        why = "the visitor left (requested)"
        page = "/buy/{sku} #1"
        assert said(caplog, "spindle.web", "spindle.page") == [
            (
                "INFO",
                page,
                f"{page}: its session has ended: the browser closed it (1001: the tab was closed)",
            ),
            ("INFO", page, f"Store.Checkout was cancelled: {why}"),
            ("INFO", page, f"{page} has ended: {why}"),
        ]


async def test_a_session_that_the_server_ends_says_why(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "spindle.web")
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        await visitor.send("no frame at all")
        code, reason = await closed_with(visitor)
        await trio.testing.wait_all_tasks_blocked()
        ((_, page, text),) = said(caplog, "spindle.web")
        assert text == f"{page}: its session has ended: {reason} ({code})"
    assert len(said(caplog, "spindle.web")) == 1


async def test_a_session_that_is_cancelled_says_so(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    from spindle.web.socket.session import Session
    from spindle.web.socket.transport import memory_transports

    caplog.set_level(logging.INFO, "spindle.web")
    async with open_site(store(shelf)) as site:
        loaded = await visit(site, "/buy/tea")
        server, browser = memory_transports(9)
        session = Session(server, site.limits, site._birthplace.pages.adopt)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(session.run)
            await browser.send(encode(loaded.hello()))
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        ((_, page, text),) = said(caplog, "spindle.web")
        assert text == f"{page}: its session has ended: it was cancelled"


async def test_an_apps_tracer_follows_its_pages_by_their_names(shelf: Shelf) -> None:
    told: list[str] = []

    class Follows(Tracer):
        def page_opened(self, page: TracedPage) -> None:
            told.append(f"{page.name} of {page.contract}")

        def page_ended(self, page: TracedPage, cancelled: Cancelled) -> None:
            told.append(f"{page.name}: {cancelled.reason}")

    app = store(shelf)
    app.tracer = Follows()
    async with open_site(app) as site:
        await visit(site, "/buy/tea")
        visitor = await connected(site)
        await visitor.settle()
        await visitor.close()
        await trio.testing.wait_all_tasks_blocked()
    assert told == [
        "/buy/{sku} #1 of Store",
        "/buy/{sku} #2 of Store",
        "/buy/{sku} #2: the visitor left",
        "/buy/{sku} #1: the server is stopping",
    ]


async def test_a_mount_function_logs_for_its_page(
    shelf: Shelf, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TAGS, "wanted", False)
    caplog.handler.addFilter(keeps := SpindleFilter())
    caplog.set_level(logging.INFO, "shop")
    app = store(shelf)
    (page,) = app.pages
    mount = page.mount

    async def logs(machine, request, **values) -> None:
        logging.getLogger("shop").info("mounts")
        await mount(machine, request, **values)

    page.mount = logs
    try:
        async with open_site(app) as site:
            await visit(site, "/buy/tea")
    finally:
        caplog.handler.removeFilter(keeps)
    assert said(caplog, "shop") == [("INFO", "/buy/{sku} #1", "mounts")]
