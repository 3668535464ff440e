"""A running app: its live pages, its sockets, and the one nursery that holds them."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import trio

from spindle._lasting.opening import open_durable_host
from spindle.web.connection import serve_connection
from spindle.web.http.front import Front
from spindle.web.keeping import opened_store
from spindle.web.live.birth import Birthplace
from spindle.web.log import log_error, logger
from spindle.web.socket.foreign import serve_request
from spindle.web.socket.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from trio_websocket import WebSocketRequest

    from spindle._lasting.host import DurableHost
    from spindle.durable.store import Store
    from spindle.web.app import App
    from spindle.web.http.asset import Asset
    from spindle.web.http.guard import Guard
    from spindle.web.http.request import Request
    from spindle.web.http.response import Response
    from spindle.web.limits import Limits
    from spindle.web.live.page import LivePage
    from spindle.web.socket.transport import Transport

__all__ = ["Site", "open_site"]


class Site:
    """The live pages of an app, and what requests and connections to them are answered with.

    Made by `App.open`; a server that is there already hands it what comes for the pages.

    Everything it starts, it starts in its own nursery, which no error reaches and which outlives
    the cancellation of whoever opened it: pages can be ended in order.
    """

    def __init__(
        self,
        app: App,
        nursery: trio.Nursery,
        script: Asset | None,
        socket: str = "",
        guard: Guard | None = None,
        host: DurableHost | None = None,
    ) -> None:
        self.limits: Limits = app.limits
        self._nursery = nursery
        self._birthplace = Birthplace(nursery, app.limits, app.provide, app.tracer, host)
        self.front = Front(app.pages, guard or app.guard, self._birthplace, script, socket)
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
        self._nursery.start_soon(self.contain, serve)

    async def contain(self, serve: Callable[[], Awaitable[None]]) -> None:
        """Serve a connection in the task of the caller; its errors are logged, not raised."""
        await _contained(serve, f"connection {next(self._numbers)}")

    async def respond(self, request: Request) -> Response:
        """Answer an HTTP request for a page, the browser script or a stylesheet.

        Checks the Host header and the method first. A page that is asked for is started, which
        takes at most `Limits.first_render`; if no socket comes for it within `Limits.adoption`, it
        is cancelled. An error of the app's own code is logged and answered 500; if the caller is
        cancelled, a page that was started waits for its socket all the same.
        """
        return await self.front.respond(request)

    def refuse_socket(self, request: Request) -> Response | None:
        """Answer a request for the socket if it has to be refused, by Host or Origin; else None.

        To be asked before `converse`, with the headers of the websocket handshake.
        """
        return self.front.refuse_socket(request)

    async def serve_stream(self, stream: trio.abc.Stream) -> None:
        """Serve a connection that was accepted elsewhere, HTTP and the socket; closes it.

            await trio.serve_ssl_over_tcp(site.serve_stream, 443, tls)

        An error ends this connection only and is logged. A caller that is cancelled drops the
        connection, and its page ends as if the visitor had left.
        """
        await self.contain(partial(serve_connection, self, stream))

    async def serve_websocket(self, request: WebSocketRequest) -> None:
        """Serve the socket of a page in the handler of a trio-websocket server.

        Refuses it by its Host or Origin header, else accepts it and speaks with the browser until
        either side closes. An error ends this connection only and is logged. A caller that is
        cancelled drops the connection, and its page ends as if the visitor had left.
        """
        serve = partial(serve_request, request, self.limits, self.refuse_socket, self.converse)
        await self.contain(serve)

    async def converse(self, transport: Transport, *, ping: bool = False) -> None:
        """Speak with a browser over its socket until either side closes it.

        Args:
            transport: to the browser, whose Host and Origin headers `refuse_socket` let pass. It is
                closed at the end.
            ping: whether to ask the browser itself at each `Limits.heartbeat` if it is there, for
                a transport that does not notice.
        """
        session = Session(transport, self.limits, self._birthplace.pages.adopt, ping=ping)
        self._sessions[session] = None
        try:
            await session.run()
        finally:
            del self._sessions[session]

    async def close(self) -> None:
        """Say bye to every socket and end every page; whatever is left then, at once.

        The way out of `App.open` does it as well. To be awaited before where the connections are
        those of a server that would drop them first. Takes `Limits.stop`, plus what the pages' own
        cleanups may take; no page is started any more.
        """
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
async def open_site(
    app: App, script: Asset | None = None, socket: str = "", guard: Guard | None = None
) -> AsyncGenerator[Site, None]:
    """Run an app, for as long as the block lasts, without a port.

    Its pages are without the browser script then: for tests. For browsers there is `App.open`.

    Leaving the block, in whatever way, ends every page and closes every socket within
    `Limits.stop`, plus what the pages' own cleanups may take; also when the program around is being
    cancelled. An `Exception` that the block raises comes out as it is.

    Args:
        app: the app.
        script: the browser script that its pages link to; none by default.
        socket: where browsers find the socket, see `App.open`.
        guard: judges hosts and origins, in the place of the app's own.
    """
    failure: Exception | None = None
    async with _store_of(app) as store, trio.open_nursery() as nursery:
        leaving = trio.Event()
        site: Site = await nursery.start(_run, app, script, socket, guard, store, leaving)
        try:
            yield site
        except Exception as error:
            failure = error
        finally:
            leaving.set()
    if failure is not None:
        raise failure


async def _run(  # noqa: ASYNC114 - `open_site` starts it
    app: App,
    script: Asset | None,
    socket: str,
    guard: Guard | None,
    store: Store | None,
    leaving: trio.Event,
    *,
    task_status: trio.TaskStatus[Site],
) -> None:
    with trio.CancelScope(shield=True):
        async with _host_of(app, store) as host, trio.open_nursery() as nursery:
            site = Site(app, nursery, script, socket, guard, host)
            task_status.started(site)
            await leaving.wait()
            await site.close()


def _store_of(app: App) -> AbstractAsyncContextManager[Store | None]:
    return nullcontext() if app.store is None else opened_store(app.store)


def _host_of(app: App, store: Store | None) -> AbstractAsyncContextManager[DurableHost | None]:
    if store is None:
        return nullcontext()
    return open_durable_host(
        store,
        provide=app.provide,
        grace=app.limits.grace,
        snapshot_every=app.snapshot_every,
        purge_after=app.purge_after,
        tracer=app.tracer,
    )


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
