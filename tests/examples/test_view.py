"""The views of the shop, without a page: messages in, HTML out."""

from __future__ import annotations

import pytest

from examples.checkout.contract import (
    Address,
    Checkout,
    Listing,
    Offer,
    Order,
    Product,
    SoldOut,
    Store,
)
from examples.checkout.parts import euros
from examples.checkout.view import CheckoutView, ListingView
from spindle import Completed, Errored, Notified, Source, Yielded
from spindle.view import Refused, check_view, render_root

SENCHA = Product("sencha", "Sencha", "Green tea", 1250)
HOME = Address("Ada Smith", "Main St 1", "89073", "Ulm")
ORDER = Order(7, SENCHA, HOME, "4242")
CHECKOUT = Source(Checkout, None, 3)


def shown(view: CheckoutView) -> str:
    """Render as a page does: with the question that waits."""
    ask = view.step
    asks = isinstance(ask, Checkout.AskShipping | Checkout.AskPayment)
    return render_root(view, [(CHECKOUT, ask)] if asks else [])


def asking_for(ask: Checkout.AskShipping | Checkout.AskPayment) -> CheckoutView:
    view = CheckoutView()
    view.receive(CHECKOUT, Yielded(ask))
    return view


def test_the_views_handle_everything_that_their_contracts_send() -> None:
    check_view(CheckoutView, Store)
    check_view(ListingView, Listing)


def test_before_the_first_message_the_visitor_is_told_to_wait() -> None:
    assert "One moment" in shown(CheckoutView())


def test_the_shipping_form_names_its_fields_by_the_event_and_answers_its_question() -> None:
    html = shown(asking_for(Checkout.AskShipping(SENCHA)))
    assert 'data-sp-submit="Checkout.ShippingGiven" data-sp-to="3"' in html
    for name in ("name", "street", "postcode", "city"):
        assert f'name="shipping.{name}"' in html
    assert "€12.50" in html


def test_the_payment_form_says_where_the_order_goes_and_what_it_costs() -> None:
    html = shown(asking_for(Checkout.AskPayment(SENCHA, HOME)))
    assert "Ada Smith<br>Main St 1<br>89073 Ulm" in html
    assert "Pay €12.50" in html
    assert '<li aria-current="step">Payment</li>' in html


def test_each_wrong_field_has_its_message_beside_its_label() -> None:
    view = asking_for(Checkout.AskShipping(SENCHA))
    view.refuse(Refused(Checkout.ShippingGiven, {"shipping.street": "Enter a street."}))
    html = shown(view)
    label, _, rest = html.partition("Street and number</label>")
    assert label.endswith('<label for="Checkout.ShippingGiven:shipping.street">')
    assert rest.startswith('<p class="problem" id="Checkout.ShippingGiven:shipping.street:problem"')
    assert html.count('aria-invalid="true"') == 1


def test_a_refused_card_is_said_in_a_flash() -> None:
    view = asking_for(Checkout.AskPayment(SENCHA, HOME))
    view.receive(CHECKOUT, Notified(Checkout.CardRefused("no money")))
    (flash,) = view.flashes
    assert flash.kind == "error"
    assert "no money" in flash.text


@pytest.mark.parametrize(
    ("outcome", "title", "text"),
    [
        (ORDER, "Thank you", "card ending in 4242"),
        (SoldOut(SENCHA), "Sold out", "Sencha is sold out"),
    ],
)
def test_the_outcome_takes_the_place_of_the_form(
    outcome: Order | SoldOut, title: str, text: str
) -> None:
    view = asking_for(Checkout.AskPayment(SENCHA, HOME))
    view.receive(CHECKOUT, Completed(outcome))
    assert view.title == title
    assert text in shown(view)
    assert "<form" not in shown(view)


def test_a_fault_is_said_without_giving_anything_away() -> None:
    view = asking_for(Checkout.AskPayment(SENCHA, HOME))
    view.receive(CHECKOUT, Errored(RuntimeError("secret")))
    assert "Your order was not placed" in shown(view)
    assert "secret" not in shown(view)


def test_the_listing_links_each_tea_to_its_checkout_and_says_what_is_left() -> None:
    view = ListingView()
    rare, gone = Product("a", "A", "", 5), Product("b", "B", "", 100)
    view.receive(
        Source(Listing),
        Notified(Listing.Shown((Offer(SENCHA, 8), Offer(rare, 1), Offer(gone, 0)))),
    )
    html = render_root(view)
    assert '<a href="/buy/sencha">Sencha</a>' in html
    for text in ("8 in stock", "the last one", "sold out"):
        assert text in html


def test_N8_hostile_names_are_text() -> None:
    hostile = Product('"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "</main>", 1)
    view = ListingView()
    view.receive(Source(Listing), Notified(Listing.Shown((Offer(hostile, 2),))))
    html = render_root(view) + shown(asking_for(Checkout.AskShipping(hostile)))
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("</main>") == 2


def test_prices_are_written_with_both_digits_of_the_cents() -> None:
    assert [euros(cents) for cents in (5, 1250, 100000)] == ["€0.05", "€12.50", "€1000.00"]
