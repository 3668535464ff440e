"""The websocket: the upgrade, the library's traps, and browsers that behave badly."""

from __future__ import annotations

import errno
import logging
import os
import struct
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio
import trio.testing
import trio_websocket
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from spindle.view import Patch, apply, checksum
from spindle.web import serve as serving
from spindle.web.app import App
from spindle.web.connection import serve_connection
from spindle.web.memory import Visitor, visit
from spindle.web.protocol import (
    Bye,
    FormSent,
    Gone,
    Hello,
    Patched,
    Settled,
    decode_server,
    encode,
)
from spindle.web.serve import accept_loop
from spindle.web.site import Site, open_site
from tests.web.store import HOME, Checkout, Shelf, store
from tests.web.test_http import SCRIPT, connection, everything, server_tasks, status

UPGRADE = {
    "Host": "localhost",
    "Origin": "http://localhost",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": b64encode(b"0123456789abcdef").decode(),
}


def request(headers: dict[str, str], path: str = "/spindle/socket") -> bytes:
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def masked(opcode: int, payload: bytes = b"", *, final: bool = True, length: int = -1) -> bytes:
    """A frame as a browser sends it; `length` is what it claims to have."""
    length = len(payload) if length < 0 else length
    head = bytes([(0x80 if final else 0) | opcode])
    if length < 126:
        head += bytes([0x80 | length])
    elif length < 65536:
        head += b"\xfe" + struct.pack("!H", length)
    else:
        head += b"\xff" + struct.pack("!Q", length)
    return head + b"\0\0\0\0" + payload


@asynccontextmanager
async def socket(
    site: Site, origin: str = "http://localhost"
) -> AsyncGenerator[WebSocketConnection, None]:
    """A browser's end of a socket."""
    client, server = trio.testing.memory_stream_pair()
    site.spawn(partial(serve_connection, site, server))
    async with trio.open_nursery() as nursery:
        yield await wrap_client_stream(
            nursery,
            client,  # type: ignore[arg-type]
            "localhost",
            "/spindle/socket",
            extra_headers=[(b"Origin", origin.encode())],
        )
        await client.aclose()
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def raw_socket(site: Site) -> AsyncGenerator[trio.abc.HalfCloseableStream, None]:
    """The same, with no library on the browser's side, after the handshake."""
    client, server = trio.testing.memory_stream_pair()
    site.spawn(partial(serve_connection, site, server))
    await client.send_all(request(UPGRADE))
    assert status(await client.receive_some()) == 101
    async with client:
        yield client


async def closed(browser: WebSocketConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as caught:  # noqa: PT012 - sooner or later
        while True:
            await browser.get_message()
    assert caught.value.reason is not None
    return caught.value.reason.code, caught.value.reason.reason or ""


async def still_works(site: Site) -> None:
    visitor = await visit(site, "/buy/tea")
    await visitor.connect()
    seq = await visitor.submit(Checkout.ShippingGiven, HOME)
    assert (await visitor.settled(seq)).settlement == "handled"
    await visitor.close()


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


@asynccontextmanager
async def served(app: App, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[str, None]:
    """A real server on a free port; yields its address."""
    monkeypatch.setattr(serving, "client_script", lambda: SCRIPT)
    async with trio.open_nursery() as nursery:
        yield await nursery.start(partial(app.serve, port=0))
        nursery.cancel_scope.cancel()


async def test_a_real_port_serves_page_and_socket(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(store(shelf), monkeypatch) as url:
        port = int(url.rpartition(":")[2])
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        async with stream:
            await stream.send_all(b"GET /buy/tea HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
            document = (await everything(stream)).decode()
        token = document.split('data-page="')[1].split('"')[0]
        address = f"ws://127.0.0.1:{port}/spindle/socket"
        origin = [(b"Origin", url.encode())]
        async with trio_websocket.open_websocket_url(address, extra_headers=origin) as browser:
            await browser.send_message(encode(Hello(token, 0)))
            assert '"t":"full"' in str(await browser.get_message())
            await browser.send_message(
                encode(FormSent(1, "Checkout.ShippingGiven", list(HOME.items()), to=1))
            )
            while '"settled"' not in str(await browser.get_message()):
                pass
    assert shelf.calls == [("reserve", "tea"), ("release", "tea")]


async def test_P7_a_fault_in_one_connection_ends_that_connection_only(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = iter([KeyError("fault"), ExceptionGroup("", [ExceptionGroup("", [OSError("deep")])])])

    async def faulty(site: Site, stream: trio.abc.Stream) -> None:
        raise next(faults)

    async with open_site(store(shelf), SCRIPT) as site:
        for _ in range(2):
            site.spawn(partial(faulty, site, trio.testing.memory_stream_pair()[0]))
        await trio.testing.wait_all_tasks_blocked()
        assert "KeyError: 'fault'" in caplog.text
        assert "OSError: deep" in caplog.text
        await still_works(site)


class Listener(trio.abc.Listener[trio.SocketStream]):
    """Accepts what it is told to."""

    def __init__(self, *answers: Callable[[], trio.SocketStream]) -> None:
        self.answers = list(answers)

    async def accept(self) -> trio.SocketStream:
        await trio.lowlevel.checkpoint()
        if not self.answers:
            raise trio.ClosedResourceError
        return self.answers.pop(0)()

    async def aclose(self) -> None: ...


async def test_P7_a_system_without_room_is_tried_again(
    shelf: Shelf, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> trio.SocketStream:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    def accepted() -> trio.SocketStream:
        return server  # type: ignore[return-value]

    client, server = trio.testing.memory_stream_pair()
    async with open_site(store(shelf), SCRIPT) as site:
        begun = trio.current_time()
        await accept_loop(site, Listener(full, full, accepted), trio.Semaphore(2))
        assert trio.current_time() - begun == pytest.approx(0.2)
        assert "Too many open files" in caplog.text
        await client.send_all(b"GET /buy/tea HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert status(await everything(client)) == 200


async def test_connections_beyond_the_limit_wait_for_a_place(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    pairs = [trio.testing.memory_stream_pair() for _ in range(2)]
    servers = [server for _, server in pairs]
    async with open_site(store(shelf), SCRIPT) as site, trio.open_nursery() as nursery:
        take = lambda: servers.pop(0)  # noqa: E731
        listener = Listener(take, take)  # type: ignore[arg-type]
        nursery.start_soon(accept_loop, site, listener, trio.Semaphore(1))
        await trio.testing.wait_all_tasks_blocked()
        assert len(servers) == 1
        await pairs[0][0].aclose()
        await trio.testing.wait_all_tasks_blocked()
        assert len(servers) == 0
        await pairs[1][0].aclose()


async def test_P7_a_fault_while_a_connection_is_cancelled_is_logged_and_goes_no_further(
    shelf: Shelf, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def faulty() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise KeyError("while ending")

    async def serve() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(faulty)
            nursery.start_soon(trio.sleep_forever)

    async with open_site(store(shelf), SCRIPT) as site:
        site.spawn(serve)
        await trio.testing.wait_all_tasks_blocked()
    assert "KeyError: 'while ending'" in caplog.text
