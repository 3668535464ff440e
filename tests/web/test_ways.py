"""One suite over all the ways by which browsers come to pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from typing import TypeAlias

import pytest
import trio
import trio.testing

from spindle.web import app as apps
from spindle.web.app import App
from spindle.web.http.front import Front
from spindle.web.socket.protocol import (
    Bye,
    FormSent,
    Gone,
    Hello,
    Ping,
    Pong,
    ServerMessage,
    Settled,
    decode_server,
    encode,
)
from spindle.web.socket.transport import TransportClosed
from spindle.web.tab import Tab
from tests.web.store import HOME, Shelf, store
from tests.web.test_http import SCRIPT
from tests.web.ways import VIRTUAL, WAYS, Browser, Way

Open: TypeAlias = Callable[[App], AbstractAsyncContextManager[Way]]

by_every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
on_a_virtual_clock = pytest.mark.parametrize("way", VIRTUAL, ids=lambda way: way.__name__)


@pytest.fixture(autouse=True)
def _script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "client_script", lambda: SCRIPT)


async def next_message(tab: Tab, browser: Browser) -> ServerMessage:
    message = decode_server(await browser.receive())
    assert tab.apply(message)
    if isinstance(message, Ping):
        await browser.send(encode(Pong()))
    return message


async def greeted(served: Way, browser: Browser) -> Tab:
    tab = Tab((await served.get("/buy/tea")).body.decode())
    await browser.send(encode(tab.hello()))
    return tab


async def shipped(tab: Tab, browser: Browser) -> None:
    await browser.send(encode(FormSent(7, "Checkout.ShippingGiven", [*HOME.items()], to=1)))
    while (message := await next_message(tab, browser)) != Settled(7, "handled"):
        assert not isinstance(message, Settled)


async def closed(browser: Browser) -> tuple[int, str]:
    with pytest.raises(TransportClosed) as caught:  # noqa: PT012 - sooner or later
        while True:
            await browser.receive()
    return caught.value.code, caught.value.reason


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run; real sockets take an unknown number of rounds."""
    with trio.fail_after(10):
        while not condition():
            await trio.lowlevel.checkpoint()


@by_every_way
async def test_a_conversation(way: Open, shelf: Shelf) -> None:
    async with way(store(shelf)) as served:
        async with served.socket() as browser:
            tab = await greeted(served, browser)
            await shipped(tab, browser)
            assert "Pay 4" in tab.html
        await until(lambda: shelf.count("release") == 1)


@by_every_way
async def test_what_the_document_names_is_there(way: Open, shelf: Shelf) -> None:
    async with way(store(shelf)) as served:
        document = await served.get("/buy/tea")
        assert document.status == 200
        assert document.header("content-type") == "text/html; charset=utf-8"
        assert "default-src 'self'" in document.header("content-security-policy")
        assert f'{SCRIPT.url}"></script>' in document.body.decode()
        script = await served.get(SCRIPT.url)
        assert (script.status, script.body) == (200, SCRIPT.body)


@by_every_way
async def test_what_is_not_a_page_is_answered_as_everywhere(way: Open, shelf: Shelf) -> None:
    async with way(store(shelf)) as served:
        assert (await served.get("/nothing")).status == 404
        assert (await served.get("/buy/tea", {"Host": "evil.example"})).status == 421
        assert (await served.get("/spindle/socket")).status == 426
        post = await served.get("/buy/tea", method="POST")
        assert (post.status, post.header("allow")) == (405, "GET, HEAD")
        assert (await served.get("/buy/tea", {"Sec-Purpose": "prefetch"})).status == 503
        head = await served.get(SCRIPT.url, method="HEAD")
        assert head.status == 200
        assert shelf.calls == []


@by_every_way
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421),
        ({}, 101),
    ],
)
async def test_P6_a_socket_that_may_not_be_is_refused_before_it_is_one(
    way: Open, shelf: Shelf, changed: dict[str, str], code: int
) -> None:
    async with way(store(shelf)) as served:
        assert await served.handshake(**changed) == code


@by_every_way
async def test_P2_a_forged_token_is_told_that_the_page_is_gone(way: Open, shelf: Shelf) -> None:
    async with way(store(shelf)) as served, served.socket() as browser:
        await browser.send(encode(Hello("x" * 43, 1)))
        assert decode_server(await browser.receive()) == Gone()
        assert await closed(browser) == (1000, "no such page")


@by_every_way
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"binary", 1003),
        ("not json", 1007),
        ('{"t":"nonsense"}', 1008),
        ('{"t":"ping"}', 1008),
        ("x" * 66_000, 1009),
        ("☕" * 30_000, 1009),
    ],
    ids=range(6),
)
async def test_P6_a_hostile_frame_closes_its_socket_with_a_reason(
    way: Open, shelf: Shelf, frame: str | bytes, code: int
) -> None:
    async with way(store(shelf)) as served:
        async with served.socket() as browser:
            await browser.send(frame)
            got, reason = await closed(browser)
            assert got == code
            assert reason
        async with served.socket() as browser:
            await shipped(await greeted(served, browser), browser)


@on_a_virtual_clock
async def test_P6_too_many_frames_are_cut_off(
    way: Open, shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with way(store(shelf)) as served, served.socket() as browser:
        await greeted(served, browser)
        frame = encode(FormSent(1, "Checkout.PaymentGiven", [("card", "4242")], to=9))
        with suppress(TransportClosed):
            for _ in range(61):
                await browser.send(frame)
        code, reason = await closed(browser)
        assert (code, reason) == (4429, "too many frames; slow down")
        assert shelf.count("charge") == 0


@by_every_way
async def test_a_stopping_server_says_bye_and_closes(way: Open, shelf: Shelf) -> None:
    async with way(store(shelf)) as served, served.socket() as browser:
        tab = await greeted(served, browser)
        await shipped(tab, browser)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(served.stop)
            while await next_message(tab, browser) != Bye():
                pass
            assert await closed(browser) == (1001, "the server is stopping")
        assert shelf.count("release") == 1
        assert (await served.get("/buy/tea")).status == 503


@on_a_virtual_clock
async def test_a_browser_that_answers_pings_stays(
    way: Open, shelf: Shelf, autojump_clock: trio.testing.MockClock
) -> None:
    async with way(store(shelf)) as served, served.socket() as browser:
        tab = await greeted(served, browser)
        with trio.move_on_after(8_000):
            while True:
                await next_message(tab, browser)
        assert shelf.count("release") == 0
        await shipped(tab, browser)


@on_a_virtual_clock
async def test_a_browser_that_says_nothing_any_more_is_noticed(
    way: Open,
    shelf: Shelf,
    autojump_clock: trio.testing.MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mute(monkeypatch)
    async with way(store(shelf)) as served, served.socket() as browser:
        await greeted(served, browser)
        await trio.sleep(49)
        assert shelf.count("release") == 0
        await trio.sleep(5)
        assert shelf.count("release") == 1


def mute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the websocket library of the tests' browsers from answering pings."""

    async def nothing(connection: object, event: object) -> None:
        await trio.lowlevel.checkpoint()

    monkeypatch.setattr("trio_websocket.WebSocketConnection._handle_ping_event", nothing)


@by_every_way
async def test_P7_a_fault_of_ours_ends_its_connection_only(
    way: Open, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with way(store(shelf)) as served:
        with faulty():
            async with served.socket() as browser:
                await greeted(served, browser)
                assert (await closed(browser))[0] in (1006, 1011)
        await until(lambda: "KeyError: 'fault'" in caplog.text)
        async with served.socket() as browser:
            await shipped(await greeted(served, browser), browser)


@contextmanager
def faulty() -> Iterator[None]:
    def fault(*args: object) -> object:
        raise KeyError("fault")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spindle.web.socket.session.Shown", fault)
        yield


@by_every_way
async def test_a_way_that_fails_to_ask_would_let_anybody_in(
    way: Open, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That each of them asks the one judge, and does as it says."""
    monkeypatch.setattr(Front, "refuse_socket", lambda front, request: None)
    async with way(store(shelf)) as served:
        assert await served.handshake(Origin="http://evil.example") == 101
