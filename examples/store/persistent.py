"""A catalog that is not put off by the first failure."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import stamina
from typing_extensions import override

from examples.store.contract import Filters, Found, Overview, Tea
from examples.store.ports import Catalog

__all__ = ["Persistent"]

PASSES_BY_ITSELF = (OSError, sqlite3.OperationalError)


class Persistent(Catalog):
    """Asks up to three times, soon and then later: all that a catalog does may be repeated."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._again = stamina.AsyncRetryingCaller(attempts=3).on(PASSES_BY_ITSELF)

    @override
    async def search(self, filters: Filters, skip: int = 0) -> Found:
        return await self._again(self._catalog.search, filters, skip)

    @override
    async def overview(self, filters: Filters) -> Overview:
        return await self._again(self._catalog.overview, filters)

    @override
    async def tea(self, sku: str) -> Tea:
        return await self._again(self._catalog.tea, sku)

    @override
    async def teas(self, skus: tuple[str, ...]) -> Mapping[str, Tea]:
        return await self._again(self._catalog.teas, skus)

    @override
    async def alike(self, sku: str) -> tuple[str, ...]:
        return await self._again(self._catalog.alike, sku)
