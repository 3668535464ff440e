"""The dashboard: it wakes when results or cart change, or when the visitor asks."""

from __future__ import annotations

from examples.store.contract import Cart, Dashboard, Search
from examples.store.ports import Catalog
from spindle import await_any, use

__all__ = ["dashboard"]


async def dashboard() -> None:
    """Count what was found and what of it is left, for ever."""
    catalog = await use(Catalog)
    searched, costs = Search.filters.changes(), Cart.total.changes()
    filters = await searched.next()
    while True:
        await Dashboard.Counted(await catalog.overview(filters))
        match await await_any(searched.next(), costs.next(), Dashboard.Watching()):
            case 0, filters:
                pass
            case 1, total:
                await Dashboard.CartCosts(total)
            case 2, Dashboard.Refreshed():
                pass
