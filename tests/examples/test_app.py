"""The shop as a site, in memory: visitors without a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from examples.checkout.app import tea_shop
from examples.checkout.bank import REFUSED, TAKEN
from examples.checkout.contract import Checkout, Offer, Product
from examples.checkout.shop import SqliteShop, open_shop
from spindle.web import App, Limits, open_site
from spindle.web.memory import Visitor, visit
from spindle.web.site import Site

OFFERS = (
    Offer(Product("gyokuro", "Gyokuro", "Green tea", 2400), 1),
    Offer(Product("sencha", "Sencha", "Green tea", 1250), 8),
)
ADDRESS = {
    "shipping.name": "Ada Smith",
    "shipping.street": "Main St 1",
    "shipping.postcode": "89073",
    "shipping.city": "Ulm",
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SqliteShop]:
    with open_shop(tmp_path / "shop.db", OFFERS) as shop:
        yield shop


@pytest.fixture
def app(shop: SqliteShop) -> App:
    app = tea_shop(shop)
    app.limits = Limits(first_render=10)  # a busy machine shall not show the loading view
    return app


@pytest.fixture
async def site(app: App) -> AsyncIterator[Site]:
    async with open_site(app) as site:
        yield site


async def at_payment(site: Site, sku: str = "sencha") -> Visitor:
    visitor = await visit(site, f"/buy/{sku}")
    await visitor.connect()
    await visitor.submit(Checkout.ShippingGiven, ADDRESS)
    await visitor.shows("How would you like to pay?")
    return visitor


async def test_the_first_page_lists_the_teas(site: Site) -> None:
    visitor = await visit(site, "/")
    assert '<a href="/buy/gyokuro">Gyokuro</a>' in visitor.html
    assert visitor.title == "Steep & Co."


async def test_a_tea_that_is_not_sold_is_not_found(site: Site) -> None:
    visitor = await visit(site, "/buy/coffee")
    assert visitor.response.status == 404
    assert "This tea is not sold here." in visitor.response.body.decode()


async def test_Y1_a_purchase(site: Site) -> None:
    visitor = await at_payment(site)
    await visitor.submit(Checkout.PaymentGiven, {"card.number": TAKEN})
    await visitor.shows("Thank you")
    assert "card ending in 4242" in visitor.html


async def test_Y1_sold_out(site: Site) -> None:
    await at_payment(site, "gyokuro")
    assert "Gyokuro is sold out" in (await visit(site, "/buy/gyokuro")).html


async def test_Y3_the_second_of_two_payments_is_stale(site: Site) -> None:
    visitor = await at_payment(site)
    first = await visitor.submit(Checkout.PaymentGiven, {"card.number": REFUSED})
    second = await visitor.submit(Checkout.PaymentGiven, {"card.number": REFUSED})
    assert (await visitor.settled(first)).settlement == "handled"
    settled = await visitor.settled(second)
    assert (settled.settlement, "stale" in settled.reason) == ("refused", True)
    await visitor.shows("The bank refused this card")


async def test_Y11_a_forged_price_is_refused_and_the_total_unchanged(site: Site) -> None:
    visitor = await at_payment(site)
    forged = await visitor.submit(
        Checkout.PaymentGiven, {"card.number": TAKEN, "price": "1", "product.price": "1"}
    )
    assert (await visitor.settled(forged)).settlement == "refused"
    assert "Pay €12.50" in visitor.html
    await visitor.submit(Checkout.PaymentGiven, {"card.number": TAKEN})
    await visitor.shows("€12.50, card ending in 4242")


async def test_C3_every_wrong_field_has_its_message(site: Site) -> None:
    visitor = await visit(site, "/buy/sencha")
    await visitor.connect()
    wrong = {**ADDRESS, "shipping.street": "  ", "shipping.postcode": "Ulm"}
    sent = await visitor.submit(Checkout.ShippingGiven, wrong)
    assert (await visitor.settled(sent)).settlement == "refused"
    await visitor.shows("Enter a street and a house number.")
    assert "Enter five digits." in visitor.html
    assert visitor.html.count('aria-invalid="true"') == 2


async def test_P3_a_reload_puts_back_what_the_old_page_held(site: Site) -> None:
    visitor = await at_payment(site, "gyokuro")
    again = await visitor.reload()
    assert "Where shall we send it?" in again.html
