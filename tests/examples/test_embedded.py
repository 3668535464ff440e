"""The three programs that pages are embedded in: each a process of its own, visited over its port.

Slow, since each starts an interpreter and a server; only that shows how such a program begins and
ends.
"""

from __future__ import annotations

import signal
from contextlib import AbstractAsyncContextManager

import pytest
import trio
from trio_websocket import ConnectionClosed

from examples.checkout.bank import TAKEN
from examples.store.contract import Checkout, Search
from spindle.web.socket.protocol import Bye
from tests.examples.guest import Guest, get, handshake, websocket
from tests.examples.program import ROOT, Program, running

PROGRAMS = {"in_trio": "", "in_trio_websocket": "", "in_starlette": "/shop"}
"""The three, and what the pages are mounted at."""

SKU = "green-arya-spring-leaf"
HOME = {
    "shipping.name": "Ada Smith",
    "shipping.street": "Main St 1",
    "shipping.postcode": "89073",
    "shipping.city": "Ulm",
}

every_program = pytest.mark.parametrize("name", PROGRAMS)


def embedded(name: str) -> AbstractAsyncContextManager[Program]:
    """One of them, running."""
    return running(f"examples.embedded.{name}", PROGRAMS[name])


async def at_payment(guest: Guest) -> None:
    await guest.shows(SKU)
    assert await guest.click(Search.BuyPressed(SKU)) == "handled"
    await guest.shows("Where shall we send it?")
    assert await guest.submit(Checkout.ShippingGiven, HOME) == "handled"
    await guest.shows("How would you like to pay?")


@every_program
@pytest.mark.slow
async def test_a_visit_from_the_search_to_the_order(name: str) -> None:
    async with embedded(name) as program:
        guest = await Guest.load(f"{program.url}?q=arya+green")
        assert len(guest.assets) == 3
        for url in guest.assets:
            assert url.startswith(f"{program.url}spindle/")
            assert (await get(url)).status == 200
        async with guest.connected():
            await at_payment(guest)
            await guest.submit(Search.QueryTyped, {"query": "jungpana"})
            await guest.shows("Jungpana")
            assert await guest.submit(Checkout.PaymentGiven, {"card.number": TAKEN}) == "handled"
            await guest.shows("Thank you")
        assert guest.link("Steep &amp; Co.") == program.url
        await program.stop()


@every_program
@pytest.mark.slow
async def test_it_stops_in_order_while_a_visitor_is_there(name: str) -> None:
    async with embedded(name) as program:
        guest = await Guest.load(f"{program.url}?q=arya+green")
        async with guest.connected():
            await at_payment(guest)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(program.stop, signal.SIGINT)
                with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - sooner or later
                    while await guest.receive() != Bye():
                        pass
                    await guest.receive()
        assert closed.value.reason is not None
        assert closed.value.reason.code == 1001


@every_program
@pytest.mark.slow
async def test_P6_the_socket_is_for_pages_of_the_site_and_hosts_of_the_app_only(name: str) -> None:
    async with embedded(name) as program:
        guest = await Guest.load(program.url)
        for origin in ("http://evil.example", "null", f"{guest.origin}0", "https://127.0.0.1"):
            assert await handshake(guest.socket, origin) == 403
        assert await handshake(guest.socket, guest.origin) == 101
        assert (await get(program.url, Host="evil.example")).status == 421
        await program.stop()


@pytest.mark.slow
async def test_the_trio_program_goes_on_with_its_own_work() -> None:
    async with embedded("in_trio") as program:
        guest = await Guest.load(f"{program.url}?q=arya+green")
        async with guest.connected():
            await program.says("at work for 1 s")
            await at_payment(guest)
        await program.stop()
        assert program.said.endswith("done\n")


@pytest.mark.slow
async def test_the_websocket_server_keeps_its_own_route() -> None:
    async with embedded("in_trio_websocket") as program:
        guest = await Guest.load(program.url)
        assert guest.socket == f"{program.websockets}/shop"
        assert f"connect-src 'self' {program.websockets}".lower() in guest.answer.head
        async with guest.connected(), websocket(f"{program.websockets}/", "null") as clock:
            assert "it is" in str(await clock.get_message())
        await program.stop()


@pytest.mark.slow
async def test_the_starlette_app_keeps_its_own_pages() -> None:
    async with embedded("in_starlette") as program:
        home = await get(f"{program.server}/")
        assert "Welcome" in home.text
        assert (await get(f"{program.server}/shop")).status == 307
        assert (await get(f"{program.server}/buy/sencha")).status == 404
        assert (await get(f"{program.server}/spindle/socket")).status == 404
        await program.stop()


@every_program
def test_each_program_is_at_most_forty_lines(name: str) -> None:
    text = (ROOT / f"examples/embedded/{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40


@pytest.mark.parametrize("name", [*PROGRAMS, "shared"])
def test_the_documentation_shows_each_program_as_it_is(name: str) -> None:
    text = (ROOT / f"examples/embedded/{name}.py").read_text(encoding="utf-8")
    assert f"```python\n{text}```" in (ROOT / "docs/embedding.md").read_text(encoding="utf-8")
