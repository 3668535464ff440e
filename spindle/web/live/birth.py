"""How a page comes to life: by a GET, in a task of its own that outlives the request."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import trio

from spindle._runtime.page import open_page
from spindle.web.live.lasting import Lasting, name_in_store
from spindle.web.live.page import BoundMount, LivePage, Opens
from spindle.web.live.pages import LivePages
from spindle.web.log import logger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

    from spindle._core.tracer import Tracer
    from spindle._lasting.host import DurableHost
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
        host: of the durable ones; None for an app without a store.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        limits: Limits,
        provide: Mapping[type, object],
        tracer: Tracer | None = None,
        host: DurableHost | None = None,
    ) -> None:
        self.pages = LivePages(limits.pages)
        self._nursery = nursery
        self._limits = limits
        self._provide = provide
        self._tracer = tracer
        self._host = host
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
        if self._full:
            return None
        name = f"{page.route.pattern} #{next(self._numbers)}"
        live = LivePage(page, name, self._limits, request.prefix)

        def opens() -> AbstractAsyncContextManager[PageMachine]:
            return open_page(
                page.contract,
                provide=self._provide,
                hosted=page.hosted,
                tracer=self._tracer,
                name=name,
            )

        self._begin(live, opens, _bound(page, request, values))
        with trio.move_on_after(self._limits.first_render):
            await live.something_to_show.wait()
        return live

    async def make(
        self, page: Page, page_id: str, request: Request, values: Mapping[str, object]
    ) -> LivePage | None:
        """Make a durable page, and wait until its mount function is done, and that is kept.

        Until its link is followed it is shown nowhere.

        Args:
            page: its declaration.
            page_id: its secret.
            request: which asked for it.
            values: the parameters of its mount function.

        Returns:
            The page, whose `failure` says what has kept it from being made; None if there is no
            room for it.

        Raises whatever the constructor of its view raises.
        """
        await trio.lowlevel.checkpoint()
        if self._full:
            return None
        live = self._lasting(page, page_id, request, new=True)
        assert live.lasting is not None
        self._begin(live, live.lasting.open, _bound(page, request, values))
        await live.made.wait()
        return live

    async def take_up(self, page: Page, page_id: str, request: Request) -> LivePage | None:
        """Take a durable page up where it was, or find it where it lives already.

        Args:
            page: its declaration.
            page_id: its secret.
            request: which asked for it.

        Returns:
            The page, whose `failure` says what has kept it from being taken up; None if there is no
            room for it.

        Raises whatever the constructor of its view raises.
        """
        await trio.lowlevel.checkpoint()
        name = name_in_store(page, page_id)
        while (live := self.pages.named(name)) is not None and live.leaves:
            await live.left()
        if live is None:
            if self._full:
                return None
            live = self._lasting(page, page_id, request, new=False)
            assert live.lasting is not None
            self._begin(live, live.lasting.open, None)
        await live.made.wait()
        return live

    async def leave(self, token: str) -> None:
        """End the page that a visitor is leaving for another; wait for that, but not for ever."""
        await trio.lowlevel.checkpoint()
        live = self.pages.leaving(token)
        if live is None or live.lasting is not None:
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

    @property
    def _full(self) -> bool:
        return self._closed or self.pages.full

    def _lasting(self, page: Page, page_id: str, request: Request, *, new: bool) -> LivePage:
        assert self._host is not None  # a durable page cannot be declared without a store
        name = name_in_store(page, page_id)
        lasting = Lasting(self._host, page, name, new=new)
        return LivePage(page, name, self._limits, request.prefix, lasting)

    def _begin(self, live: LivePage, opens: Opens, mount: BoundMount | None) -> None:
        self.pages.add(live)
        self._nursery.start_soon(self._run, live, opens, mount, name=live.name)

    async def _run(self, live: LivePage, opens: Opens, mount: BoundMount | None) -> None:
        try:
            await live.run(opens, mount)
        finally:
            self.pages.remove(live)


def _bound(page: Page, request: Request, values: Mapping[str, object]) -> BoundMount:
    async def mount(machine: PageMachine) -> None:
        await page.mount(machine, request, **values)

    return mount
