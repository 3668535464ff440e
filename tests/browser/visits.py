"""What visitors do in the shop, step by step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from examples.checkout.bank import TAKEN

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ADDRESS = {
    "Name": "Ada Smith",
    "Street and number": "Main St 1",
    "Postcode": "89073",
    "City": "Ulm",
}
AT_DELIVERY = "Where shall we send it?"
AT_PAYMENT = "How would you like to pay?"
SOLD_OUT = re.compile("is sold out$")
THANKS = re.compile("^Thank you")


def expect_heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def open_checkout(page: Page, url: str, sku: str = "sencha") -> None:
    page.goto(f"{url}/buy/{sku}")
    expect_heading(page, AT_DELIVERY)


def give_address(page: Page, **others: str) -> None:
    for label, text in {**ADDRESS, **others}.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Continue to payment").click()


def go_to_payment(page: Page, url: str, sku: str = "sencha") -> None:
    open_checkout(page, url, sku)
    give_address(page)
    expect_heading(page, AT_PAYMENT)


def pay(page: Page, card: str = TAKEN) -> None:
    page.get_by_label("Card number").fill(card)
    pay_button(page).click()


def pay_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Pay"))


def error_message(page: Page) -> Locator:
    """The messages that a screen reader says at once."""
    return page.get_by_role("alert")
