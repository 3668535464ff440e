"""The behaviour of both pages. What a visitor may do next is where the coroutine stands."""

from __future__ import annotations

from examples.checkout.contract import Checkout, Listing, Order, Product, SoldOut
from examples.checkout.ports import Catalog, Inventory, Orders, Refusal
from spindle import cleanup, use

__all__ = ["checkout", "listing"]


async def checkout(product: Product) -> Order | SoldOut:
    """Sell one unit of a product to one visitor.

    However it ends (sold, closed tab, server stopped), a unit that was not sold is back on the
    shelf.
    """
    inventory, orders = await use(Inventory), await use(Orders)
    reservation = await inventory.reserve(product)
    if reservation is None:
        return SoldOut(product)
    try:
        shipping = (await Checkout.AskShipping(product)).shipping
        while True:
            card = (await Checkout.AskPayment(product, shipping)).card
            match await orders.place(reservation, shipping, card):
                case Order() as order:
                    return order
                case Refusal(reason):
                    await Checkout.CardRefused(reason)
    finally:
        async with cleanup(seconds=2):
            await inventory.release(reservation)


async def listing() -> None:
    """Show what there is."""
    catalog = await use(Catalog)
    await Listing.Shown(await catalog.offers())
