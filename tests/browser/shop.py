"""The example's shop, with a window: what it was asked, and a door to keep visitors waiting."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import trio

from examples.checkout.contract import Address, Card, Offer, Order, Product
from examples.checkout.ports import Refusal, Reservation
from examples.checkout.shop import SqliteShop, open_shop


class ObservedShop(SqliteShop):
    """Notes each call when it has ended. `hold` lets none of a kind begin until `let_go`."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        super().__init__(db)
        self.path = path
        self.calls: list[str] = []
        self._begun: list[str] = []
        self._changed = trio.Event()
        self._doors: dict[str, trio.Event] = {}

    async def reserve(self, product: Product) -> Reservation | None:
        await self._enter("reserve")
        reservation = await super().reserve(product)
        self._note(self.calls, "reserve")
        return reservation

    async def release(self, reservation: Reservation) -> None:
        await self._enter("release")
        await super().release(reservation)
        self._note(self.calls, "release")

    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        await self._enter("place")
        outcome = await super().place(reservation, shipping, card)
        self._note(self.calls, "place")
        return outcome

    # --- for the test, all in the server's thread, but for `count` --------------------------------

    def hold(self, call: str) -> None:
        self._doors[call] = trio.Event()

    def let_go(self, call: str) -> None:
        self._doors.pop(call).set()

    async def called(self, call: str, times: int = 1) -> None:
        """Wait until a call has been made so many times."""
        while self.calls.count(call) < times:
            await self._changed.wait()

    async def asked(self, call: str) -> None:
        """Wait until a call has begun, or stands before a closed door."""
        while call not in self._begun:
            await self._changed.wait()

    def count(self, table: str) -> int:
        """How many rows a table of the file has now."""
        with closing(sqlite3.connect(self.path)) as db:
            (rows,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
            return int(rows)

    async def _enter(self, call: str) -> None:
        self._note(self._begun, call)
        if call in self._doors:
            await self._doors[call].wait()

    def _note(self, calls: list[str], call: str) -> None:
        calls.append(call)
        self._changed.set()
        self._changed = trio.Event()


@contextmanager
def open_observed_shop(path: Path, offers: Iterable[Offer]) -> Iterator[ObservedShop]:
    with open_shop(path, offers), closing(sqlite3.connect(path, check_same_thread=False)) as db:
        yield ObservedShop(db, path)
