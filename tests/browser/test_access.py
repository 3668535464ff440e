"""The shop for everyone: by keyboard alone, without a violation, on a narrow and a wide screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from playwright.sync_api import expect

from examples.checkout.bank import REFUSED, TAKEN
from tests.browser.keyboard import tab_to
from tests.browser.states import SCREENS, States
from tests.browser.visits import (
    ADDRESS,
    AT_DELIVERY,
    AT_PAYMENT,
    SOLD_OUT,
    THANKS,
    error_message,
    expect_heading,
    give_address,
    pay,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.shop import ObservedShop
    from tests.browser.thread import ServerThread


def test_P9_a_purchase_by_keyboard_alone(visitor: Page, server: ServerThread) -> None:
    keys = visitor.keyboard
    visitor.goto(server.url)
    tab_to(visitor, "Sencha")
    keys.press("Enter")

    expect_heading(visitor, AT_DELIVERY)
    tab_to(visitor, "Name")
    keys.press("Tab")  # leaves the name empty
    for text in list(ADDRESS.values())[1:]:
        keys.type(text)
        keys.press("Tab")
    keys.press("Enter")
    expect(visitor.get_by_label("Name")).to_be_focused()  # the first field that is wrong
    expect(visitor.get_by_label("Name")).to_have_accessible_description(
        "Enter the name on your door."
    )
    keys.type(ADDRESS["Name"])
    keys.press("Enter")

    expect_heading(visitor, AT_PAYMENT)
    expect(visitor.get_by_role("heading", level=1)).to_be_focused()
    tab_to(visitor, "Card number")
    keys.type(REFUSED)
    keys.press("Enter")
    expect(error_message(visitor)).to_contain_text("The bank refused this card")
    expect(visitor.get_by_role("heading", level=1)).to_be_focused()
    tab_to(visitor, "Card number")
    keys.type(TAKEN)
    keys.press("Tab")
    expect(visitor.get_by_role("button", name="Pay €12.50")).to_be_focused()
    keys.press("Space")
    expect_heading(visitor, THANKS)
    expect(visitor.get_by_role("heading", level=1)).to_be_focused()
    tab_to(visitor, "Back to the shop")
    keys.press("Enter")
    expect_heading(visitor, "Loose leaf tea")


@SCREENS
def test_P9_every_state_is_without_violation_and_fits_the_screen(
    new_visitor: NewVisitor,
    server: ServerThread,
    shop: ObservedShop,
    width: int,
    colours: Literal["light", "dark"],
) -> None:
    visitor = new_visitor(
        viewport={"width": width, "height": 800}, color_scheme=colours, reduced_motion="reduce"
    )
    states = States(visitor, f"{width}-{colours}")

    visitor.goto(server.url)
    states.check("1-teas", "Loose leaf tea")

    server.call(shop.hold, "reserve")
    visitor.goto(f"{server.url}/buy/gyokuro")
    states.check("2-loading", "One moment")
    server.call(shop.let_go, "reserve")
    states.check("3-delivery", AT_DELIVERY)
    give_address(visitor, **{"Street and number": "", "Postcode": "8907"})
    expect(visitor.locator("[aria-invalid]")).to_have_count(2)
    states.check("4-two-wrong-fields", AT_DELIVERY)
    give_address(visitor)
    states.check("5-payment", AT_PAYMENT)
    pay(visitor, REFUSED)
    expect(error_message(visitor)).not_to_be_empty()
    states.check("6-refused-card", AT_PAYMENT)
    pay(visitor)
    states.check("7-thanks", THANKS)
    visitor.goto(f"{server.url}/buy/gyokuro")
    states.check("8-sold-out", SOLD_OUT)
