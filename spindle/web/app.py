"""An app: pages, what they are given, and the ways to serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import trio
from typing_extensions import TypeVar

from spindle._core.errors import UsageError
from spindle._core.operations.provision import check_provided
from spindle._lasting.opening import checked_age
from spindle.web.asgi.application import AsgiApp
from spindle.web.coroutine import check_lone, starting
from spindle.web.errors import PageDeclarationError
from spindle.web.http.asset import client_script
from spindle.web.http.guard import Guard, checked_socket
from spindle.web.http.parameters import Parameters
from spindle.web.http.route import Route
from spindle.web.keeping import (
    SNAPSHOT_EVERY,
    Keeping,
    check_keepable,
    check_keeping,
    check_link,
    check_started,
    checked_every,
)
from spindle.web.limits import Limits
from spindle.web.page import Page
from spindle.web.run import run
from spindle.web.serve import serve
from spindle.web.site import open_site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from spindle._core.contracts.contract import Declared, Spindle
    from spindle._core.tracer import Tracer
    from spindle._runtime.page import PageMachine
    from spindle.view.view import View
    from spindle.web.http.request import Request
    from spindle.web.site import Site

__all__ = ["App"]

P = ParamSpec("P")
R = TypeVar("R")


class App:
    """The pages of a site, and everything they have in common.

    Args:
        provide: what `use` hands out on every page: an implementation for each port, a value for
            any class.
        limits: what visitors may take.
        tracer: is told what begins and ends on every page.
        store: keeps the durable pages: a file, which is opened as long as the pages are; a store
            that is open already; or what opens one, `lambda: open_sqlite_store(path, level=...)`.
        purge_after: seconds after which a durable page is removed that nobody has had open since
            and that waits for no time; None for never.
        snapshot_every: after how many inputs the log of a durable page begins anew, once all its
            spindles wait where they have marked, or started. With 1 newer code need not do what a
            page did before the question that waits: for forms that are filled in step by step.
        hosts: names the site is reached under, beside the local ones: `("shop.example",)`.
        origins: sites whose pages may open the socket, beside the site itself; behind a proxy
            that ends TLS that is the site's own address, `("https://shop.example",)`.
        require_origin: refuse sockets without an Origin header; every browser sends one.

    Raises:
        NotProvided: an implementation does not implement its port.
        UsageError: a host, an origin, the store, `purge_after` or `snapshot_every` is none, or
            there is no store for those.
    """

    def __init__(
        self,
        *,
        provide: Mapping[type, object] | None = None,
        limits: Limits | None = None,
        tracer: Tracer | None = None,
        store: Keeping | None = None,
        purge_after: float | None = None,
        snapshot_every: int = SNAPSHOT_EVERY,
        hosts: Iterable[str] = (),
        origins: Iterable[str] = (),
        require_origin: bool = True,
    ) -> None:
        self.provide: Mapping[type, object] = check_provided(dict(provide or {}))
        self.limits = limits or Limits()
        self.tracer = tracer
        self.store = check_keeping(store)
        self.purge_after = checked_age("App", purge_after)
        if purge_after is not None and store is None:
            raise UsageError(
                "App(purge_after=) removes durable pages, and those need a store: "
                "App(store=Path('pages.sqlite'), purge_after=...)"
            )
        self.snapshot_every = checked_every(snapshot_every, has_store=store is not None)
        self.guard = Guard(hosts, origins, require_origin)
        """Which hosts are served, and which sites may open the socket."""
        self._pages: dict[tuple[str | None, ...], Page] = {}

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages in the order their routes are tried in."""
        return tuple(sorted(self._pages.values(), key=lambda page: page.route.rank))

    def page(
        self,
        route: str,
        contract: Declared,
        view: type[View],
        *,
        title: str = "",
        stylesheet: Path | Sequence[Path] = (),
        lang: str = "en",
        hosted: bool | None = None,
        durable: bool = False,
    ) -> Callable[
        [Callable[Concatenate[PageMachine, Request, P], Awaitable[None]]],
        Callable[Concatenate[PageMachine, Request, P], Awaitable[None]],
    ]:
        """Declare a page by its mount function, which starts the spindles.

            @app.page("/buy/{sku}", Store, StoreView, title="Buy")
            async def mount(page: PageMachine, request: Request, sku: str) -> None:
                page.start(Store.Checkout, checkout, sku)

        Its typed parameters come from the address: from the path, or the query, where a default
        makes one optional. One that does not fit is answered 404, as is what raises `NotFound`.

        Args:
            route: path of the page, `{name}` standing for one segment.
            contract: what its spindles may say, or one block standing for it.
            view: what a visitor sees; each gets one of their own.
            title: of the document, unless the view says another.
            stylesheet: a CSS file, or several in their order, read now, named by what is in them.
            lang: the language of the document's text.
            hosted: step the spindles as plain coroutines: smaller and faster, operations only. It
                is implied by `durable`.
            durable: keep the page in the app's store, under a link: see `docs/durable_pages.md`.

        Raises:
            PageDeclarationError: route, contract, view and function do not fit together.
            ViewError: the view lacks a handler for what the contract sends.
        """

        def declare(
            mount: Callable[Concatenate[PageMachine, Request, P], Awaitable[None]],
        ) -> Callable[Concatenate[PageMachine, Request, P], Awaitable[None]]:
            where = Route(route)
            if durable:
                check_link(where.where, where.names)
            self._add(
                Page(
                    where,
                    contract,
                    view,
                    mount,
                    Parameters(where, mount),
                    title=title,
                    stylesheets=stylesheet,
                    lang=lang,
                    hosted=hosted,
                    durable=durable,
                )
            )
            return mount

        return declare

    def coroutine(
        self,
        route: str,
        fn: Callable[..., Coroutine[Any, Any, R]],
        block: type[Spindle[R]],
        view: type[View],
        *,
        title: str = "",
        stylesheet: Path | Sequence[Path] = (),
        lang: str = "en",
        hosted: bool | None = None,
        durable: bool = False,
    ) -> None:
        """Declare a page that is one coroutine with a lone block: no contract, no mount function.

            app.coroutine("/sign-up", sign_up, SignUp, SignUpView, title="Sign up")

        `sign_up` is the function that `open_coroutine` runs without a page. Here every visitor has
        a runner of their own: loading the page calls the function; leaving it or loading it anew
        cancels the runner, and its cleanup has run before the next one starts. How it ended stays
        on show until the visitor leaves.

        The function's typed parameters come from the address, as those of a mount function do. What
        needs the request, or several spindles, is declared by `page`.

        Args:
            route: path of the page, `{name}` standing for one segment.
            fn: the coroutine's async function, called for each visitor.
            block: what it asks and tells, and the events that answer it.
            view: what a visitor sees; each gets one of their own.
            title: of the document, unless the view says another.
            stylesheet: a CSS file, or several in their order, read now and served under names that
                change with them.
            lang: the language of the document's text.
            hosted: step it as a plain coroutine: smaller and faster, operations only. It is
                implied by `durable`.
            durable: keep the page in the app's store, as `page` does; leaving it does not cancel
                the runner then.

        Raises:
            PageDeclarationError: route, function, block and view do not fit together.
            ViewError: the view lacks a handler for what the block sends.
        """
        where = Route(route, "coroutine")
        check_lone(where, fn, block, view)
        if durable:
            check_link(where.where, where.names)
            check_started(where.where, fn)
        self._add(
            Page(
                where,
                block,
                view,
                starting(fn, block),
                Parameters(where, fn, given=()),
                title=title,
                stylesheets=stylesheet,
                lang=lang,
                hosted=hosted,
                durable=durable,
            )
        )

    async def serve(  # noqa: ASYNC128 - handed on
        self,
        host: str = "127.0.0.1",
        port: int = 8000,
        *,
        task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve until cancelled; then end every page in order, within `Limits.stop`. Blocks.

        With `url = await nursery.start(app.serve)` it runs beside the rest of a trio program, and
        returns its address once it listens. Port 0 takes any free port.

        Raises:
            ServeError: the port cannot be had, or the browser script was not built.
        StoreError: the store cannot be opened.
        """
        await serve(self, host, port, task_status=task_status)

    def open(
        self, *, socket: str = "", origins: Iterable[str] = ()
    ) -> AbstractAsyncContextManager[Site]:
        """Run the pages without a port, for a server that is there already.

            async with app.open() as site:
                response = await site.respond(Request.of("GET", "/buy/tea", headers))

        Leaving the block ends every page and closes every socket within `Limits.stop`, plus what
        the pages' own cleanups may take; also when the program around is being cancelled.

        Args:
            socket: where browsers find the socket: a path, or `wss://live.shop.example/socket`. By
                default `/spindle/socket`, below where the app is mounted.
            origins: sites whose pages may open the socket, beside those that the app was given:
                where pages come from, if the socket is at another address.

        Raises:
            ServeError: the browser script was not built.
            StoreError: from entering the block: the store cannot be opened.
            UsageError: `socket` is neither, or an origin is none.
        """
        address, guard = checked_socket(socket), self.guard.also(origins)
        return open_site(self, client_script(), address, guard)

    def asgi(self) -> AsgiApp:
        """Make an ASGI application of the pages, for a server that runs on trio, as Hypercorn does.

            pages = app.asgi()
            site = Starlette(routes=[Mount("/shop", pages)], lifespan=pages.lifespan)

        See `AsgiApp`.
        """
        return AsgiApp(self)

    def run(
        self, host: str = "127.0.0.1", port: int | None = None, *, path: str | None = None
    ) -> None:
        """Serve as a program of its own, until Ctrl-C or SIGTERM; blocks.

        Prints the address once it listens. What keeps it from starting is said on standard error,
        and ends the program with status 1.

        Args:
            host: the address to listen on.
            port: by default the environment's `PORT`, else 8000.
            path: printed with the address: where to begin. By default the first page whose route
                names no parameter.
        """
        run(self, host, port, path)

    def _add(self, page: Page) -> None:
        if page.durable:
            names, has_store = page.parameters.names, self.store is not None
            check_keepable(page.route.where, page.contract, names, has_store=has_store)
        other = self._pages.setdefault(page.route.shape, page)
        if other is not page:
            raise PageDeclarationError(
                f"{page.route.where}: {other.route.pattern!r} matches the same "
                f"addresses. Give one of them another route."
            )
