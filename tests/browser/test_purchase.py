"""Buying tea, as a visitor does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from examples.checkout.bank import REFUSED
from tests.browser.frames import Frames
from tests.browser.visits import (
    AT_DELIVERY,
    AT_PAYMENT,
    SOLD_OUT,
    THANKS,
    error_message,
    expect_heading,
    give_address,
    go_to_payment,
    open_checkout,
    pay,
    pay_button,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.shop import ObservedShop
    from tests.browser.thread import ServerThread


def test_Y1_a_visitor_buys_a_tea(visitor: Page, server: ServerThread, shop: ObservedShop) -> None:
    visitor.goto(server.url)
    visitor.get_by_role("link", name="Sencha").click()
    expect_heading(visitor, AT_DELIVERY)
    expect(visitor).to_have_title("Delivery")
    give_address(visitor)
    expect_heading(visitor, AT_PAYMENT)
    expect(visitor.get_by_role("region", name="Your order")).to_contain_text("€12.50")
    pay(visitor)
    expect_heading(visitor, THANKS)
    expect(visitor).to_have_title("Thank you")
    order = visitor.get_by_role("region", name="Your order")
    for text in ("Sencha", "Ada Smith", "89073 Ulm", "€12.50, card ending in 4242"):
        expect(order).to_contain_text(text)
    assert shop.count("orders") == 1
    visitor.get_by_role("link", name="Back to the shop").click()
    expect(visitor.get_by_role("listitem").filter(has_text="Sencha")).to_contain_text("7 in stock")


def test_Y1_the_last_one_is_sold_out_while_somebody_holds_it(
    new_visitor: NewVisitor, server: ServerThread
) -> None:
    first, second = new_visitor(), new_visitor()
    open_checkout(first, server.url, "gyokuro")
    second.goto(f"{server.url}/buy/gyokuro")
    expect_heading(second, SOLD_OUT)
    expect(second).to_have_title("Sold out")
    second.get_by_role("link", name="See the other teas").click()
    row = second.get_by_role("listitem").filter(has_text="Gyokuro")
    expect(row).to_contain_text("sold out")


def test_Y1_a_refused_card_is_said_and_another_one_taken(
    visitor: Page, server: ServerThread, shop: ObservedShop
) -> None:
    go_to_payment(visitor, server.url)
    pay(visitor, REFUSED)
    expect(error_message(visitor)).to_contain_text("The bank refused this card")
    expect_heading(visitor, AT_PAYMENT)
    expect(visitor.get_by_label("Card number")).to_have_value("")
    assert shop.count("orders") == 0
    pay(visitor)
    expect_heading(visitor, THANKS)
    expect(error_message(visitor)).to_be_empty()
    assert shop.count("orders") == 1


def test_Y3_the_second_click_of_a_double_click_on_pay_is_stale(
    visitor: Page, server: ServerThread, shop: ObservedShop
) -> None:
    frames = Frames(visitor)
    go_to_payment(visitor, server.url)
    server.call(shop.hold, "place")  # both clicks are for the same form, however fast the bank is
    visitor.get_by_label("Card number").fill(REFUSED)
    pay_button(visitor).dblclick()
    frames.wait_for("settled", 2)
    server.call(shop.let_go, "place")
    settled = frames.wait_for("settled", 3)[1:]
    expect(error_message(visitor)).to_contain_text("The bank refused this card")
    expect_heading(visitor, AT_PAYMENT)
    first, second = sorted(settled, key=lambda frame: frame["seq"])
    assert first["settlement"] == "handled"
    assert (second["settlement"], "stale" in second["reason"]) == ("refused", True)
    assert shop.calls.count("place") == 1


def test_Y3_a_double_click_pays_once(
    visitor: Page, server: ServerThread, shop: ObservedShop
) -> None:
    go_to_payment(visitor, server.url)
    visitor.get_by_label("Card number").fill("4242 4242 4242 4242")
    pay_button(visitor).dblclick()
    expect_heading(visitor, THANKS)
    expect(error_message(visitor)).to_be_empty()
    assert shop.count("orders") == 1


def test_C3_two_wrong_fields_say_so_beside_their_labels_and_the_rest_stays_typed(
    visitor: Page, server: ServerThread
) -> None:
    frames = Frames(visitor)
    open_checkout(visitor, server.url)
    give_address(visitor, **{"Street and number": " ", "Postcode": "8907"})
    wrong = {
        "Street and number": "Enter a street and a house number.",
        "Postcode": "Enter five digits.",
    }
    for label, message in wrong.items():
        field = visitor.get_by_label(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(message)
        caption = visitor.locator(".caption").filter(has_text=label)
        expect(caption).to_contain_text(message)
    expect(visitor.locator("[aria-invalid]")).to_have_count(2)
    expect(visitor.get_by_label("Street and number")).to_be_focused()
    for label, text in {"Name": "Ada Smith", "Postcode": "8907", "City": "Ulm"}.items():
        expect(visitor.get_by_label(label)).to_have_value(text)
    expect_heading(visitor, AT_DELIVERY)
    (settled,) = frames.wait_for("settled", 1)
    assert settled["settlement"] == "refused"
    assert re.search(r"at shipping.street: .* at shipping.postcode: ", settled["reason"])


def test_C3_corrected_fields_are_taken_and_their_messages_go(
    visitor: Page, server: ServerThread
) -> None:
    open_checkout(visitor, server.url)
    give_address(visitor, City="")
    expect(visitor.get_by_label("City")).to_have_attribute("aria-invalid", "true")
    visitor.get_by_label("City").fill("Ulm")
    visitor.get_by_label("City").press("Enter")
    expect_heading(visitor, AT_PAYMENT)
    expect(error_message(visitor)).to_be_empty()
    expect(visitor.locator("[aria-invalid]")).to_have_count(0)


def test_Y11_an_event_with_a_price_in_it_is_refused(
    visitor: Page, server: ServerThread, shop: ObservedShop, caplog: pytest.LogCaptureFixture
) -> None:
    go_to_payment(visitor, server.url)
    visitor.locator("form").evaluate(
        """form => {
            const price = document.createElement("input")
            Object.assign(price, {type: "hidden", name: "price", value: "1"})
            form.append(price)
        }"""
    )
    pay(visitor)
    expect(error_message(visitor)).not_to_be_empty()
    expect_heading(visitor, AT_PAYMENT)
    (said,) = caplog.messages
    assert "its form sent 'card.number', 'price'" in said
    caplog.clear()
    assert shop.count("orders") == 0
