"""The same visitors in Chromium, driven by Playwright: the scripts of the tests do not change.

    async with open_browser(app) as client:
        shop = await client.visit("/buy/tea")
        await shop.click("button:text('Buy')")

The app is served on a port of this machine, by the trio program that the test is. A real browser
has a real clock: a script that needs the mock clock is one for `open_client` only.

Playwright is imported when a browser is opened: `pip install playwright`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import trio
import trio.testing
from typing_extensions import override

from spindle.testing.client.browser import Browser
from spindle.testing.client.errors import ClientError
from spindle.testing.client.server import Server, tireless
from spindle.testing.client.tasks import Raised, open_tasks
from spindle.testing.client.visitor import Client
from spindle.testing.client.window import BrowserTab
from spindle.testing.client.worker import Worker
from spindle.web.http.asset import client_script
from spindle.web.site import open_site

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from spindle.testing.client.tab import Tab
    from spindle.web.app import App
    from spindle.web.site import Site

__all__ = ["open_browser"]

_HOST: Final = "127.0.0.1"


@asynccontextmanager
async def open_browser(
    app: App,
    *,
    executable: str | Path | None = None,
    arguments: Sequence[str] = (),
    headless: bool = True,
    patience: float = 10.0,
    waits_for_calls: bool = True,
) -> AsyncGenerator[Client]:
    """Serve an app on a free port of this machine, and open Chromium for a visitor of it.

    Leaving the block closes the browser and ends every page.

    Args:
        app: the app.
        executable: the browser; by default the one that Playwright has installed.
        arguments: for its command line, such as `--no-sandbox` in a container.
        headless: without a window.
        patience: how many seconds may pass before what does not settle is an error.
        waits_for_calls: as for `open_client`.

    Raises:
        ClientError: Playwright is not installed; Chromium does not start; the program runs on a
            mock clock; or, at the end, a script in a page raised.
        ServeError: the browser script was not built.
    """
    if isinstance(trio.lowlevel.current_clock(), trio.testing.MockClock):
        raise ClientError(
            "a browser has a real clock: open_browser() in a test without the mock clock"
        )
    raised, worker = Raised(), Worker()
    browser = Browser(executable, arguments, headless, patience)
    async with open_site(tireless(app), client_script()) as site, open_tasks() as nursery:
        with raised:
            server = Server(site, patience, waits_for_calls)
            origin = await _serve(site, nursery)
            async with _opened(browser, worker):
                yield _BrowserClient(server, worker, browser, origin)
    raised.again()
    if browser.faults:
        raise ClientError("a script of a page raised:\n" + "\n".join(browser.faults))


@asynccontextmanager
async def _opened(browser: Browser, worker: Worker) -> AsyncGenerator[None]:
    try:
        await worker.run(browser.open)
        yield
    finally:
        with trio.CancelScope(shield=True):
            await worker.run(browser.close)
        worker.close()


async def _serve(site: Site, nursery: trio.Nursery) -> str:
    listeners = await trio.open_tcp_listeners(0, host=_HOST)
    nursery.start_soon(trio.serve_listeners, site.serve_stream, listeners)
    return f"http://{_HOST}:{listeners[0].socket.getsockname()[1]}"


class _BrowserClient(Client):
    def __init__(self, server: Server, worker: Worker, browser: Browser, origin: str) -> None:
        self._server = server
        self._worker = worker
        self._browser = browser
        self._origin = origin

    @override
    async def visit(self, target: str) -> Tab:
        page = await self._worker.run(self._browser.new_page)
        tab = BrowserTab(self._server, self._worker, page, self._origin)
        await tab.visit(target)
        return tab
