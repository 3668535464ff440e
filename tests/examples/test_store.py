"""The store's page, stepped by hand: no event loop, no database, no browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from examples.store.contract import (
    Basket,
    Cart,
    Checkout,
    Dashboard,
    Filters,
    Line,
    Order,
    Overview,
    Search,
    SoldOut,
    Store,
    Suggestions,
)
from examples.store.ports import Catalog, Inventory, Orders
from examples.store.spindles import cart, checkout, dashboard, search, suggestions
from spindle import Cancelled, Completed, Notified, Restart, Settlement, Withdrawn, Yielded
from spindle.testing import HandPage, Transcript
from tests.examples.store import BAD, GOOD, HOME, Shelf, tea

N = TypeVar("N")


@contextmanager
def opened(shelf: Shelf, query: str = "") -> Iterator[HandPage]:
    """A page with all that `app` starts."""
    with HandPage(Store, provide={Catalog: shelf, Inventory: shelf, Orders: shelf}) as page:
        page.start(Search, search, Filters(query), policy=Restart())
        page.start(Cart, cart, policy=Restart())
        page.start(Suggestions, suggestions, policy=Restart())
        page.start(Dashboard, dashboard, policy=Restart())
        yield page


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def page(shelf: Shelf) -> Iterator[HandPage]:
    with opened(shelf) as page:
        page.sent()
        yield page


def told(page: HandPage, of: type[N]) -> list[N]:
    """What the view was told since it was asked last, of one class of messages."""
    notifies = [said.notify for _, said in page.sent() if isinstance(said, Notified)]
    return [each for each in notifies if isinstance(each, of)]


def outcomes(page: HandPage) -> list[object]:
    return [said for source, said in page.sent() if source.block is Checkout]


def test_results_stream_in_a_dozen_at_a_time_up_to_three(shelf: Shelf) -> None:
    shelf.sold |= {f"more-{n}": tea(n) for n in range(30, 60)}
    with opened(shelf) as page:
        assert [len(each.teas) for each in told(page, Search.Results)] == [12, 24, 36]
        assert len(page.get(Search.results)) == 36


def test_what_is_typed_is_searched_for(page: HandPage, shelf: Shelf) -> None:
    page.resume(Search.QueryTyped("2"))
    (shown,) = told(page, Search.Results)
    assert [each.name for each in shown.teas] == [
        "Tea 2",
        "Tea 12",
        *(f"Tea {n}" for n in range(20, 30)),
    ]
    assert page.get(Search.filters) == Filters("2")


def test_words_and_filters_hold_together(shelf: Shelf) -> None:
    shelf.sold["black"] = tea(22, kind="Black", price=900)
    shelf.stock["black"] = 1
    with opened(shelf) as page:
        page.resume(Search.QueryTyped("22"))
        page.resume(Search.Filtered("Black", None))
        assert page.get(Search.results) == (shelf.sold["black"],)
        page.resume(Search.Filtered("Black", 8))
        assert page.get(Search.results) == ()
        page.resume(Search.Filtered("", 8))
        assert page.get(Search.results) == (shelf.sold["tea-22"],)


def test_F1_buying_forks_a_checkout_and_the_search_goes_on(page: HandPage, shelf: Shelf) -> None:
    page.resume(Search.BuyPressed("tea-05"))
    basket = Basket((Line(shelf.sold["tea-05"], 1),))
    page.resume(Search.QueryTyped("7"))
    assert len(page.get(Search.results)) == 3
    page.resume(Checkout.ShippingGiven(HOME))
    page.resume(Checkout.PaymentGiven(GOOD))
    assert outcomes(page)[-1] == Completed(Order(7, basket, HOME, "4242"))


def test_F2_a_second_purchase_replaces_the_first_and_puts_it_back(
    page: HandPage, shelf: Shelf
) -> None:
    page.resume(Search.BuyPressed("tea-01"))
    page.resume(Search.BuyPressed("tea-02"))
    assert (shelf.stock["tea-01"], shelf.stock["tea-02"]) == (1, 0)
    first, withdrawn, ended, second = outcomes(page)
    assert isinstance(withdrawn, Withdrawn)
    assert isinstance(ended, Cancelled)
    assert first == Yielded(Checkout.AskShipping(Basket((Line(shelf.sold["tea-01"], 1),))))
    assert second == Yielded(Checkout.AskShipping(Basket((Line(shelf.sold["tea-02"], 1),))))


def test_what_somebody_else_holds_is_sold_out(page: HandPage, shelf: Shelf) -> None:
    shelf.stock["tea-03"] = 0
    page.resume(Search.BuyPressed("tea-03"))
    assert outcomes(page) == [Completed(SoldOut(shelf.sold["tea-03"]))]


def test_Y1_a_purchase_as_a_conversation(shelf: Shelf) -> None:
    basket = Basket((Line(tea(1), 1),))
    run = Transcript(checkout, basket, provide={Inventory: shelf, Orders: shelf})
    run.expect(Checkout.AskShipping(basket)).answer(Checkout.ShippingGiven(HOME))
    run.expect(Checkout.AskPayment(basket, HOME)).answer(Checkout.PaymentGiven(BAD))
    run.expect_notified(Checkout.CardRefused("no money"))
    run.expect(Checkout.AskPayment(basket, HOME)).answer(Checkout.PaymentGiven(GOOD))
    assert run.result == Order(7, basket, HOME, "4242")


def test_E8_who_leaves_puts_everything_back(shelf: Shelf) -> None:
    with opened(shelf) as page:
        page.resume(Cart.Added("tea-01"))
        page.resume(Cart.Added("tea-02"))
        page.resume(Cart.Bought())
        page.resume(Checkout.ShippingGiven(HOME))
        assert shelf.stock["tea-01"] == shelf.stock["tea-02"] == 0
        page.cancel("the tab was closed")
    assert set(shelf.stock.values()) == {1}


def test_the_carts_total_is_a_cell(page: HandPage) -> None:
    page.resume(Cart.Added("tea-01"))
    page.resume(Cart.Added("tea-01"))
    page.resume(Cart.Added("tea-02"))
    assert page.get(Cart.total) == 1500
    page.resume(Cart.Removed("tea-01"))
    assert page.get(Cart.total) == 500
    assert told(page, Dashboard.CartCosts)[-1] == Dashboard.CartCosts(500)


def test_what_was_bought_is_in_the_cart_no_more(page: HandPage, shelf: Shelf) -> None:
    page.resume(Cart.Added("tea-01"))
    page.resume(Cart.Bought())
    page.resume(Cart.Added("tea-02"))  # while the other is being paid
    page.resume(Checkout.ShippingGiven(HOME))
    page.resume(Checkout.PaymentGiven(GOOD))
    assert told(page, Cart.Changed)[-1] == Cart.Changed(Basket((Line(shelf.sold["tea-02"], 1),)))


def test_an_empty_cart_is_not_bought(page: HandPage, shelf: Shelf) -> None:
    page.resume(Cart.Bought())
    assert "reserve" not in shelf.calls


@pytest.mark.parametrize(("goods", "delivery"), [(2999, 390), (3000, 0)])
def test_delivery_is_free_from_thirty_euros(goods: int, delivery: int) -> None:
    basket = Basket((Line(tea(1, price=goods), 1),))
    assert basket.delivery == delivery
    assert basket.price == goods + delivery


def test_suggestions_follow_the_results(page: HandPage, shelf: Shelf) -> None:
    page.resume(Search.QueryTyped("Tea 29"))
    suggested = told(page, Suggestions.Suggested)
    assert suggested == [Suggestions.Suggested(tuple(tea(n) for n in (28, 27, 26)))]


def test_nothing_found_suggests_nothing(page: HandPage) -> None:
    page.resume(Search.QueryTyped("coffee"))
    assert told(page, Suggestions.Suggested) == [Suggestions.Suggested(())]


def test_A2_the_dashboard_wakes_for_results_and_for_the_visitor(
    page: HandPage, shelf: Shelf
) -> None:
    page.resume(Search.QueryTyped("29"))
    assert told(page, Dashboard.Counted) == [Dashboard.Counted(Overview(1, 500, 500, 1))]
    shelf.stock["tea-29"] = 0
    receipt = page.resume(Dashboard.Refreshed())
    assert receipt.settlement is Settlement.HANDLED
    assert told(page, Dashboard.Counted) == [Dashboard.Counted(Overview(1, 500, 500, 0))]


def test_a_search_that_fails_is_told_and_goes_on_with_the_same_words(
    page: HandPage, shelf: Shelf
) -> None:
    shelf.fails.add("search")
    page.resume(Search.QueryTyped("29"))
    assert any("search does not answer" in line for line in page.said())
    shelf.fails.clear()
    page.advance(1)
    assert page.get(Search.results) == (tea(29),)


def test_a_purchase_that_fails_puts_it_back_and_hurts_nobody_else(
    page: HandPage, shelf: Shelf
) -> None:
    shelf.fails.add("place")
    page.resume(Search.BuyPressed("tea-01"))
    page.resume(Checkout.ShippingGiven(HOME))
    page.resume(Checkout.PaymentGiven(GOOD))
    assert "ConnectionError" in repr(outcomes(page)[-1])
    assert shelf.stock["tea-01"] == 1
    page.resume(Search.QueryTyped("29"))
    assert page.get(Search.results) == (tea(29),)


@pytest.mark.parametrize("event", [Search.BuyPressed("forged"), Cart.Added("forged")])
def test_Y11_what_is_not_sold_cannot_be_bought(
    event: Search.BuyPressed | Cart.Added, page: HandPage
) -> None:
    page.resume(event)
    assert any("forged" in line for line in page.said())
    page.advance(1)
    page.resume(Cart.Added("tea-01"))
    assert page.get(Cart.total) == 500
