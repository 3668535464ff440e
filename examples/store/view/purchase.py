"""The purchase: what it asks, or how it ended."""

from __future__ import annotations

from typing import TypeAlias

from examples.checkout.forms import address_fields, card_field
from examples.checkout.parts import euros, steps
from examples.store.contract import Checkout, Order
from examples.store.view.basket import summary
from spindle.view import Markup, View, fields, submit

__all__ = ["Step", "purchase"]

Step: TypeAlias = Checkout.AskShipping | Checkout.AskPayment | Order | None


def purchase(view: View, step: Step) -> Markup:
    """Show where the purchase is, if there is one.

    Args:
        view: it knows what is wrong with what was typed.
        step: what was asked last, or how it ended.
    """
    if step is None:
        return Markup()
    return Markup('<section class="card buying" aria-label="Your purchase">{}</section>').format(
        _content(view, step)
    )


def _content(view: View, step: Checkout.AskShipping | Checkout.AskPayment | Order) -> Markup:
    match step:
        case Checkout.AskShipping() as ask:
            return _shipping_form(view, ask)
        case Checkout.AskPayment() as ask:
            return _payment_form(view, ask)
        case Order() as order:
            return _thanks(order)


def _shipping_form(view: View, ask: Checkout.AskShipping) -> Markup:
    return Markup(
        '{steps}<h2 tabindex="-1" autofocus>Where shall we send it?</h2>{summary}'
        "<form {form} novalidate>{fields}<button>Continue to payment</button></form>"
    ).format(
        steps=steps("Delivery"),
        summary=summary(ask.basket),
        form=submit(Checkout.ShippingGiven, to=ask),
        fields=address_fields(view, fields(Checkout.ShippingGiven).shipping),
    )


def _payment_form(view: View, ask: Checkout.AskPayment) -> Markup:
    return Markup(
        '{steps}<h2 tabindex="-1">How would you like to pay?</h2>{summary}'
        "<form {form} novalidate>{fields}<button>Pay {total}</button></form>"
    ).format(
        steps=steps("Payment"),
        summary=summary(ask.basket, ask.shipping),
        form=submit(Checkout.PaymentGiven, to=ask),
        fields=card_field(view, fields(Checkout.PaymentGiven).card),
        total=euros(ask.basket.price),
    )


def _thanks(order: Order) -> Markup:
    return Markup(
        '{steps}<h2 tabindex="-1">Thank you. Your tea is on its way.</h2>'
        "<p>Order {number}, paid with the card ending in {card}.</p>{summary}"
    ).format(
        steps=steps("Done"),
        number=order.number,
        card=order.paid_with,
        summary=summary(order.basket, order.shipping),
    )
