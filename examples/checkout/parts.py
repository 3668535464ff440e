"""Pieces of HTML that several states of the pages share."""

from __future__ import annotations

from examples.checkout.contract import Address, Product
from spindle.view import Markup, link

__all__ = ["address", "euros", "frame", "steps", "summary"]

_STEPS = ("Delivery", "Payment", "Done")


def frame(content: Markup) -> Markup:
    """Put the shop's sign above what a page shows."""
    return Markup(
        '<header class="shop"><a {home}>Steep &amp; Co.</a></header><main>{content}</main>'
    ).format(home=link("/"), content=content)


def steps(current: str) -> Markup:
    """Show the way through the checkout, and where the visitor is on it."""
    items = (
        Markup("<li{}>{}</li>").format(
            Markup(' aria-current="step"') if step == current else "", step
        )
        for step in _STEPS
    )
    return Markup('<ol class="steps" aria-label="Steps of the checkout">{}</ol>').format(
        Markup().join(items)
    )


def summary(product: Product, shipping: Address | None = None) -> Markup:
    """Show what is being bought."""
    to = Markup("<dt>Sent to</dt><dd>{}</dd>").format(address(shipping)) if shipping else ""
    return Markup(
        '<section class="summary" aria-label="Your order">'
        '<p class="name">{}</p><p>{}</p>'
        "<dl>{}<dt>Delivery</dt><dd>free</dd>"
        '<dt>Total</dt><dd class="price">{}</dd></dl></section>'
    ).format(product.name, product.about, to, euros(product.price))


def address(shipping: Address) -> Markup:
    """Write an address on the lines of a label."""
    town = f"{shipping.postcode} {shipping.city}"
    return Markup("<br>").join((shipping.name, shipping.street, town))


def euros(cents: int) -> str:
    """Write a price."""
    return f"€{cents // 100}.{cents % 100:02}"
