"""The purchase. Where the visitor is in it is where the coroutine stands."""

from __future__ import annotations

from examples.checkout.ports import Refusal
from examples.store.contract import Basket, Checkout, Order, SoldOut
from examples.store.ports import Inventory, Orders
from spindle import Channel, cleanup, use

__all__ = ["checkout"]


async def checkout(basket: Basket, ordered: Channel[Order] | None = None) -> Order | SoldOut:
    """Sell a basket to one visitor, and tell whoever asked for it.

    However it ends (sold, replaced by another purchase, closed tab, server stopped), what was not
    sold is back on the shelf.
    """
    inventory, orders = await use(Inventory), await use(Orders)
    reservation = await inventory.reserve(basket)
    if isinstance(reservation, SoldOut):
        return reservation
    try:
        shipping = (await Checkout.AskShipping(basket)).shipping
        while True:
            card = (await Checkout.AskPayment(basket, shipping)).card
            match await orders.place(reservation, shipping, card):
                case Order() as order:
                    if ordered is not None:
                        await ordered.put(order)
                    return order
                case Refusal(reason):
                    await Checkout.CardRefused(reason)
    finally:
        async with cleanup(seconds=10):
            await inventory.release(reservation)
