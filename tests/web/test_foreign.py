"""The socket of a page in somebody else's trio-websocket server: what that library gets wrong."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
import trio
import trio.testing
from trio_websocket import WebSocketRequest, serve_websocket, wrap_server_stream

from spindle.web import app as apps
from spindle.web.site import Site
from spindle.web.socket import foreign
from tests.web.frames import UPGRADE, masked, request
from tests.web.store import Shelf, store
from tests.web.test_http import SCRIPT, everything, status

Connect = Callable[[], Awaitable[trio.abc.HalfCloseableStream]]


@pytest.fixture(autouse=True)
def _script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "client_script", lambda: SCRIPT)


async def handle(site: Site, asked: WebSocketRequest) -> None:
    await site.serve_websocket(asked)


@asynccontextmanager
async def in_memory(shelf: Shelf) -> AsyncGenerator[Connect, None]:
    """A server whose connections are in memory, all in one nursery, as the library has them."""
    async with store(shelf).open(socket="/live") as site, trio.open_nursery() as nursery:

        async def connection(stream: trio.abc.Stream) -> None:
            async with trio.open_nursery() as around:
                asked = await wrap_server_stream(around, stream)
                await handle(site, asked)
                await asked._connection.aclose()

        async def connect() -> trio.abc.HalfCloseableStream:
            client, server = trio.testing.memory_stream_pair()
            nursery.start_soon(connection, server)
            await trio.lowlevel.checkpoint()
            return client

        yield connect
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def on_a_port(shelf: Shelf) -> AsyncGenerator[int, None]:
    async with store(shelf).open(socket="/live") as site, trio.open_nursery() as nursery:
        served = partial(handle, site)
        running = await nursery.start(serve_websocket, served, "127.0.0.1", 0, None)
        yield running.port
        nursery.cancel_scope.cancel()


async def pings_while_it_closes(connect: Connect) -> None:
    pings = masked(9, b"x") * 20
    async with await connect() as stream:
        await stream.send_all(request(UPGRADE, "/live"))
        assert status(await stream.receive_some()) == 101
        with suppress(trio.BrokenResourceError):
            await stream.send_all(pings + masked(2, b"binary, so it closes") + pings)
            for _ in range(20):
                if not await stream.receive_some():
                    break
                await stream.send_all(pings)


async def test_P7_a_ping_while_a_socket_is_closed_does_not_end_the_server(
    shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with in_memory(shelf) as connect:
        for _ in range(3):
            await pings_while_it_closes(connect)


@pytest.mark.mutant
async def test_without_that_care_the_ping_ends_the_server(
    shelf: Shelf, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign, "_leave_late_pings_unanswered", lambda connection: None)
    with pytest.raises(BaseExceptionGroup) as ended:  # noqa: PT012 - the server's block
        async with in_memory(shelf) as connect:
            for _ in range(3):
                await pings_while_it_closes(connect)
    assert "LocalProtocolError" in repr(ended.value)


async def test_a_refused_connection_is_closed(shelf: Shelf) -> None:
    """On a port: in memory there is no host of the other side."""
    async with on_a_port(shelf) as port:
        with trio.fail_after(10):
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                evil = UPGRADE | {"Origin": "http://evil.example"}
                await stream.send_all(request(evil, "/live"))
                assert status(await everything(stream)) == 403


async def test_a_host_with_a_port_is_judged_as_everywhere(shelf: Shelf) -> None:
    async with on_a_port(shelf) as port:
        for origin, code in ((port, 101), (port + 1, 403)):
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                headers = {
                    "Host": f"127.0.0.1:{port}",
                    "Origin": f"http://127.0.0.1:{origin}",
                }
                await stream.send_all(request(UPGRADE | headers, "/live"))
                assert status(await stream.receive_some()) == code
