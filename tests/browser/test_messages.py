"""Messages to the visitor, and text that would like to be more than text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from examples.checkout.bank import REFUSED
from examples.checkout.contract import Offer, Product
from tests.browser.visits import (
    AT_DELIVERY,
    AT_PAYMENT,
    error_message,
    expect_heading,
    give_address,
    go_to_payment,
    open_checkout,
    pay,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.thread import ServerThread

HARMLESS = "Tea"
HOSTILE = "</h1><script>document.title = 'taken'</script><img src=x onerror=alert(1)>\"'&{}"


def product(sku: str, text: str) -> Offer:
    return Offer(Product(sku, text, text, 1250), 8)


@pytest.fixture
def offers() -> tuple[Offer, ...]:
    return (product("harmless", HARMLESS), product("sencha", HOSTILE))


def test_N7_a_message_is_in_a_live_region_that_was_there_before_it(
    visitor: Page, server: ServerThread
) -> None:
    go_to_payment(visitor, server.url)
    region = visitor.locator("#spindle-flash-error")
    expect(region).to_have_attribute("role", "alert")
    expect(region).to_be_empty()
    region.evaluate("it => { window.before = it }")
    pay(visitor, REFUSED)
    expect(region).to_contain_text("The bank refused this card")
    assert region.evaluate("it => it === window.before")


def test_N7_a_message_goes_when_it_is_dismissed(visitor: Page, server: ServerThread) -> None:
    go_to_payment(visitor, server.url)
    pay(visitor, REFUSED)
    dismiss = visitor.get_by_role("button", name=re.compile("^Dismiss: The bank refused"))
    dismiss.press("Enter")
    expect(error_message(visitor)).to_be_empty()
    expect_heading(visitor, AT_PAYMENT)
    expect(visitor.locator("#spindle :focus")).to_have_count(1)  # not lost to the top of the page


def test_N7_a_message_goes_with_the_next_thing_the_visitor_does(
    visitor: Page, server: ServerThread
) -> None:
    open_checkout(visitor, server.url)
    give_address(visitor, City="")
    expect(error_message(visitor)).to_contain_text("Check the fields")
    give_address(visitor)
    expect_heading(visitor, AT_PAYMENT)
    expect(error_message(visitor)).to_be_empty()


def test_N8_hostile_names_leave_the_structure_of_the_page_as_it_is(
    visitor: Page, server: ServerThread
) -> None:
    visitor.goto(server.url)
    rows = visitor.get_by_role("listitem")
    assert structure(visitor, "li:nth-child(1)") == structure(visitor, "li:nth-child(2)")
    expect(rows.filter(has_text=HOSTILE)).to_have_count(1)

    structures = []
    for sku in ("harmless", "sencha"):
        go_to_payment(visitor, server.url, sku)
        structures.append(structure(visitor, "#spindle"))
    assert structures[0] == structures[1]
    expect(visitor.get_by_role("region", name="Your order")).to_contain_text(HOSTILE)
    expect(visitor).to_have_title("Payment")


def test_N8_what_a_visitor_types_comes_back_as_text(visitor: Page, server: ServerThread) -> None:
    open_checkout(visitor, server.url, "harmless")
    expect_heading(visitor, AT_DELIVERY)
    typed = {"Name": HOSTILE[:80], "Street and number": "<b>1</b>", "City": "<!-- Ulm"}
    give_address(visitor, **typed)
    expect_heading(visitor, AT_PAYMENT)
    for text in typed.values():
        expect(visitor.get_by_role("definition").first).to_contain_text(text)
    expect(visitor.locator("#spindle b")).to_have_count(0)


def structure(page: Page, selector: str) -> object:
    """The names and attributes of all elements, nested as they are, without their texts."""
    return page.locator(selector).evaluate(
        """function outline(it) {
            const names = [...it.attributes].map((one) => one.name)
            return [it.localName, names, [...it.children].map(outline)]
        }"""
    )
