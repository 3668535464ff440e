"""HTTP on one connection: bytes in, bytes out, and how long anybody waits for anybody."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing

from spindle._runtime.page import PageMachine
from spindle.web.app import App
from spindle.web.connection import serve_connection
from spindle.web.errors import ServeError
from spindle.web.http.asset import Asset, client_script
from spindle.web.http.request import Request
from spindle.web.site import Site, open_site
from tests.web.store import Shelf, Store, StoreView, store

SCRIPT = Asset("/spindle/client.0123.js", b"'use strict';", "text/javascript; charset=utf-8")
GET = b"GET /buy/tea HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def connection(
    app: App,
) -> AsyncGenerator[tuple[trio.abc.HalfCloseableStream, Site], None]:
    """A client's end of a connection to a running app."""
    async with open_site(app, SCRIPT) as site:
        client, server = trio.testing.memory_stream_pair()
        site.spawn(partial(serve_connection, site, server))
        async with client:
            yield client, site


async def everything(stream: trio.abc.ReceiveStream) -> bytes:
    return b"".join([bytes(part) async for part in stream])


async def exchange(app: App, sent: bytes) -> bytes:
    async with connection(app) as (client, _):
        await client.send_all(sent)
        await client.send_eof()
        return await everything(client)


def status(response: bytes | bytearray) -> int:
    return int(response.split(b" ", 2)[1])


async def test_a_page_over_http(shelf: Shelf) -> None:
    response = await exchange(store(shelf), GET)
    head, body = response.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'data-sp-submit="Checkout.ShippingGiven"' in body
    assert f"Content-Length: {len(body)}".encode() in head


async def test_nothing_of_a_page_is_shown_before_its_script_has_run(shelf: Shelf) -> None:
    response = await exchange(store(shelf), GET)
    before, script, _ = response.partition(b'<script src="/spindle/client.0123.js"></script>')
    assert script
    assert b"<body" not in before


async def test_every_response_carries_the_security_headers(shelf: Shelf) -> None:
    for target in (b"/buy/tea", b"/nothing", b"/spindle/client.0123.js", b"/spindle/socket"):
        request = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % target
        response = await exchange(store(shelf), request)
        assert b"X-Content-Type-Options: nosniff\r\n" in response
        assert b"Referrer-Policy: same-origin\r\n" in response
        for directive in (
            b"default-src 'self'",
            b"base-uri 'none'",
            b"form-action 'self'",
            b"frame-ancestors 'self'",
            b"object-src 'none'",
            b"require-trusted-types-for 'script'",
            b"trusted-types spindle",
        ):
            assert directive in response
        assert b"unsafe" not in response


async def test_a_connection_serves_requests_one_after_the_other(shelf: Shelf) -> None:
    async with connection(store(shelf)) as (client, site):
        await client.send_all(GET * 2 + b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await client.send_eof()
        response = await everything(client)
        assert response.count(b"HTTP/1.1 200 OK") == 2
        assert response.count(b"HTTP/1.1 404 Not Found") == 1
        assert site.live_pages == 2


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /buy/tea HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /buy/tea HTTP/1.0\r\nHost: localhost\r\n\r\n",
    ],
)
async def test_who_asks_for_it_gets_the_connection_closed(shelf: Shelf, request_: bytes) -> None:
    async with connection(store(shelf)) as (client, _):
        await client.send_all(request_)
        response = await everything(client)
        assert status(response) == 200
        assert b"connection: close" in response.lower()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x00\x01\x02\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n", 400),
        (b"GET http://localhost/buy/tea HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /buy/tea HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET /buy/tea HTTP/1.0\r\n\r\n", 421),
        (b"GET /spindle/socket HTTP/1.1\r\nHost: localhost\r\n\r\n", 426),
        (b"GET /buy/tea HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 413),
        (b"GET /buy/tea HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
        (b"POST /buy/tea HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na=1", 405),
        (b"DELETE /buy/tea HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000 + b"\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
async def test_P6_a_request_that_is_none_is_refused_and_starts_nothing(
    shelf: Shelf, sent: bytes, code: int
) -> None:
    response = await exchange(store(shelf), sent)
    assert status(response) == code
    assert response.count(b"HTTP/1.1 ") == 1
    assert shelf.calls == []


async def test_a_body_that_is_not_read_closes_the_connection(shelf: Shelf) -> None:
    async with connection(store(shelf)) as (client, _):
        request = b"POST /buy/tea HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30\r\n\r\na=1"
        await client.send_all(request)
        response = await everything(client)
        assert status(response) == 405
        assert b"Allow: GET, HEAD\r\n" in response
        assert b"connection: close" in response.lower()


async def test_nothing_of_a_hostile_host_comes_back_as_html(shelf: Shelf) -> None:
    response = await exchange(store(shelf), b"GET / HTTP/1.1\r\nHost: <script>\r\n\r\n")
    assert status(response) == 421
    assert b"<script" not in response


async def test_P1_head_gives_the_headers_of_a_page_and_no_body(shelf: Shelf) -> None:
    response = await exchange(store(shelf), GET.replace(b"GET", b"HEAD"))
    head, body = response.split(b"\r\n\r\n", 1)
    assert status(response) == 200
    assert b"Content-Type: text/html" in head
    assert b"Content-Length" not in head
    assert body == b""


async def test_a_slow_request_is_answered_408_ten_seconds_after_it_could_have_come(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with connection(store(shelf)) as (client, _):
        begun = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(drip, client, GET)
            response = await everything(client)
            nursery.cancel_scope.cancel()
        assert status(response) == 408
        assert trio.current_time() - begun == pytest.approx(10, abs=1)


async def drip(stream: trio.abc.SendStream, data: bytes) -> None:
    for byte in data:
        await stream.send_all(bytes([byte]))
        await trio.sleep(3)


async def test_a_connection_that_says_nothing_is_closed_without_a_word(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with connection(store(shelf)) as (client, _):
        begun = trio.current_time()
        assert await everything(client) == b""
        assert trio.current_time() - begun == pytest.approx(10)


async def test_a_kept_connection_may_idle_and_its_next_request_has_its_own_ten_seconds(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with connection(store(shelf)) as (client, _):
        await client.send_all(GET)
        assert status(await client.receive_some()) == 200
        await trio.sleep(14)
        await client.send_all(GET[:10])
        await trio.sleep(9)
        await client.send_all(GET[10:])
        assert status(await client.receive_some()) == 200
        begun = trio.current_time()
        assert await everything(client) == b""
        assert trio.current_time() - begun == pytest.approx(15)


async def test_a_client_that_does_not_read_loses_the_connection(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf), SCRIPT) as site:
        client, server = trio.testing.lockstep_stream_pair()
        site.spawn(partial(serve_connection, site, server))
        await client.send_all(GET)
        begun = trio.current_time()
        await trio.sleep(32)
        assert await server_tasks() == 0
        assert trio.current_time() - begun == 32
        await trio.aclose_forcefully(client)


async def server_tasks() -> int:
    """How many connections are being served."""
    await trio.testing.wait_all_tasks_blocked()
    root = trio.lowlevel.current_root_task()
    tasks = [root] if root else []
    found = 0
    while tasks:
        task = tasks.pop()
        found += task.name.endswith("_contained")
        tasks += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return found


async def test_a_client_that_goes_away_at_any_point_leaves_nothing(shelf: Shelf) -> None:
    shelf.stock = 1000
    async with open_site(store(shelf), SCRIPT) as site:
        for cut in range(0, len(GET) + 1, 3):
            client, server = trio.testing.memory_stream_pair()
            site.spawn(partial(serve_connection, site, server))
            await client.send_all(GET[:cut])
            await client.aclose()
        assert await server_tasks() == 0


async def test_the_script_is_served_under_a_name_that_changes_with_it(shelf: Shelf) -> None:
    request = b"GET /spindle/client.0123.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    response = await exchange(store(shelf), request)
    assert status(response) == 200
    assert b"Content-Type: text/javascript; charset=utf-8\r\n" in response
    assert b"Cache-Control: public, max-age=31536000, immutable\r\n" in response
    assert response.endswith(b"\r\n\r\n'use strict';")
    head = await exchange(store(shelf), request.replace(b"GET", b"HEAD"))
    assert b"Content-Length: 13\r\n" in head
    assert head.endswith(b"\r\n\r\n")
    old = await exchange(store(shelf), request.replace(b"0123", b"4567"))
    assert status(old) == 404


async def test_nobody_is_told_that_there_is_no_icon(shelf: Shelf) -> None:
    response = await exchange(store(shelf), b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert status(response) == 204
    assert response.endswith(b"\r\n\r\n")


async def test_a_stylesheet_is_linked_and_served(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "my shop.css"
    path.write_text("p { color: red }")
    app = App()

    @app.page("/", Store, StoreView, stylesheet=path, lang="de")
    async def mount(page: PageMachine, request: Request) -> None: ...

    body = (await exchange(app, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).decode()
    assert '<html lang="de">' in body
    url = body.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert url.startswith("/spindle/asset/my-shop.")
    sheet = await exchange(app, f"GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert b"Content-Type: text/css; charset=utf-8\r\n" in sheet
    assert b"immutable" in sheet
    assert sheet.endswith(b"p { color: red }")


async def test_several_stylesheets_are_linked_in_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("base.css", "shop.css")]
    for path in paths:
        path.write_text("")
    app = App()

    @app.page("/", Store, StoreView, stylesheet=paths)
    async def mount(page: PageMachine, request: Request) -> None: ...

    body = (await exchange(app, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).decode()
    assert re.findall(r"asset/(\w+)\.", body) == ["base", "shop"]


def test_a_script_that_was_not_built_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="make client"):
        client_script(tmp_path / "client.js")
    (tmp_path / "client.js").write_text("1")
    first = client_script(tmp_path / "client.js")
    (tmp_path / "client.js").write_text("2")
    assert client_script(tmp_path / "client.js").url != first.url
