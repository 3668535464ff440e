"""The checkout's conversations, by hand: no event loop, no database, no browser."""

from __future__ import annotations

from typing import Any

import pytest

from examples.checkout.contract import (
    Address,
    Card,
    Checkout,
    Listing,
    Offer,
    Order,
    Product,
    SoldOut,
)
from examples.checkout.ports import Catalog, Inventory, Orders, Refusal, Reservation
from examples.checkout.spindle import checkout, listing
from spindle import Cancelled, Completed, Coroutine, Errored, Suspended
from spindle.testing import Fake, Transcript

SENCHA = Product("sencha", "Sencha", "Green tea", 1250)
HOME = Address("Ada Smith", "Main St 1", "89073", "Ulm")
GOOD, BAD = Card("4242424242424242"), Card("4000000000000002")
HELD = Reservation(1, SENCHA)
ORDER = Order(7, SENCHA, HOME, "4242")

SHIPPING, PAYMENT = Checkout.ShippingGiven(HOME), Checkout.PaymentGiven(GOOD)


class Backend:
    """A fake of each port, and what was asked of them."""

    def __init__(self, *, reserved: Reservation | None = HELD) -> None:
        self.inventory = (
            Fake(Inventory)
            .when(Inventory.reserve)
            .returns(reserved)
            .when(Inventory.release)
            .returns(None)
        )
        self.orders = Fake(Orders)

    @property
    def provide(self) -> dict[type, object]:
        return {Inventory: self.inventory, Orders: self.orders}

    @property
    def calls(self) -> list[str]:
        return [name for fake in (self.inventory, self.orders) for name, _ in fake.calls]


def test_Y1_reserve_ask_shipping_ask_payment_place_the_order() -> None:
    backend = Backend()
    backend.orders.when(Orders.place).returns(ORDER)
    fiber = Coroutine(checkout, SENCHA, provide=backend.provide)
    assert fiber.run() == Suspended(Checkout.AskShipping(SENCHA))
    assert fiber.run(SHIPPING) == Suspended(Checkout.AskPayment(SENCHA, HOME))
    assert fiber.run(PAYMENT) == Completed(ORDER)
    assert backend.orders.calls == [("place", (HELD, HOME, GOOD))]


def test_Y1_sold_out() -> None:
    backend = Backend(reserved=None)
    run = Transcript(checkout, SENCHA, provide=backend.provide)
    assert run.result == SoldOut(SENCHA)
    assert backend.calls == ["reserve"]


def test_Y1_a_refused_card_is_told_and_another_one_asked_for() -> None:
    backend = Backend()
    backend.orders.when(Orders.place).returns(Refusal("no money"), ORDER)
    run = Transcript(checkout, SENCHA, provide=backend.provide)
    run.expect(Checkout.AskShipping(SENCHA)).answer(SHIPPING)
    run.expect(Checkout.AskPayment(SENCHA, HOME)).answer(Checkout.PaymentGiven(BAD))
    run.expect_notified(Checkout.CardRefused("no money"))
    run.expect(Checkout.AskPayment(SENCHA, HOME)).answer(PAYMENT)
    assert run.result == ORDER
    assert [args[2] for _, args in backend.orders.calls] == [BAD, GOOD]


@pytest.mark.parametrize("answers", [(), (SHIPPING,)], ids=["shipping", "payment"])
def test_E8_a_cancel_at_any_question_puts_the_unit_back(answers: tuple[Any, ...]) -> None:
    backend = Backend()
    fiber = Coroutine(checkout, SENCHA, provide=backend.provide)
    fiber.run()
    for answer in answers:
        fiber.run(answer)
    assert fiber.cancel("tab closed") == Cancelled("tab closed")
    assert backend.inventory.calls == [("reserve", (SENCHA,)), ("release", (HELD,))]


def test_E8_a_fault_of_the_backend_puts_the_unit_back() -> None:
    backend = Backend()
    lost = ConnectionError("the bank does not answer")
    backend.orders.when(Orders.place).raises(lost)
    fiber = Coroutine(checkout, SENCHA, provide=backend.provide)
    fiber.run()
    fiber.run(SHIPPING)
    assert fiber.run(PAYMENT) == Errored(lost)
    assert backend.calls == ["reserve", "release", "place"]


def test_the_listing_shows_what_there_is() -> None:
    offers = (Offer(SENCHA, 3),)
    catalog = Fake(Catalog).when(Catalog.offers).returns(offers)
    fiber = Coroutine(listing, provide={Catalog: catalog})
    assert fiber.run() == Completed(None)
    assert fiber.notified == (Listing.Shown(offers),)


def test_a_recorded_conversation_does_not_show_the_card() -> None:
    backend = Backend()
    backend.orders.when(Orders.place).returns(ORDER)
    run = Transcript(checkout, SENCHA, provide=backend.provide)
    run.expect(Checkout.AskShipping(SENCHA)).answer(SHIPPING)
    run.expect(Checkout.AskPayment(SENCHA, HOME)).answer(PAYMENT)
    assert "PaymentGiven" in run.conversation
    assert GOOD.number not in run.conversation
