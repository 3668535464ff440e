"""What can be wrong with an app is said where it is declared, or before it serves."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest
import trio
import trio.testing

from spindle._core.contracts.contract import Contract, Declared, Spindle
from spindle._core.errors import NotProvided, UsageError
from spindle._runtime.page import PageMachine
from spindle.view import Markup, View, ViewError, on
from spindle.web import App, Limits, PageDeclarationError, Request, ServeError
from spindle.web import run as running
from spindle.web import serve as serving
from spindle.web.memory import visit
from spindle.web.run import run
from spindle.web.site import open_site
from tests.web.store import Backend, Checkout, Shelf, Store, StoreView, store
from tests.web.test_http import SCRIPT


async def mount(page: PageMachine, request: Request) -> None: ...


async def mount_product(page: PageMachine, request: Request, sku: str) -> None: ...


class Half(View):
    @on(Checkout.AskShipping)
    def ask(self, ask: Checkout.AskShipping) -> None: ...

    def render(self) -> Markup:
        return Markup("<p>Half</p>")


def test_N4_a_view_that_lacks_handlers_is_refused_where_the_page_is_declared() -> None:
    with pytest.raises(ViewError) as caught:
        App().page("/", Store, Half)(mount)
    assert "Checkout.AskPayment" in str(caught.value)
    assert "on_complete" in str(caught.value)


@pytest.mark.parametrize(
    ("contract", "view", "said"),
    [
        (StoreView, Store, "swapped. Write Store, then StoreView."),
        (StoreView, StoreView, "expected a contract, got StoreView"),
        (str, StoreView, "expected a contract, got str"),
        (Contract(), StoreView, "expected a contract, got <"),
        (Store, str, "expected a view, got str"),
        (Store, StoreView(), "expected a view, got <"),
        (Store, Store, "expected a view, got Store"),
    ],
)
def test_contract_and_view_are_told_apart(contract: Declared, view: type[View], said: str) -> None:
    with pytest.raises(PageDeclarationError) as caught:
        App().page("/", contract, view)(mount)
    assert said in str(caught.value)


def test_two_pages_that_match_the_same_addresses_are_refused() -> None:
    app = App()
    app.page("/buy/{sku}", Store, StoreView)(mount_product)
    app.page("/buy/new", Store, StoreView)(mount)
    with pytest.raises(PageDeclarationError, match=r"'/buy/\{sku\}' matches the same addresses"):
        app.page("/buy/{name}", Store, StoreView)(mount_named)


async def mount_named(page: PageMachine, request: Request, name: str) -> None: ...


async def test_a_literal_route_wins_over_a_parameter() -> None:
    app = App()
    asked: list[str] = []

    @app.page("/buy/{sku}", Store, StoreView)
    async def product(page: PageMachine, request: Request, sku: str) -> None:
        asked.append(sku)

    @app.page("/buy/new", Store, StoreView)
    async def new(page: PageMachine, request: Request) -> None:
        asked.append("the new one")

    async with open_site(app) as site:
        for path in ("/buy/tea", "/buy/new"):
            await visit(site, path)
    assert asked == ["tea", "the new one"]


async def test_a_lone_block_is_a_contract_and_the_mount_sees_its_request() -> None:
    class Idle(Spindle[None]): ...

    class IdleView(View):
        def render(self) -> Markup:
            return Markup("<p>Idle</p>")

    app = App()
    seen: list[Request] = []

    @app.page("/", Idle, IdleView, title="Idle & quiet", hosted=True)
    async def mount(page: PageMachine, request: Request) -> None:
        seen.append(request)

    async with open_site(app) as site:
        headers = {"accept-language": "de", "cookie": 'a=1; b="2"; a=3; c'}
        visitor = await visit(site, "/?q=tea&q=mug", headers=headers)
        assert visitor.title == "Idle & quiet"
        assert b"<title>Idle &amp; quiet</title>" in visitor.response.body
    (request,) = seen
    assert request.method == "GET"
    assert request.path == "/"
    assert request.query == (("q", "tea"), ("q", "mug"))
    assert request.header("Accept-Language") == "de"
    assert request.header("absent", "none") == "none"
    assert request.cookies == {"a": "1", "b": "2"}


def test_what_is_provided_is_checked_when_the_app_is_made() -> None:
    with pytest.raises(NotProvided, match="Backend was given a class"):
        App(provide={Backend: Shelf})


def test_a_stylesheet_that_is_not_there_is_said_with_its_path() -> None:
    with pytest.raises(PageDeclarationError, match=r"missing\.css.*No such file"):
        App().page("/", Store, StoreView, stylesheet=Path("missing.css"))(mount)


def test_a_stylesheet_that_is_no_path_is_refused_with_the_spelling() -> None:
    with pytest.raises(PageDeclarationError, match=r"'style\.css': expected a Path.*with_name"):
        App().page("/", Store, StoreView, stylesheet="style.css")(mount)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", ["pages", "frame", "adoption", "burst"])
def test_a_limit_is_positive(limit: str) -> None:
    with pytest.raises(UsageError, match=rf"Limits\({limit}=0\)"):
        Limits(**{limit: 0})


async def test_a_port_that_is_taken_is_said_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "client_script", lambda: SCRIPT)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        port = listener.socket.getsockname()[1]
        with pytest.raises(
            ServeError, match=rf"Port {port} on 127.0.0.1 is taken.*PORT={port + 1}"
        ):
            await App().serve(port=port)


@pytest.mark.parametrize("port", [-1, 65536])
async def test_a_port_that_is_none_is_said(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "client_script", lambda: SCRIPT)
    with pytest.raises(ServeError, match=f"Port {port} is none"):
        await App().serve(port=port)


@pytest.mark.parametrize("text", ["x", "-1", "80 80", "٣"])
def test_run_says_what_keeps_it_from_starting(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(SystemExit, match="is not a port: give a number"):
        App().run()
    assert capsys.readouterr().out == ""


def test_run_says_that_the_script_was_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ServeError("Run 'make client' first.")

    monkeypatch.setattr(serving, "client_script", missing)
    with pytest.raises(SystemExit, match="make client"):
        run(App(), "127.0.0.1", 0, "/")


def test_E11_run_prints_the_address_and_returns_when_it_is_told_to_stop(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended: list[str] = []
    app = store(shelf)

    @app.page("/", Store, StoreView)
    async def home(page: PageMachine, request: Request) -> None: ...

    def announce(text: str, *, flush: bool) -> None:
        ended.append(text)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(serving, "client_script", lambda: SCRIPT)
    monkeypatch.setattr(running, "print", announce, raising=False)
    monkeypatch.setenv("PORT", "0")
    app.run()
    app.run(path="/buy/tea", host="localhost")
    assert [text.rpartition("/")[2] for text in ended] == ["", "tea"]
    assert ended[0].startswith("http://127.0.0.1:")
    assert ended[1].startswith("http://localhost:")


def test_run_serves_on_8000_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[int] = []

    async def serve(app: App, host: str, port: int, *, task_status: object) -> None:
        asked.append(port)

    monkeypatch.setattr(running, "serve", serve)
    monkeypatch.delenv("PORT", raising=False)
    App().run()
    monkeypatch.setenv("PORT", "9000")
    App().run()
    App().run(port=9001)
    assert asked == [8000, 9000, 9001]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.EACCES, "without privileges. Choose one from 1024"),
        (errno.EADDRNOTAVAIL, "Cannot listen on here, port 80: .*Give a host and port of this"),
    ],
)
async def test_an_address_that_cannot_be_had_is_said(
    code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(port: int, *, host: str) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(serving, "client_script", lambda: SCRIPT)
    monkeypatch.setattr(trio, "open_tcp_listeners", refuse)
    with pytest.raises(ServeError, match=said):
        await App().serve("here", 80)
