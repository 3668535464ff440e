"""The cart, and baskets wherever they are shown."""

from __future__ import annotations

from examples.checkout.contract import Address
from examples.checkout.parts import address, euros
from examples.store.contract import FREE_DELIVERY, Basket, Cart, Line
from spindle.view import Markup, click, link

__all__ = ["in_the_cart", "sign", "summary"]


def sign(basket: Basket) -> Markup:
    """Show the shop's sign, and the way to the cart."""
    return Markup('<a {}>Steep &amp; Co.</a><a class="to-cart" href="#cart">Cart: {}</a>').format(
        link("/"), euros(basket.goods)
    )


def in_the_cart(basket: Basket, costs: int) -> Markup:
    """Show the cart.

    Args:
        basket: what is in it.
        costs: of that, as the dashboard follows it.
    """
    if not basket.lines:
        content = Markup('<p class="hint">It is empty.</p>')
    else:
        content = Markup(
            '<ul class="lines">{}</ul><p class="hint" role="status">{}</p>'
            "<button {}>Buy all for {}</button>"
        ).format(
            Markup().join(map(_line, basket.lines)),
            _until_free(costs),
            click(Cart.Bought()),
            euros(basket.price),
        )
    return Markup(
        '<section class="card" id="cart" aria-labelledby="in-cart">'
        '<h2 id="in-cart">Your cart</h2>{}</section>'
    ).format(content)


def summary(basket: Basket, shipping: Address | None = None) -> Markup:
    """Show what is being bought, and where it goes."""
    to = Markup("<dt>Sent to</dt><dd>{}</dd>").format(address(shipping)) if shipping else ""
    return Markup(
        '<dl>{}<dt>Delivery</dt><dd>{}</dd>{}<dt>Total</dt><dd class="price">{}</dd></dl>'
    ).format(
        Markup().join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(_counted(line), euros(_price(line)))
            for line in basket.lines
        ),
        euros(basket.delivery) if basket.delivery else "free",
        to,
        euros(basket.price),
    )


def _line(line: Line) -> Markup:
    return Markup(
        '<li id="line-{}"><span>{}</span><span>{}</span>'
        '<button class="quiet" {} aria-label="Remove {}">&times;</button></li>'
    ).format(
        line.tea.sku,
        _counted(line),
        euros(_price(line)),
        click(Cart.Removed(line.tea.sku)),
        line.tea.name,
    )


def _counted(line: Line) -> str:
    return line.tea.name if line.count == 1 else f"{line.count} bags of {line.tea.name}"


def _price(line: Line) -> int:
    return line.tea.price * line.count


def _until_free(costs: int) -> str:
    missing = FREE_DELIVERY - costs
    return f"{euros(missing)} more, and delivery is free." if missing > 0 else "Delivery is free."
