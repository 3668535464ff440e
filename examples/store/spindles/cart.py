"""The cart: what the visitor wants to buy together."""

# Handles and changes are left unused here; a forgotten await is seen by mypy.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from examples.store.contract import Basket, Cart, Checkout, Line, Order
from examples.store.ports import Catalog
from examples.store.spindles.checkout import checkout
from spindle import Channel, await_any, fork, map_fibers, use

__all__ = ["cart"]


async def cart() -> None:
    """Follow what the visitor puts in and takes out; what was bought is in it no more."""
    catalog = await use(Catalog)
    ordered = Channel[Order](capacity=1)
    counts: dict[str, int] = {}
    while True:
        teas = await map_fibers(catalog.tea, counts, limit=8)
        basket = Basket(tuple(map(Line, teas, counts.values())))
        await Cart.total.put(basket.goods)
        await Cart.Changed(basket)
        match await await_any(ordered.take(), Cart.Shopping()):
            case 0, order:
                for line in order.basket.lines:
                    counts.pop(line.tea.sku, None)
            case 1, Cart.Added(sku):
                counts[sku] = counts.get(sku, 0) + 1
            case 1, Cart.Removed(sku):
                counts.pop(sku, None)
            case 1, Cart.Bought() if counts:
                await fork(Checkout, checkout, basket, ordered, replace=True)
            case _:
                pass
