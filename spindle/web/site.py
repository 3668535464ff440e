"""A running app: its live pages, its sockets, and the one nursery that holds them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

import trio

from spindle.web.http.front import Front
from spindle.web.live.birth import Birthplace
from spindle.web.log import log_error, logger
from spindle.web.socket.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from spindle.web.app import App
    from spindle.web.http.asset import Asset
    from spindle.web.limits import Limits
    from spindle.web.live.page import LivePage
    from spindle.web.socket.transport import Transport

__all__ = ["Site", "open_site"]


class Site:
    """What connections are served from; made by `open_site`.

    Everything it starts, it starts in its own nursery, which no error reaches and which outlives
    the cancellation of whoever opened it: pages can be ended in order.
    """

    def __init__(self, app: App, nursery: trio.Nursery, script: Asset | None) -> None:
        self.limits: Limits = app.limits
        self._nursery = nursery
        self._birthplace = Birthplace(nursery, app.limits, app.provide, app.tracer)
        self.front = Front(app.pages, app.guard, self._birthplace, script)
        self._sessions: dict[Session, None] = {}
        self._numbers = count(1)

    @property
    def live_pages(self) -> int:
        """How many pages live."""
        return len(self._birthplace.pages)

    def live_page(self, leave_token: str) -> LivePage | None:
        """Find the live page whose document has that leaving token."""
        return self._birthplace.pages.leaving(leave_token)

    def spawn(self, serve: Callable[[], Awaitable[None]]) -> None:
        """Serve a connection in a task of its own; its errors are logged and end only itself."""
        self._nursery.start_soon(_contained, serve, f"connection {next(self._numbers)}")

    async def converse(self, transport: Transport) -> None:
        """Speak with a browser over its socket until either side closes it."""
        session = Session(transport, self.limits, self._birthplace.pages.adopt)
        self._sessions[session] = None
        try:
            await session.run()
        finally:
            del self._sessions[session]

    async def close(self) -> None:
        """Say bye to every socket and end every page; whatever is left then, at once."""
        with trio.move_on_after(self.limits.stop) as patience:
            sessions = tuple(self._sessions)
            for session in sessions:
                session.say_bye()
            await self._birthplace.close()
            for session in sessions:
                await session.ended.wait()
        if patience.cancelled_caught:
            logger.warning("stopping takes long: %d pages have not ended yet", self.live_pages)
        self._nursery.cancel_scope.cancel()


@asynccontextmanager
async def open_site(app: App, script: Asset | None = None) -> AsyncGenerator[Site, None]:
    """Run an app, for as long as the block lasts, without a port.

    Leaving the block, in whatever way, ends every page and closes every socket within
    `Limits.stop`, plus what the pages' own cleanups may take; also when the program around is being
    cancelled. An `Exception` that the block raises comes out as it is.

    Args:
        app: the app.
        script: the browser script that its pages link to; none by default.
    """
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        leaving = trio.Event()
        site: Site = await nursery.start(_run, app, script, leaving)
        try:
            yield site
        except Exception as error:
            failure = error
        finally:
            leaving.set()
    if failure is not None:
        raise failure


async def _run(  # noqa: ASYNC114 - `open_site` starts it
    app: App, script: Asset | None, leaving: trio.Event, *, task_status: trio.TaskStatus[Site]
) -> None:
    with trio.CancelScope(shield=True):
        async with trio.open_nursery() as nursery:
            site = Site(app, nursery, script)
            task_status.started(site)
            await leaving.wait()
            await site.close()


async def _contained(  # noqa: ASYNC910 - the edge of a connection
    serve: Callable[[], Awaitable[None]], name: str
) -> None:
    try:
        await serve()
    except Exception as error:
        log_error(error, "%s failed", name)
    except BaseExceptionGroup as group:
        errors, rest = group.split(Exception)
        if errors is not None:
            log_error(errors, "%s failed", name)
        if rest is not None:
            raise rest from None
