"""How a page comes to life: by a GET, in a task of its own that outlives the request."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import trio

from spindle.web.live.page import BoundMount, LivePage
from spindle.web.live.pages import LivePages
from spindle.web.log import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.tracer import Tracer
    from spindle._runtime.page import PageMachine
    from spindle.web.http.request import Request
    from spindle.web.limits import Limits
    from spindle.web.page import Page

__all__ = ["Birthplace"]


class Birthplace:
    """Starts pages, each as a task of `nursery`, and knows those that live.

    Args:
        nursery: holds their tasks; no error of a page reaches it.
        limits: of the server.
        provide: the implementations every page is opened with.
        tracer: follows all of them.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        limits: Limits,
        provide: Mapping[type, object],
        tracer: Tracer | None = None,
    ) -> None:
        self.pages = LivePages(limits.pages)
        self._nursery = nursery
        self._limits = limits
        self._provide = provide
        self._tracer = tracer
        self._numbers = count(1)
        self._closed = False

    async def birth(
        self, page: Page, request: Request, values: Mapping[str, object]
    ) -> LivePage | None:
        """Start a page and wait for the first thing to show, but not for long.

        Returns:
            The page; None if there is no room for it.

        Raises whatever the constructor of its view raises.
        """
        await trio.lowlevel.checkpoint()
        if self._closed or self.pages.full:
            return None
        name = f"{page.route.pattern} #{next(self._numbers)}"
        live = LivePage(page, name, self._limits, request.prefix)

        async def mount(machine: PageMachine) -> None:
            await page.mount(machine, request, **values)

        self.pages.add(live)
        self._nursery.start_soon(self._run, live, mount, name=live.name)
        with trio.move_on_after(self._limits.first_render):
            await live.something_to_show.wait()
        return live

    async def leave(self, token: str) -> None:
        """End the page that a visitor is leaving for another; wait for that, but not for ever."""
        await trio.lowlevel.checkpoint()
        live = self.pages.leaving(token)
        if live is None:
            return
        live.stop("the visitor went to another page, or loaded it anew")
        with trio.move_on_after(self._limits.leaving) as patience:
            await live.ended.wait()
        if patience.cancelled_caught:
            logger.warning(
                "%s has not ended %g s after it was left", live.name, self._limits.leaving
            )

    async def close(self) -> None:
        """Let no page be born any more, end those that live, and wait until they have ended."""
        self._closed = True
        for live in self.pages:
            live.stop("the server is stopping", grace=self._limits.grace)
        await trio.lowlevel.checkpoint()
        for live in self.pages:
            await live.ended.wait()

    async def _run(self, live: LivePage, mount: BoundMount) -> None:
        try:
            await live.run(mount, self._provide, self._tracer)
        finally:
            self.pages.remove(live)
