"""The store for everyone: by keyboard alone, without a violation, on a narrow and a wide screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from examples.checkout.bank import REFUSED, TAKEN
from tests.browser.keyboard import tab_to
from tests.browser.states import SCREENS, keep_picture
from tests.browser.store.visits import (
    buy,
    cart,
    count,
    give_address,
    names,
    open_store,
    pay,
    search_for,
    step,
)
from tests.browser.visits import ADDRESS, AT_DELIVERY, AT_PAYMENT, THANKS, error_message

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.thread import ServerThread


def test_P9_a_purchase_by_keyboard_alone(visitor: Page, server: ServerThread) -> None:
    keys = visitor.keyboard
    visitor.goto(server.url)
    tab_to(visitor, "Search")
    keys.type("jungpana")
    expect(names(visitor).first).to_have_text(re.compile("^Jungpana"))
    keys.press("Enter")  # sends the same words once more, and goes nowhere
    keys.press("Tab")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(visitor.get_by_label("Green", exact=True)).to_be_checked()
    expect(names(visitor).first).to_have_text("Jungpana Spring Leaf")
    keys.press("Enter")  # nor does a filter
    tab_to(visitor, "Buy")
    keys.press("Enter")

    expect(step(visitor)).to_have_text(AT_DELIVERY)
    expect(step(visitor)).to_be_focused()
    tab_to(visitor, "Name")
    for text in ADDRESS.values():
        keys.type(text)
        keys.press("Tab")
    keys.press("Enter")
    expect(step(visitor)).to_have_text(AT_PAYMENT)
    expect(step(visitor)).to_be_focused()
    tab_to(visitor, "Card number")
    keys.type(TAKEN)
    keys.press("Tab")
    keys.press("Space")
    expect(step(visitor)).to_have_text(THANKS)
    expect(step(visitor)).to_be_focused()
    assert visitor.url == f"{server.url}/"


@SCREENS
def test_P9_every_state_is_without_violation_and_fits_the_screen(
    new_visitor: NewVisitor,
    server: ServerThread,
    width: int,
    colours: Literal["light", "dark"],
) -> None:
    visitor = new_visitor(
        viewport={"width": width, "height": 800}, color_scheme=colours, reduced_motion="reduce"
    )

    def check(state: str) -> None:
        keep_picture(visitor, f"store-{state}-{width}-{colours}")
        found = Axe().run(visitor)
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"

    open_store(visitor, server.url)
    check("1-teas")
    search_for(visitor, "honey")
    visitor.get_by_label("Green", exact=True).check()
    expect(count(visitor)).to_contain_text("173 teas")
    for tea in ("Behora Powdered Leaf", "Halmari Shaded Leaf"):
        visitor.get_by_role("button", name=f"Add {tea} to the cart").first.click()
    expect(cart(visitor)).to_contain_text("€21.20 more")
    check("2-cart")
    buy(visitor, "Behora Spring Leaf")
    check("3-delivery")
    visitor.get_by_role("button", name="Continue to payment").click()
    expect(visitor.locator("[aria-invalid]")).to_have_count(4)
    check("4-wrong-fields")
    give_address(visitor)
    check("5-payment")
    pay(visitor)
    expect(step(visitor)).to_have_text(THANKS)
    check("6-thanks")
    visitor.get_by_role("searchbox").fill("coffee")
    expect(visitor.get_by_text("Nothing fits.")).to_be_visible()
    check("7-nothing")
    cart(visitor).get_by_role("button", name="Buy all").click()
    expect(step(visitor)).to_have_text(AT_DELIVERY)
    give_address(visitor)
    pay(visitor, REFUSED)
    expect(error_message(visitor)).not_to_be_empty()
    check("8-refused-card")
