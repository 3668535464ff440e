"""The port: a real one, and an accept loop that nothing ends."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio
import trio.testing
import trio_websocket

from spindle.web import serve as serving
from spindle.web.app import App
from spindle.web.serve import accept_loop
from spindle.web.site import Site, open_site
from spindle.web.socket.protocol import FormSent, Hello, encode
from tests.web.frames import still_works
from tests.web.store import HOME, Shelf, store
from tests.web.test_http import SCRIPT, everything, status


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
