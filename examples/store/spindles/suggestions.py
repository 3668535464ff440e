"""Suggestions: they follow what the search finds and are never in its way."""

from __future__ import annotations

from itertools import chain

from examples.store.contract import Search, Suggestions
from examples.store.ports import Catalog
from spindle import map_fibers, use

__all__ = ["suggestions"]

LOOKED_AT = 3
SHOWN = 4


async def suggestions() -> None:
    """Suggest what tastes like the best results, each time they change."""
    catalog = await use(Catalog)
    changes = Search.results.changes()
    while True:
        found = [tea.sku for tea in await changes.next()]
        alike = chain.from_iterable(
            await map_fibers(catalog.alike, found[:LOOKED_AT], limit=LOOKED_AT)
        )
        others = [sku for sku in dict.fromkeys(alike) if sku not in found]
        teas = await map_fibers(catalog.tea, others[:SHOWN], limit=SHOWN)
        await Suggestions.Suggested(teas)
