"""The dashboard: what was found, at a glance."""

from __future__ import annotations

from examples.checkout.parts import euros
from examples.store.contract import Dashboard, Overview
from spindle.view import Markup, click

__all__ = ["at_a_glance"]


def at_a_glance(overview: Overview | None) -> Markup:
    """Show how much there is, and what it costs."""
    if overview is None:
        return Markup('<p class="glance" role="status">Counting the shelves.</p>')
    return Markup(
        '<div class="glance"><p role="status">{}</p>'
        '<button class="quiet" {} aria-label="Count the shelves again">Count again</button></div>'
    ).format(_counted(overview), click(Dashboard.Refreshed()))


def _counted(overview: Overview) -> Markup:
    if not overview.total:
        return Markup("No teas")
    prices = dict.fromkeys((euros(overview.cheapest), euros(overview.dearest)))
    return Markup("<strong>{}</strong>, {}; {} on the shelf").format(
        _so_many(overview.total, "tea"), " to ".join(prices), _so_many(overview.in_stock, "bag")
    )


def _so_many(count: int, of: str) -> str:
    return f"{count:,} {of}" if count == 1 else f"{count:,} {of}s"
