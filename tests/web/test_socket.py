"""The websocket: the upgrade, the library's traps, and browsers that behave badly."""

from __future__ import annotations

import logging
from functools import partial

import pytest
import trio
import trio.testing
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from spindle.view import Patch, apply, checksum
from spindle.web.app import App
from spindle.web.connection import serve_connection
from spindle.web.memory import Visitor, visit
from spindle.web.site import Site, open_site
from spindle.web.socket.protocol import (
    Bye,
    FormSent,
    Gone,
    Hello,
    Patched,
    Settled,
    decode_server,
    encode,
)
from tests.web.frames import UPGRADE, masked, raw_socket, request, socket, still_works
from tests.web.store import HOME, Shelf, store
from tests.web.test_http import SCRIPT, connection, everything, server_tasks, status


async def closed(browser: WebSocketConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as caught:  # noqa: PT012 - sooner or later
        while True:
            await browser.get_message()
    assert caught.value.reason is not None
    return caught.value.reason.code, caught.value.reason.reason or ""


async def adopted(site: Site, browser: WebSocketConnection) -> Visitor:
    visitor = await visit(site, "/buy/tea")
    await browser.send_message(encode(Hello(visitor.page_token, checksum(visitor.html))))
    return visitor


async def test_a_conversation_over_a_websocket(shelf: Shelf) -> None:
    async with open_site(store(shelf), SCRIPT) as site:
        async with socket(site) as browser:
            visitor = await adopted(site, browser)
            form = FormSent(7, "Checkout.ShippingGiven", list(HOME.items()), to=1)
            await browser.send_message(encode(form))
            text = visitor.html
            while (message := decode_server(str(await browser.get_message()))) != Settled(
                7, "handled"
            ):
                assert isinstance(message, Patched)
                text = apply(text, Patch(message.ops, message.hash))
                assert checksum(text) == message.hash
            assert "Pay 4" in text
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0
        assert await server_tasks() == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": ""}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": ""}, 400),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": "close"}, 426),
    ],
)
async def test_P6_an_upgrade_that_may_not_be_is_refused_before_it_is_one(
    shelf: Shelf, changed: dict[str, str], code: int
) -> None:
    async with connection(store(shelf)) as (client, _):
        await client.send_all(request(UPGRADE | changed))
        await client.send_eof()
        assert status(await everything(client)) == code


async def test_P6_a_missing_origin_is_refused_unless_that_is_configured(shelf: Shelf) -> None:
    without = {name: value for name, value in UPGRADE.items() if name != "Origin"}
    async with connection(store(shelf)) as (client, _):
        await client.send_all(request(without))
        await client.send_eof()
        assert status(await everything(client)) == 403
    async with connection(App(require_origin=False)) as (client, _):
        await client.send_all(request(without))
        assert status(await client.receive_some()) == 101


async def test_an_upgrade_elsewhere_is_a_plain_request(shelf: Shelf) -> None:
    async with connection(store(shelf)) as (client, _):
        await client.send_all(request(UPGRADE, "/buy/tea"))
        assert status(await client.receive_some()) == 200


async def test_P2_a_forged_token_is_told_that_the_page_is_gone(shelf: Shelf) -> None:
    async with open_site(store(shelf), SCRIPT) as site, socket(site) as browser:
        await browser.send_message(encode(Hello("x" * 43, 1)))
        assert decode_server(str(await browser.get_message())) == Gone()
        assert await closed(browser) == (1000, "no such page")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"binary", 1003),
        ("not json", 1007),
        ('{"t":"event","seq":1,"name":"A.B","data":' + "[" * 60_000, 1007),
        ('{"t":"nonsense"}', 1008),
        ('{"t":"resync"}', 1008),
        ("x" * 66_000, 1009),
        ("☕" * 30_000, 1009),
        ("x" * 5_000_000, 1009),
    ],
)
async def test_P6_a_hostile_frame_closes_its_socket_with_a_reason(
    shelf: Shelf, frame: str | bytes, code: int
) -> None:
    async with open_site(store(shelf), SCRIPT) as site:
        async with socket(site) as browser:
            await browser.send_message(frame)
            got, reason = await closed(browser)
            assert got == code
            assert reason
        assert shelf.calls == []
        await still_works(site)
        assert await server_tasks() == 0


async def test_P6_ten_thousand_frames_at_once_are_cut_off(shelf: Shelf) -> None:
    async with open_site(store(shelf), SCRIPT) as site:
        async with raw_socket(site) as client:
            visitor = await visit(site, "/buy/tea")
            hello = encode(Hello(visitor.page_token, checksum(visitor.html)))
            flood = masked(1, b'{"t":"event","seq":1,"name":"Checkout.PaymentGiven","to":9}')
            await client.send_all(masked(1, hello.encode()) + flood * 10_000)
            answer = await everything(client)
            assert b"\x11\x4dtoo many frames" in answer, "close code 4429"
        await trio.testing.wait_all_tasks_blocked()
        assert site.live_pages == 0
        assert shelf.count("charge") == 0
        await still_works(site)
        assert await server_tasks() == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00" * 1000,
        b"\xff" * 1000,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x81\x05hello",  # not masked
        masked(1, b"\xff\xfe"),  # not UTF-8
        masked(3, b"reserved"),
        masked(0, b"continues nothing"),
        masked(9, b"x" * 126),  # a ping too long
        masked(1, b"", length=2**63),
        masked(8, b"\x00\x01"),  # a close code that is none
        masked(9, b"ping") * 2 + masked(8, b"\x03\xe8"),
        masked(8, b"\x03\xe8") + masked(9, b"ping after close"),
        masked(9, b"x" * 125) * 10_000,
        masked(1, b"", final=False) + masked(0, b"", final=False) * 200_000,
    ],
    ids=range(14),
)
async def test_P6_bytes_that_are_no_frames_end_their_connection_only(
    shelf: Shelf,
    sent: bytes,
    autojump_clock: trio.testing.MockClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_site(store(shelf), SCRIPT) as site:
        async with raw_socket(site) as client:
            await client.send_all(sent)
            with trio.fail_after(30):
                await everything(client)
        await still_works(site)
        assert await server_tasks() == 0
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_browser_that_is_there_answers_pings_and_stays(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf), SCRIPT) as site, socket(site) as browser:
        await adopted(site, browser)
        await trio.sleep(80_000)
        assert site.live_pages == 1


async def test_a_half_open_connection_is_noticed(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf), SCRIPT) as site, raw_socket(site) as client:
        visitor = await visit(site, "/buy/tea")
        hello = encode(Hello(visitor.page_token, checksum(visitor.html)))
        await client.send_all(masked(1, hello.encode()))
        await trio.sleep(49)
        assert site.live_pages == 1
        await trio.sleep(4)
        assert site.live_pages == 0
        assert shelf.count("release") == 1
        assert await server_tasks() == 0


async def test_a_close_that_is_never_answered_takes_a_bounded_time(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_site(store(shelf), SCRIPT) as site, raw_socket(site) as client:
        begun = trio.current_time()
        await client.send_all(masked(2, b"binary"))
        await everything(client)
        assert trio.current_time() - begun <= 2


async def test_a_stopping_server_says_bye_and_closes(shelf: Shelf) -> None:
    async with trio.open_nursery() as nursery:
        client, server = trio.testing.memory_stream_pair()
        async with open_site(store(shelf), SCRIPT) as site:
            site.spawn(partial(serve_connection, site, server))
            browser = await wrap_client_stream(
                nursery,
                client,  # type: ignore[arg-type]
                "localhost",
                "/spindle/socket",
                extra_headers=[(b"Origin", b"http://localhost")],
            )
            await adopted(site, browser)
        assert decode_server(str(await browser.get_message())) == Bye()
        assert await closed(browser) == (1001, "the server is stopping")
        assert shelf.count("release") == 1
