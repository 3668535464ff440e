"""The checkout's shop, with a window."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from examples.checkout.contract import Address, Card, Offer, Order, Product
from examples.checkout.ports import Refusal, Reservation
from examples.checkout.shop import SqliteShop, open_shop
from tests.browser.observed import Observed


class ObservedShop(Observed, SqliteShop):
    """The shop, with each call on its way through the window."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        Observed.__init__(self, path)
        SqliteShop.__init__(self, db)

    async def reserve(self, product: Product) -> Reservation | None:
        async with self.seen("reserve"):
            return await super().reserve(product)

    async def release(self, reservation: Reservation) -> None:
        async with self.seen("release"):
            await super().release(reservation)

    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        async with self.seen("place"):
            return await super().place(reservation, shipping, card)


@contextmanager
def open_observed_shop(path: Path, offers: Iterable[Offer]) -> Iterator[ObservedShop]:
    with open_shop(path, offers), closing(sqlite3.connect(path, check_same_thread=False)) as db:
        yield ObservedShop(db, path)
