"""A page on which several spindles run, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.thread import serving
from tests.web.test_several import shop_app

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_F1_N3_the_order_appears_while_the_search_answers_keystrokes(
    visitor: Page, quiet_server: None
) -> None:
    with serving(shop_app()) as server:
        visitor.goto(server.url)
        body, query = visitor.locator("body"), visitor.locator("[name=query]")
        visitor.get_by_role("button", name="tea").click()
        card = visitor.locator("[name=card]")
        expect(card).to_be_visible()
        query.press_sequentially("te")
        expect(body).to_contain_text("Results for (te)")
        card.fill("visa")
        query.press("End")
        query.press_sequentially("a")
        expect(body).to_contain_text("Results for (tea)")
        expect(card).to_have_value("visa")
        card.press("Enter")
        expect(body).to_contain_text("tea paid with visa")
        query.press("End")
        query.press_sequentially("pot")
        expect(body).to_contain_text("Results for (teapot)")
        expect(body).to_contain_text("tea paid with visa")
        visitor.goto("about:blank")
