"""The ASGI application: what servers may get wrong, and what is mounted where."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import trio
import trio.testing

from spindle._core.errors import UsageError
from spindle.web import app as apps
from spindle.web.asgi.scope import request_of
from spindle.web.errors import ServeError
from spindle.web.http.asset import client_script
from spindle.web.http.request import Request
from spindle.web.http.response import Response
from spindle.web.socket.protocol import encode
from spindle.web.tab import Tab
from tests.web.asgi_server import AsgiBrowser, AsgiServer, asgi_server, lifespan
from tests.web.store import Shelf, store
from tests.web.test_http import SCRIPT
from tests.web.ways import UPGRADE


@pytest.fixture(autouse=True)
def _script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "client_script", lambda: SCRIPT)


async def nothing() -> dict[str, Any]:
    raise AssertionError("nothing is received")


async def ignored(event: dict[str, Any]) -> None:
    raise AssertionError(event)


# --- what is mounted where ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "path", "raw", "prefix", "below"),
    [
        ("", "/buy/tea", b"/buy/tea", "", "/buy/tea"),
        ("", "/buy/a/b", b"/buy/a%2Fb", "", "/buy/a%2Fb"),
        ("/shop", "/shop/buy/tea", b"/shop/buy/tea", "/shop", "/buy/tea"),
        ("/shop/", "/shop/buy/tea", b"/shop/buy/tea", "/shop", "/buy/tea"),
        ("shop", "/shop/", b"/shop/", "/shop", "/"),
        ("/shop", "/shop", b"/shop", "/shop", ""),
        ("/shop", "/shop//", b"/shop//", "/shop", "//"),
        ("/a b/c", "/a b/c/d e", b"/a%20b/c/d%20e", "/a%20b/c", "/d%20e"),
        ("/shop", "/shop/a/b", b"/shop/a%2Fb", "/shop", "/a%2Fb"),
        ("/a/b", "/a/b/c", b"/a%2Fb/c", "/a/b", "/c"),
        # A proxy, or an older framework, has taken what it is mounted at from the path.
        ("/shop", "/buy/tea", b"/buy/tea", "/shop", "/buy/tea"),
        ("/shop", "/shopping", b"/shopping", "/shop", "/shopping"),
        ("/shop", "/buy/t a", b"/shop/buy/t%20a", "/shop", "/buy/t%20a"),
        # The raw path is optional, and some servers leave the query in it.
        ("/shop", "/shop/buy/t a?", None, "/shop", "/buy/t%20a%3F"),
        ("/shop", "/shop/buy/tea", b"/shop/buy/tea?x=1", "/shop", "/buy/tea"),
        ("//evil.example", "/x", b"/x", "/evil.example", "/x"),
        ('/"><b>', '/"><b>/x', b"/%22%3E%3Cb%3E/x", "/%22%3E%3Cb%3E", "/x"),
    ],
)
def test_the_path_is_what_is_below_the_mount(
    root: str, path: str, raw: bytes | None, prefix: str, below: str
) -> None:
    scope = {"type": "http", "path": path, "raw_path": raw, "root_path": root}
    request = request_of(scope)
    assert (request.prefix, request.path) == (prefix, below)


def test_a_request_is_what_the_scope_says() -> None:
    request = request_of(
        {
            "type": "websocket",
            "path": "/",
            "scheme": "wss",
            "query_string": b"a=1&b=%C3%A4",
            "headers": [(b"host", b"shop.example"), (b"x-name", b"\xe4")],
            "client": ["10.0.0.1", 5000],
            "extensions": {"more": "than needed"},
        }
    )
    assert request.scheme == "https"
    assert request.query == (("a", "1"), ("b", "ä"))
    assert request.header("X-Name") == "ä"
    assert request.client == "10.0.0.1"
    assert request_of({"path": "/", "client": None}).client == ""


@pytest.mark.parametrize("scope", [{}, {"path": b"/"}, {"path": "/", "headers": [("a", "b", "c")]}])
def test_a_scope_that_is_none_is_said(scope: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="The ASGI server describes a connection wrongly"):
        request_of(scope)


async def test_a_mounted_document_names_everything_below_its_mount(shelf: Shelf) -> None:
    async with asgi_server(store(shelf), root="/a%20shop") as server:
        document = (await server.request("/buy/tea")).body.decode()
        assert f'src="/a%20shop{SCRIPT.url}"' in document
        assert 'data-socket="/a%20shop/spindle/socket"' in document
        assert (await server.request(SCRIPT.url)).body == SCRIPT.body


async def test_a_socket_at_another_address_may_be_connected_to_and_nothing_else(
    shelf: Shelf,
) -> None:
    async with store(shelf).open(socket="wss://live.example:9000/shop") as site:
        answer = await site.respond(Request.of("GET", "/buy/tea", [("host", "localhost")]))
        assert 'data-socket="wss://live.example:9000/shop"' in answer.body.decode()
        policy = answer.header("content-security-policy").split("; ")
        assert policy[0] == "default-src 'self'"
        assert policy[-1] == "connect-src 'self' wss://live.example:9000"
        nowhere = await site.respond(Request.of("GET", "/nowhere", [("host", "localhost")]))
        assert "connect-src" not in nowhere.header("content-security-policy")
    async with store(shelf).open(socket="/live") as site:
        answer = await site.respond(Request.of("GET", "/buy/tea", [("host", "localhost")]))
        assert 'data-socket="/live"' in answer.body.decode()
        assert "connect-src" not in answer.header("content-security-policy")


async def test_the_mount_without_its_slash_leads_to_the_one_with_it(shelf: Shelf) -> None:
    async with asgi_server(store(shelf), root="/shop") as server:
        answer = await server.request("")
        assert (answer.status, answer.header("location")) == (307, "/shop/")
        answer = await server.request("?a=1&b=%C3%A4")
        assert answer.header("location") == "/shop/?a=1&b=%C3%A4"


async def test_head_has_no_body_and_the_length_it_would_have(shelf: Shelf) -> None:
    async with asgi_server(store(shelf)) as server:
        answer = await server.request(SCRIPT.url, method="HEAD")
        assert (answer.status, answer.body) == (200, b"")
        assert answer.header("content-length") == str(len(SCRIPT.body))
        icon = await server.request("/favicon.ico")
        assert (icon.status, icon.header("content-length")) == (204, "")


# --- sockets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "origin", "code"),
    [
        ("https", "https://localhost", None),
        ("https", "http://localhost", 403),
        ("http", "https://localhost", 403),
    ],
)
async def test_P6_where_tls_ends_in_the_server_pages_come_by_https(
    shelf: Shelf, scheme: str, origin: str, code: int | None
) -> None:
    async with asgi_server(store(shelf), scheme=scheme) as server:
        answer = await server.websocket("/spindle/socket", UPGRADE | {"Origin": origin})
        if isinstance(answer, Response):
            assert answer.status == code
        else:
            assert code is None
            await answer.aclose()


async def test_a_server_that_cannot_say_why_refuses_all_the_same(shelf: Shelf) -> None:
    async with asgi_server(store(shelf), denies=False) as server:
        for target, origin in (
            ("/spindle/socket", "http://evil.example"),
            ("/buy/tea", "http://localhost"),
        ):
            answer = await server.websocket(target, UPGRADE | {"Origin": origin})
            assert isinstance(answer, Response)
            assert answer.status == 403


async def test_there_is_one_address_for_sockets(shelf: Shelf) -> None:
    async with asgi_server(store(shelf)) as server:
        answer = await server.websocket("/buy/tea", UPGRADE)
        assert isinstance(answer, Response)
        assert answer.status == 404


async def connected(server: AsgiServer, buffer: int) -> AsgiBrowser:
    tab = Tab((await server.request("/buy/tea")).body.decode())
    browser = await server.websocket("/spindle/socket", UPGRADE, buffer)
    assert isinstance(browser, AsgiBrowser)
    await browser.send(encode(tab.hello()))
    return browser


@pytest.mark.parametrize("shielded", [False, True])
async def test_a_client_that_does_not_read_loses_its_page_even_if_the_server_waits_for_ever(
    shelf: Shelf, shielded: bool, autojump_clock: trio.testing.MockClock
) -> None:
    async with asgi_server(store(shelf)) as server:
        browser = await connected(server, 0)
        browser.shielded = shielded
        await trio.sleep(49)  # until it is asked whether it is there, and does not read that
        assert shelf.count("release") == 0
        await trio.sleep(50)
        assert shelf.count("release") == 1
        assert browser.ended.is_set() is not shielded
        await browser.aclose()
        if shielded:
            await browser.receive()
            await browser.ended.wait()


async def test_a_server_that_says_the_connection_is_closed_ends_the_page(shelf: Shelf) -> None:
    async with asgi_server(store(shelf)) as server:
        browser = await connected(server, 0)
        browser.breaks = True
        await browser.send('{"t":"resync"}')
        await browser.ended.wait()
        await trio.testing.wait_all_tasks_blocked()
        assert shelf.count("release") == 1


# --- servers that are not as they should ----------------------------------------------------------


async def test_without_a_lifespan_it_is_said_how_to_give_one(shelf: Shelf) -> None:
    pages = store(shelf).asgi()
    async with trio.open_nursery() as nursery:
        server = AsgiServer(pages, nursery)
        with pytest.raises(ServeError, match=r"lifespan=pages\.lifespan"):
            await server.request("/buy/tea")
        with pytest.raises(ServeError, match=r"lifespan=pages\.lifespan"):
            await pages(server.scope("websocket", "/spindle/socket", {}), nothing, ignored)
        await pages.stop()


async def test_a_server_without_a_lifespan_has_one_put_around_it(shelf: Shelf) -> None:
    pages = store(shelf).asgi()
    async with pages.lifespan(), trio.open_nursery() as nursery:
        assert (await AsgiServer(pages, nursery).request("/buy/tea")).status == 200
    async with lifespan(pages), trio.open_nursery() as nursery:
        assert (await AsgiServer(pages, nursery).request("/buy/tea")).status == 200


async def test_a_lifespan_that_is_run_twice_is_refused(shelf: Shelf) -> None:
    pages = store(shelf).asgi()
    async with pages.lifespan():
        with pytest.raises(UsageError, match="open already: give the lifespan to the outermost"):
            async with pages.lifespan():
                pass
        assert await started(pages) == [
            {
                "type": "lifespan.startup.failed",
                "message": "The pages are open already: give the lifespan to the outermost "
                "application only.",
            }
        ]


async def started(pages: Any) -> list[dict[str, Any]]:
    """What an application says when its lifespan begins."""
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(event: dict[str, Any]) -> None:
        said.append(event)

    await pages({"type": "lifespan"}, receive, send)
    return said


async def test_a_script_that_was_not_built_keeps_a_server_from_starting(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(apps, "client_script", lambda: client_script(tmp_path / "client.js"))
    (said,) = await started(store(shelf).asgi())
    assert said["type"] == "lifespan.startup.failed"
    assert "make client" in said["message"]


def test_a_server_on_asyncio_is_told_so(shelf: Shelf) -> None:
    pages = store(shelf).asgi()
    (said,) = asyncio.run(started(pages))
    assert said["type"] == "lifespan.startup.failed"
    assert "runs on trio, and this one does not" in said["message"]
    with pytest.raises(ServeError, match="hypercorn -k trio"):
        asyncio.run(pages({"type": "http", "path": "/"}, nothing, ignored))
    with pytest.raises(ServeError, match="hypercorn -k trio"):
        asyncio.run(pages({"type": "websocket", "path": "/"}, nothing, ignored))


@pytest.mark.parametrize("scope", [{"type": "ftp"}, {"type": 3}, {}])
async def test_a_scope_of_another_type_is_refused(shelf: Shelf, scope: dict[str, Any]) -> None:
    pages = store(shelf).asgi()
    async with pages.lifespan():
        with pytest.raises(UsageError, match="they take 'http', 'websocket' and 'lifespan'"):
            await pages(scope, nothing, ignored)


async def test_an_error_while_the_server_runs_is_not_taken_for_one_of_its_start(
    shelf: Shelf,
) -> None:
    pages = store(shelf).asgi()
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if said:
            raise ServeError("in the middle")
        return {"type": "lifespan.startup"}

    async def send(event: dict[str, Any]) -> None:
        said.append(event)

    with pytest.raises(ServeError, match="in the middle"):
        await pages({"type": "lifespan"}, receive, send)
    assert said == [{"type": "lifespan.startup.complete"}]
