"""Teas: what was found, and what might please, too."""

from __future__ import annotations

from examples.checkout.parts import euros
from examples.store.contract import Cart, Search, Tea
from spindle.view import Markup, click

__all__ = ["results", "suggested"]


def results(teas: tuple[Tea, ...] | None, total: int) -> Markup:
    """Show what was found so far.

    Args:
        teas: None as long as nothing has been looked for.
        total: how many there are in all.
    """
    if teas is None:
        return Markup("<p>One moment.</p>")
    if not teas:
        return Markup('<p class="none">Nothing fits. Fewer letters find more.</p>')
    more = total - len(teas)
    return Markup(
        '<h2 id="found" class="unseen">Teas found</h2>'
        '<ul class="shelf" aria-labelledby="found">{}</ul>{}'
    ).format(
        Markup().join(_tea("found", tea) for tea in teas),
        Markup('<p class="hint">And {:,} more: a word or two finds them.</p>').format(more)
        if more
        else "",
    )


def suggested(teas: tuple[Tea, ...]) -> Markup:
    """Show what might please, too."""
    if not teas:
        return Markup()
    return Markup(
        '<section class="card" aria-labelledby="suggested"><h2 id="suggested">Tastes alike</h2>'
        '<ul class="shelf">{}</ul></section>'
    ).format(Markup().join(_tea("alike", tea) for tea in teas))


def _tea(shelf: str, tea: Tea) -> Markup:
    return Markup(
        '<li id="{shelf}-{tea.sku}"><div><h3>{tea.name}</h3><p class="about">{tea.about}</p></div>'
        '<p class="price">{price}</p><div class="do">'
        '<button class="quiet" {add} aria-label="Add {tea.name} to the cart">Add to cart</button>'
        '<button {buy} aria-label="Buy {tea.name}">Buy</button></div></li>'
    ).format(
        shelf=shelf,
        tea=tea,
        price=euros(tea.price),
        add=click(Cart.Added(tea.sku)),
        buy=click(Search.BuyPressed(tea.sku)),
    )
