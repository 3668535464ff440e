"""The store's backend: its ports on one SQLite file. Ordinary code that knows of no page."""

# Cursors are left unused; modules that hold spindles keep this rule on, for a forgotten await.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack

import trio
from typing_extensions import override

from examples.checkout.contract import Address, Card
from examples.checkout.ports import Refusal
from examples.store import sales, shelf
from examples.store.assortment import assortment
from examples.store.contract import Basket, Filters, Found, Order, Overview, SoldOut, Tea
from examples.store.ports import Catalog, Inventory, Orders, Reservation

__all__ = ["SqliteStore", "open_store"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@contextmanager
def open_store(
    path: Path, teas: Callable[[], Iterable[tuple[Tea, int]]] = assortment
) -> Generator[SqliteStore]:
    """Open the store in a file, which is filled with `teas` if it is empty.

    Args:
        path: of the SQLite file.
        teas: makes each tea that is sold, and how many bags of it there are.
    """
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        with db:
            shelf.fill(db, teas)
        yield SqliteStore(db)
    finally:
        db.close()


class SqliteStore(Catalog, Inventory, Orders):
    """Each method is one transaction, in a thread; a cancelled one is finished first."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._one_at_a_time = trio.CapacityLimiter(1)

    @override
    async def search(self, filters: Filters, skip: int = 0) -> Found:
        return await self._transaction(shelf.search, filters, skip)

    @override
    async def overview(self, filters: Filters) -> Overview:
        return await self._transaction(shelf.overview, filters)

    @override
    async def tea(self, sku: str) -> Tea:
        return await self._transaction(shelf.tea, sku)

    @override
    async def teas(self, skus: tuple[str, ...]) -> Mapping[str, Tea]:
        return await self._transaction(shelf.teas, skus)

    @override
    async def alike(self, sku: str) -> tuple[str, ...]:
        return await self._transaction(shelf.alike, sku)

    @override
    async def reserve(self, basket: Basket) -> Reservation | SoldOut:
        return await self._transaction(sales.reserve, basket)

    @override
    async def release(self, reservation: Reservation) -> None:
        await self._transaction(sales.release, reservation)

    @override
    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        return await self._transaction(sales.place, reservation, shipping, card)

    async def _transaction(
        self, work: Callable[[sqlite3.Connection, Unpack[Ts]], T], *args: *Ts
    ) -> T:
        def transact() -> T:
            with self._db:
                return work(self._db, *args)

        return await trio.to_thread.run_sync(transact, limiter=self._one_at_a_time)
