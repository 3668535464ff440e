"""Answers and outcomes over the socket: to one yield, to the typed handlers of the view."""

from __future__ import annotations

import trio
from msgspec import Raw

from spindle import PageMachine
from spindle.web import Request, open_site
from spindle.web.socket.protocol import EventSent
from tests.web.store import PAYMENT, Checkout, Shelf, Store, StoreView, checkout, store
from tests.web.visitors import at_payment, connected


async def test_Y2_an_event_with_or_without_the_id_resumes_just_that_yield(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        home = Raw(b'{"shipping":{"street":"Main St 1","city":"Ulm"}}')
        await visitor.send(EventSent(1, "Checkout.ShippingGiven", home))
        assert (await visitor.settled(1)).settlement == "handled"
        card = Raw(b'{"card":"visa"}')
        await visitor.send(EventSent(2, "Checkout.PaymentGiven", card, to=1))
        assert (await visitor.settled(2)).settlement == "refused"
        assert shelf.count("charge") == 0
        await visitor.send(EventSent(3, "Checkout.PaymentGiven", card, to=2))
        assert (await visitor.settled(3)).settlement == "handled"
        assert "order-visa" in visitor.html


async def test_N6_the_view_is_given_the_typed_outcome(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await at_payment(site)
        await visitor.settled(await visitor.submit(Checkout.PaymentGiven, PAYMENT))
        assert "Order order-visa, paid 4" in visitor.html


async def test_N6_the_view_is_given_the_error_object(shelf: Shelf) -> None:
    async with open_site(store(shelf)) as site:
        visitor = await connected(site)
        settled = await visitor.settled(await visitor.click(Checkout.Crashed()))
        assert settled.settlement == "dead-lettered"
        assert "The checkout failed." in visitor.html
        assert "secret" not in visitor.html


async def test_N6_the_view_is_given_the_typed_reason(shelf: Shelf) -> None:
    app = store(shelf)
    closing = trio.Event()

    @app.page("/until-closing", Store, StoreView)
    async def mount(page: PageMachine, request: Request) -> None:
        page.start(Checkout, checkout, "tea")
        await closing.wait()
        await page.cancel("closing time")

    shelf.stock = 1
    async with open_site(app) as site:
        visitor = await connected(site, "/until-closing")
        await visitor.settle()
        closing.set()
        await visitor.shows("Cancelled: closing time")
    assert shelf.stock == 1
