"""The conversation the project begins with, under every driver."""

from __future__ import annotations

from spindle import Settlement, open_page, use
from tests.drivers import Stage, under
from tests.store import (
    PAYMENT,
    SHIPPING,
    TEA,
    Bank,
    Checkout,
    Inventory,
    Order,
    Orders,
    Stock,
    Store,
    checkout,
)

ASKS_SHIPPING = "Checkout asks AskShipping(product=Product(sku='tea', price=4)) #1"
ASKS_PAYMENT = "Checkout asks AskPayment(total=4) #2"


@under("hand", "hosted", "task", contract=Store)
async def test_Y1_an_order_is_placed(page: Stage) -> None:
    stock, bank = Stock(tea=1), Bank()
    handle = page.start(Checkout, checkout, TEA, provide={Inventory: stock, Orders: bank})
    assert await page.hears() == [ASKS_SHIPPING]
    page.resume(SHIPPING)
    assert await page.hears() == [ASKS_PAYMENT]
    receipt = page.resume(PAYMENT)
    assert await page.hears() == ["Checkout returned Order(id='o1')"]
    assert receipt.settlement is Settlement.HANDLED
    assert type(handle.outcome.value).__name__ == "Order"
    assert (stock.units, stock.log, bank.charged) == ({"tea": 0}, ["reserve tea"], [4])


@under("hand", "hosted", "task", contract=Store)
async def test_Y1_nothing_is_left_to_sell(page: Stage) -> None:
    stock, bank = Stock(tea=0), Bank()
    page.start(Checkout, checkout, TEA, provide={Inventory: stock, Orders: bank})
    assert await page.hears() == ["Checkout returned SoldOut(sku='tea')"]
    assert (stock.log, bank.charged) == (["reserve tea"], [])


@under("hand", "hosted", "task", contract=Store)
async def test_Y1_a_refused_card_gives_the_unit_back(page: Stage) -> None:
    stock, bank = Stock(tea=1), Bank("tok")
    page.start(Checkout, checkout, TEA, provide={Inventory: stock, Orders: bank})
    await page.settle()
    page.resume(SHIPPING)
    await page.settle()
    page.resume(PAYMENT)
    assert (await page.hears())[-1] == "Checkout returned CardRefused(reason='not covered')"
    assert (stock.units, stock.log) == ({"tea": 1}, ["reserve tea", "release tea"])


@under("hand", "hosted", "task", contract=Store)
async def test_E8_leaving_at_payment_gives_the_unit_back_for_the_next_visitor(page: Stage) -> None:
    stock, bank = Stock(tea=1), Bank()
    given = {Inventory: stock, Orders: bank}
    page.start(Checkout, checkout, TEA, instance="first", provide=given)
    await page.settle()
    page.resume(SHIPPING, instance="first")
    page.start(Checkout, checkout, TEA, instance="early", provide=given)
    assert (await page.hears())[-1] == "Checkout[early] returned SoldOut(sku='tea')"
    assert stock.units == {"tea": 0}

    await page.cancel("the tab was closed")
    assert page.said() == [
        "Checkout[first] withdraws AskPayment(total=4) #2",
        "Checkout[first] was cancelled: the tab was closed (requested)",
    ]
    assert stock.units == {"tea": 1}
    assert stock.log == ["reserve tea", "reserve tea", "release tea"]
    assert bank.charged == []


@under("hosted", "task", contract=Store)
async def test_E8_the_second_visitors_page_can_buy_it(page: Stage) -> None:
    stock, bank = Stock(tea=1), Bank()
    given = {Inventory: stock, Orders: bank}
    page.start(Checkout, checkout, TEA, provide=given)
    await page.settle()
    page.resume(SHIPPING)
    await page.settle()
    async with open_page(Store, provide=given, hosted=page.driver == "hosted") as second:
        await page.cancel("the tab was closed")
        handle = second.start(Checkout, checkout, TEA)
        await page.settle()
        assert await second.resume(SHIPPING).settled() is Settlement.HANDLED
        assert await second.resume(PAYMENT).settled() is Settlement.HANDLED
        await second.wait()
        assert type(handle.outcome.value).__name__ == "Order"
    assert stock.units == {"tea": 0}


@under("hand", "hosted", "task", contract=Store)
async def test_Y3_the_second_of_two_clicks_is_stale_and_charges_nothing(page: Stage) -> None:
    bank = Bank("tok")

    async def insist() -> Order:
        orders = await use(Orders)
        while True:
            payment = (await Checkout.AskPayment(4)).payment
            outcome = await orders.place(TEA, SHIPPING.shipping, payment)
            if isinstance(outcome, Order):
                return outcome

    page.start(Checkout, insist, provide={Orders: bank})
    await page.settle()
    clicks = [page.resume(PAYMENT, yield_id=1) for _ in range(2)]
    await page.settle()
    assert clicks[0].settlement is Settlement.HANDLED
    assert clicks[1].settlement is Settlement.REFUSED
    assert clicks[1].reason.startswith("stale: yield 1 of")
    assert bank.charged == []
    assert [line.split("(")[0] for line in page.said()] == ["Checkout asks AskPayment"] * 2
