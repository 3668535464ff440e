"""What visitors do in the store, step by step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from examples.checkout.bank import TAKEN
from tests.browser.visits import ADDRESS, AT_DELIVERY, AT_PAYMENT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def open_store(page: Page, url: str) -> None:
    page.goto(url)
    expect(names(page)).to_have_count(36)


def names(page: Page) -> Locator:
    """The headings of the teas found."""
    return page.get_by_role("list", name="Teas found").get_by_role("heading")


def count(page: Page) -> Locator:
    """What the dashboard says of the teas."""
    return page.locator(".glance").get_by_role("status")


def cart(page: Page) -> Locator:
    return page.get_by_role("region", name="Your cart")


def purchase(page: Page) -> Locator:
    return page.get_by_role("region", name="Your purchase")


def step(page: Page) -> Locator:
    """The heading of the purchase."""
    return purchase(page).get_by_role("heading")


def search_for(page: Page, words: str) -> None:
    page.get_by_role("searchbox").press_sequentially(words)


def buy(page: Page, tea: str) -> None:
    page.get_by_role("button", name=f"Buy {tea}", exact=True).first.click()
    expect(step(page)).to_have_text(AT_DELIVERY)


def give_address(page: Page) -> None:
    for label, text in ADDRESS.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Continue to payment").click()
    expect(step(page)).to_have_text(AT_PAYMENT)


def pay(page: Page, card: str = TAKEN) -> None:
    page.get_by_label("Card number").fill(card)
    page.get_by_role("button", name=re.compile("^Pay")).click()
