"""Whatever is sent to the port or the socket: nothing raises out of a connection, no task stays."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import trio
import trio.testing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spindle.view import checksum
from spindle.web.connection import serve_connection
from spindle.web.memory import visit
from spindle.web.site import Site, open_site
from spindle.web.socket.protocol import Hello, encode
from spindle.web.socket.transport import TransportClosed, memory_transports
from tests.web.frames import UPGRADE, masked, request
from tests.web.store import Shelf, store
from tests.web.test_http import GET, SCRIPT, server_tasks

LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [
            GET,
            GET[:20],
            b"\r\n",
            b"\r\n\r\n",
            b"Content-Length: 5\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Expect: 100-continue\r\n",
            b"GET /buy/tea?copies=x HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
            request(UPGRADE),
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=8,
)
NAMES = st.one_of(
    st.sampled_from(["Checkout.ShippingGiven", "Checkout.PaymentGiven", "Checkout.Waved", ""]),
    st.text(max_size=20),
)
FRAMES = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200),
    st.builds(
        '{{"t":"form","seq":{},"name":"{}","to":{},"fields":[["{}","{}"]]}}'.format,
        st.integers(-2, 2**60),
        NAMES,
        st.integers(-1, 3),
        st.sampled_from(["shipping.street", "shipping", "shipping.lines", "card", "", "."]),
        st.text(max_size=10),
    ),
    st.builds(
        '{{"t":"event","seq":1,"name":"{}","instance":"{}","data":{}}}'.format,
        NAMES,
        st.text(max_size=5),
        VALUES,
    ),
    st.sampled_from(
        ['{"t":"resync"}', '{"t":"dismiss","flash":1}', '{"t":"hello","page":"x","hash":1}']
    ),
)


def run(shelf: Shelf, body: Callable[[Site], Awaitable[None]]) -> None:
    """Run against a site, then look for what it left: tasks, pages, errors in the log."""

    async def main() -> None:
        with trio.fail_after(10_000):
            async with open_site(store(shelf), SCRIPT) as site:
                await body(site)
                await trio.sleep(100)
                assert await server_tasks() == 0
                assert site.live_pages == 0

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@LENIENT
@given(pieces=st.lists(PIECES, max_size=6))
def test_P7_random_bytes_to_the_port(caplog: pytest.LogCaptureFixture, pieces: list[bytes]) -> None:
    async def body(site: Site) -> None:
        client, server = trio.testing.memory_stream_pair()
        site.spawn(partial(serve_connection, site, server))
        try:
            for piece in pieces:
                await client.send_all(piece)
                await trio.testing.wait_all_tasks_blocked()
        except trio.BrokenResourceError:
            pass
        await client.aclose()

    caplog.clear()
    run(Shelf(1000), body)
    assert errors(caplog) == []


@LENIENT
@given(
    frames=st.lists(
        st.builds(masked, st.integers(0, 15), st.binary(max_size=130), final=st.booleans()),
        max_size=6,
    ),
    cut=st.integers(0, 40),
)
def test_P7_random_websocket_frames_to_the_socket(
    caplog: pytest.LogCaptureFixture, frames: list[bytes], cut: int
) -> None:
    async def body(site: Site) -> None:
        client, server = trio.testing.memory_stream_pair()
        site.spawn(partial(serve_connection, site, server))
        await client.send_all(request(UPGRADE) + b"".join(frames)[: -cut or None])
        await trio.testing.wait_all_tasks_blocked()
        await client.aclose()

    caplog.clear()
    run(Shelf(), body)
    assert errors(caplog) == []


@LENIENT
@given(frames=st.lists(FRAMES, max_size=8))
def test_P7_random_frames_to_a_live_page(
    caplog: pytest.LogCaptureFixture, frames: list[str | bytes]
) -> None:
    async def body(site: Site) -> None:
        visitor = await visit(site, "/buy/tea")
        server, client = memory_transports()
        site.spawn(partial(site.converse, server))
        try:
            await client.send(encode(Hello(visitor.page_token, checksum(visitor.html))))
            for frame in frames:
                await client.send(frame)
                await trio.testing.wait_all_tasks_blocked()
        except TransportClosed:
            pass
        await client.aclose()

    caplog.clear()
    shelf = Shelf()
    run(shelf, body)
    assert errors(caplog) == []
    assert shelf.count("reserve") == 1
    assert shelf.count("release") + len(sold(shelf)) == 1


def sold(shelf: Shelf) -> list[str]:
    return [card for call, card in shelf.calls if call == "charge" and card != "refused"]
