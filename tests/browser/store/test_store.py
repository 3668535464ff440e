"""The store in a browser: whatever a visitor does, nothing waits for anything else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from examples.checkout.bank import REFUSED
from tests.browser.logs import expected_in_the_log
from tests.browser.store.visits import (
    buy,
    cart,
    count,
    give_address,
    names,
    open_store,
    pay,
    purchase,
    search_for,
    step,
)
from tests.browser.visits import AT_PAYMENT, THANKS, error_message

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewVisitor
    from tests.browser.store.observed import ObservedStore
    from tests.browser.thread import ServerThread

RARE = "Kirishima Powdered Rare"


def test_results_follow_each_key(visitor: Page, server: ServerThread) -> None:
    open_store(visitor, server.url)
    search_for(visitor, "kirishima pow")
    expect(names(visitor).first).to_have_text(re.compile("^Kirishima Powdered"))
    visitor.get_by_label("Price").select_option("up to €5")
    expect(names(visitor)).to_have_count(1)
    visitor.get_by_label("Black", exact=True).check()
    expect(visitor.get_by_text("Nothing fits.")).to_be_visible()
    expect(visitor.get_by_role("searchbox")).to_have_value("kirishima pow")


def test_N3_F1_the_summary_appears_while_search_answers_keystrokes(
    visitor: Page, server: ServerThread, store: ObservedStore
) -> None:
    """The bank is held open meanwhile; then a search is, and the purchase does not wait for it."""
    open_store(visitor, server.url)
    buy(visitor, "Arya Golden Tips Broken Leaf")
    give_address(visitor)
    server.call(store.hold, "place")
    pay(visitor)
    server.wait(store.asked, "place")
    search_for(visitor, "jungp")
    expect(names(visitor).first).to_have_text(re.compile("^Jungpana"))
    expect(step(visitor)).to_have_text(AT_PAYMENT)

    server.call(store.hold, "search")
    search_for(visitor, "ana r")
    server.call(store.let_go, "place")
    expect(step(visitor)).to_have_text(THANKS)
    expect(purchase(visitor)).to_contain_text("Arya Golden Tips Broken Leaf")
    expect(names(visitor).first).to_have_text(re.compile("^Jungpana"))

    server.call(store.let_go, "search")
    expect(names(visitor).first).to_have_text(re.compile("^Jungpana R"))


def test_F2_a_second_purchase_replaces_the_first(
    visitor: Page, server: ServerThread, store: ObservedStore
) -> None:
    open_store(visitor, server.url)
    buy(visitor, "Arya Golden Tips Broken Leaf")
    give_address(visitor)
    buy(visitor, "Castleton Autumnal Broken Leaf")
    expect(purchase(visitor)).to_contain_text("Castleton Autumnal Broken Leaf")
    server.wait(store.called, "release")
    assert store.count("reserved") == 1


def test_the_cart_is_bought_as_a_whole(
    visitor: Page, server: ServerThread, store: ObservedStore
) -> None:
    open_store(visitor, server.url)
    for tea in ("Arya Golden Tips Broken Leaf", "Castleton Autumnal Broken Leaf"):
        visitor.get_by_role("button", name=f"Add {tea} to the cart").first.click()
    expect(visitor.get_by_role("link", name="Cart: €5.80")).to_be_visible()
    expect(cart(visitor)).to_contain_text("€24.20 more, and delivery is free.")
    cart(visitor).get_by_role("button", name="Buy all for €9.70").click()
    give_address(visitor)
    pay(visitor, REFUSED)
    expect(error_message(visitor)).to_contain_text("The bank refused this card")
    pay(visitor)
    expect(step(visitor)).to_have_text(THANKS)
    expect(cart(visitor)).to_contain_text("It is empty.")
    assert store.count("sold") == 2


def test_A2_the_dashboard_counts_again_when_asked(
    new_visitor: NewVisitor, server: ServerThread
) -> None:
    first, second = new_visitor(), new_visitor()
    for visitor in (first, second):
        open_store(visitor, server.url)
        search_for(visitor, RARE)
        expect(count(visitor)).to_have_text(re.compile("^1 tea, €[0-9.]+; 1 bag on the shelf$"))
    buy(first, RARE)
    second.get_by_role("button", name="Count the shelves again").click()
    expect(count(second)).to_have_text(re.compile("0 bags on the shelf"))
    second.get_by_role("button", name=f"Buy {RARE}", exact=True).click()
    expect(error_message(second)).to_contain_text(f"{RARE} is sold out. Somebody was faster.")


def test_E8_a_tab_that_closes_puts_everything_back(
    new_visitor: NewVisitor, server: ServerThread, store: ObservedStore
) -> None:
    first, second = new_visitor(), new_visitor()
    open_store(first, server.url)
    search_for(first, RARE)
    buy(first, RARE)
    give_address(first)
    first.close()
    server.wait(store.called, "release")
    assert store.count("reserved") == 0
    open_store(second, server.url)
    search_for(second, RARE)
    buy(second, RARE)


def test_E1_a_failure_is_shown_as_a_message_and_hurts_nothing_else(
    visitor: Page, server: ServerThread, store: ObservedStore
) -> None:
    open_store(visitor, server.url)
    buy(visitor, "Arya Golden Tips Broken Leaf")
    give_address(visitor)
    store.fails.add("place")
    with expected_in_the_log(ConnectionError):
        pay(visitor)
        expect(error_message(visitor)).to_contain_text("The purchase failed. Nothing was charged.")
    expect(purchase(visitor)).to_have_count(0)
    assert store.count("reserved") == 0
    buy(visitor, "Castleton Autumnal Broken Leaf")


def test_E3_a_search_that_fails_is_told_and_tried_again(
    visitor: Page, server: ServerThread, store: ObservedStore
) -> None:
    open_store(visitor, server.url)
    with expected_in_the_log(ConnectionError):
        store.fails.add("search")
        visitor.get_by_role("searchbox").fill("jungpana")
        expect(error_message(visitor)).to_contain_text("The search failed.")
        store.fails.clear()
    expect(names(visitor).first).to_have_text(re.compile("^Jungpana"))
