"""The checkout as a page on trio, with the real backend: as a task, and hosted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from examples.checkout.bank import REFUSED, TAKEN
from examples.checkout.contract import (
    Address,
    Card,
    Checkout,
    Offer,
    Order,
    Product,
    SoldOut,
    Store,
)
from examples.checkout.ports import Catalog, Inventory, Orders
from examples.checkout.shop import SqliteShop, open_shop
from examples.checkout.spindle import checkout
from spindle import Completed, PageMachine, Sent, Settlement, Yielded, open_page
from tests.drivers import HOSTED

LAST = Product("gyokuro", "Gyokuro", "Green tea", 2400)
HOME = Address("Ada Smith", "Main St 1", "89073", "Ulm")

pytestmark = HOSTED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def shop(path: Path) -> Iterator[SqliteShop]:
    with open_shop(path, [Offer(LAST, 1)]) as shop:
        yield shop


def provide(shop: SqliteShop) -> dict[type, object]:
    return {Catalog: shop, Inventory: shop, Orders: shop}


async def left(shop: SqliteShop) -> int:
    (offer,) = await shop.offers()
    return offer.left


async def said(page: PageMachine) -> Sent:
    _, message = await page.outbox.receive()
    return message


async def at_payment(page: PageMachine) -> None:
    page.start(Checkout, checkout, LAST)
    assert await said(page) == Yielded(Checkout.AskShipping(LAST))
    page.resume(Checkout.ShippingGiven(HOME))
    assert await said(page) == Yielded(Checkout.AskPayment(LAST, HOME))


async def test_Y1_a_purchase_from_reservation_to_order(shop: SqliteShop, hosted: bool) -> None:
    async with open_page(Store, provide=provide(shop), hosted=hosted) as page:
        await at_payment(page)
        assert await left(shop) == 0
        receipt = page.resume(Checkout.PaymentGiven(Card(TAKEN)))
        assert await said(page) == Completed(Order(1, LAST, HOME, "4242"))
        assert await receipt.settled() is Settlement.HANDLED
        await page.wait()
    assert await left(shop) == 0


async def test_Y1_sold_out_while_another_visitor_decides(shop: SqliteShop, hosted: bool) -> None:
    async with (
        open_page(Store, provide=provide(shop), hosted=hosted) as first,
        open_page(Store, provide=provide(shop), hosted=hosted) as second,
    ):
        await at_payment(first)
        second.start(Checkout, checkout, LAST)
        assert await said(second) == Completed(SoldOut(LAST))


async def test_Y3_a_double_click_after_a_refusal_is_stale(shop: SqliteShop, hosted: bool) -> None:
    async with open_page(Store, provide=provide(shop), hosted=hosted) as page:
        await at_payment(page)
        ((source, _),) = page.pending()
        refused = Checkout.PaymentGiven(Card(REFUSED))
        first = page.resume(refused, yield_id=source.yield_id)
        second = page.resume(refused, yield_id=source.yield_id)
        assert await first.settled() is Settlement.HANDLED
        assert await second.settled() is Settlement.REFUSED
        assert "stale" in second.reason
        ((asked_again, ask),) = page.pending()
        assert ask == Checkout.AskPayment(LAST, HOME)
        assert asked_again.yield_id != source.yield_id


async def test_E8_a_page_left_at_payment_puts_the_unit_back(shop: SqliteShop, hosted: bool) -> None:
    async with open_page(Store, provide=provide(shop), hosted=hosted) as page:
        await at_payment(page)
        await page.cancel("tab closed")
        assert await left(shop) == 1
    async with open_page(Store, provide=provide(shop), hosted=hosted) as page:
        await at_payment(page)


async def test_E8_a_page_left_while_it_reserves_puts_the_unit_back(
    path: Path, shop: SqliteShop, hosted: bool
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        async with (
            open_page(Store, provide=provide(shop), hosted=hosted) as page,
            trio.open_nursery() as nursery,
        ):
            other.execute("BEGIN IMMEDIATE")
            page.start(Checkout, checkout, LAST)
            await wait_all_tasks_blocked()
            nursery.start_soon(page.cancel, "tab closed")
            await wait_all_tasks_blocked()
            other.execute("COMMIT")
    assert await left(shop) == 1
