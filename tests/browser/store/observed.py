"""The store's backend, with a window."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from examples.checkout.contract import Address, Card
from examples.checkout.ports import Refusal
from examples.store.contract import Basket, Filters, Found, Order, Overview, SoldOut
from examples.store.ports import Reservation
from examples.store.shop import SqliteStore, open_store
from tests.browser.observed import Observed


class ObservedStore(Observed, SqliteStore):
    """The store, with each call on its way through the window."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        Observed.__init__(self, path)
        SqliteStore.__init__(self, db)

    async def search(self, filters: Filters, skip: int = 0) -> Found:
        async with self.seen("search"):
            return await super().search(filters, skip)

    async def overview(self, filters: Filters) -> Overview:
        async with self.seen("overview"):
            return await super().overview(filters)

    async def reserve(self, basket: Basket) -> Reservation | SoldOut:
        async with self.seen("reserve"):
            return await super().reserve(basket)

    async def release(self, reservation: Reservation) -> None:
        async with self.seen("release"):
            await super().release(reservation)

    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        async with self.seen("place"):
            return await super().place(reservation, shipping, card)


@contextmanager
def open_observed_store(path: Path) -> Iterator[ObservedStore]:
    with open_store(path), closing(sqlite3.connect(path, check_same_thread=False)) as db:
        yield ObservedStore(db, path)
