from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle.web.http.connection import HttpConnection
from spindle.web.http.handover import HandedOver
from spindle.web.limits import Limits
from spindle.web.log import log_error
from spindle.web.socket.transport import TransportClosed, memory_transports
from spindle.web.socket.websocket import serve_websocket
from tests.web.frames import UPGRADE, masked, request


async def test_frames_keep_their_order_and_outlive_the_close() -> None:
    server, client = memory_transports()
    for frame in ("a", b"b", "c"):
        await server.send(frame)
    await server.aclose(4000, "enough")
    assert [await client.receive() for _ in range(3)] == ["a", b"b", "c"]
    for end in (server, client):
        with pytest.raises(TransportClosed, match="4000: enough"):
            await end.receive()
        with pytest.raises(TransportClosed, match="4000: enough"):
            await end.send("d")
    await client.aclose(4001, "later")
    assert client.closed == (4000, "enough")


async def test_a_full_buffer_holds_the_sender_up() -> None:
    server, client = memory_transports(1)
    await server.send("a")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.send, "b")
        await trio.testing.wait_all_tasks_blocked()
        assert client.receive_nowait() == "a"
        await trio.testing.wait_all_tasks_blocked()
        assert client.receive_nowait() == "b"
        assert client.receive_nowait() is None
        await server.aclose()
    with pytest.raises(TransportClosed):
        client.receive_nowait()


async def test_what_was_read_before_is_read_first_and_the_rest_is_counted() -> None:
    client, server = trio.testing.memory_stream_pair()
    handed = HandedOver(server, b"read before", allowance=10)
    assert await handed.receive_some() == b"read before"
    await client.send_all(b"0123456789")
    assert await handed.receive_some() == b"0123456789"
    handed.reset()
    await client.send_all(b"0123456789")
    assert await handed.receive_some() == b"0123456789"
    await client.send_all(b"0")
    with pytest.raises(trio.BrokenResourceError, match="complete no message"):
        await handed.receive_some()
    await handed.wait_send_all_might_not_block()


async def test_a_frame_that_was_cut_is_the_last(autojump_clock: trio.testing.MockClock) -> None:
    client, server = trio.testing.lockstep_stream_pair()
    ended = trio.Event()

    async def handle(transport: object) -> None:
        assert hasattr(transport, "send")
        with trio.move_on_after(1):
            await transport.send("x" * 10_000)
        with pytest.raises(TransportClosed):
            await transport.send("y")
        ended.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_websocket, server, request(UPGRADE), Limits(), handle)
        assert b" 101 " in await client.receive_some()
        await ended.wait()
        begun = trio.current_time()
    assert trio.current_time() == begun, "no closing handshake is tried on a torn connection"


async def test_a_handshake_that_is_none_ends_in_time(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async def handle(transport: object) -> None:
        raise AssertionError("was accepted")

    for read in (b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        _, server = trio.testing.memory_stream_pair()
        with trio.fail_after(6):
            await serve_websocket(server, read, Limits(), handle)


async def test_a_browser_that_closes_while_it_is_sent_to_ends_quietly() -> None:
    client, server = trio.testing.memory_stream_pair()
    ended = trio.Event()

    async def handle(transport: object) -> None:
        assert hasattr(transport, "send")
        await client.send_all(masked(8, b"\x03\xe8"))
        with pytest.raises(TransportClosed, match="1000"):  # noqa: PT012 - sooner or later
            while True:
                await transport.send("x")
        ended.set()

    await serve_websocket(server, request(UPGRADE), Limits(), handle)
    assert ended.is_set()


def test_a_handshake_needs_a_request() -> None:
    _, server = trio.testing.memory_stream_pair()
    assert HttpConnection(server, Limits()).handshake() == b""


class Hostile(Exception):
    def __str__(self) -> str:
        raise SystemExit

    __repr__ = __str__


def test_each_error_of_a_group_is_logged_however_deep_and_hostile(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error: Exception = Hostile()
    for number in range(2000):
        error = ExceptionGroup("", [error, ValueError(f"number {number}")][: 2 - (number > 0)])
    log_error(error, "%s failed", "it")
    assert caplog.text.count("it failed") == 2
    assert "ValueError: number 0" in caplog.text
    assert "<exception str() failed>" in caplog.text
