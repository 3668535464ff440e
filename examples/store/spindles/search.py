"""Search as you type. Results stream in, and nothing the visitor does has to wait for them."""

# Handles and changes are left unused here; a forgotten await is seen by mypy.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

from msgspec.structs import replace

from examples.store.contract import Basket, Checkout, Filters, Line, Search, Tea
from examples.store.ports import Catalog
from examples.store.spindles.checkout import checkout
from spindle import fiber, fork, scope, use

__all__ = ["search"]

SHOWN = 36


async def search(filters: Filters) -> None:
    """Show what fits, for ever; started again after a failure, go on with what was looked for."""
    filters = await Search.filters.get(filters)
    while True:
        await Search.filters.put(filters)
        async with scope():  # a failure of the stream is one of the search
            results = await fiber(stream, filters)
            filters = await browse(filters)
            await results.cancel("something else is looked for")


async def browse(filters: Filters) -> Filters:
    """Wait for what is to be looked for next; meanwhile a purchase may begin."""
    catalog = await use(Catalog)
    while True:
        match await Search.Browsing(filters):
            case Search.QueryTyped(query):
                return replace(filters, query=query)
            case Search.Filtered(kind, most):
                return replace(filters, kind=kind, most=most)
            case Search.BuyPressed(sku):
                basket = Basket((Line(await catalog.tea(sku), 1),))
                await fork(Checkout, checkout, basket, replace=True)


async def stream(filters: Filters) -> None:
    """Show a dozen at once and the others as they come."""
    catalog = await use(Catalog)
    teas: tuple[Tea, ...] = ()
    while True:
        found = await catalog.search(filters, len(teas))
        teas += found.teas
        await Search.results.put(teas)
        await Search.Results(teas, found.total)
        if len(teas) >= min(found.total, SHOWN) or not found.teas:
            return
