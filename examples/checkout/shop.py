"""The shop's backend: its ports on one SQLite file. Ordinary code that knows of no page."""

# Cursors are left unused; modules that hold spindles keep this rule on, for a forgotten await.
# pyright: reportUnusedCallResult=false

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack

import trio
from typing_extensions import override

from examples.checkout.bank import charge
from examples.checkout.contract import Address, Card, Offer, Order, Product
from examples.checkout.ports import Catalog, Inventory, Orders, Refusal, Reservation

__all__ = ["TEAS", "SqliteShop", "open_shop"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

TEAS = (
    Offer(Product("assam", "Assam", "Black tea, malty and strong", 790), 24),
    Offer(Product("earl-grey", "Earl Grey", "Black tea with bergamot", 890), 12),
    Offer(Product("gyokuro", "Gyokuro", "Green tea, grown in the shade", 2400), 1),
    Offer(Product("rooibos", "Rooibos", "Red bush, without caffeine", 690), 16),
    Offer(Product("sencha", "Sencha", "Green tea, first harvest", 1250), 8),
)

# Reservations belong to pages, and no page outlives its server: those that are left over are void.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS product (
    sku TEXT PRIMARY KEY, name TEXT, about TEXT, price INTEGER, stock INTEGER
);
CREATE TABLE IF NOT EXISTS reservation (number INTEGER PRIMARY KEY AUTOINCREMENT, sku TEXT);
DELETE FROM reservation;
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT, sku TEXT, paid INTEGER, card TEXT,
    name TEXT, street TEXT, postcode TEXT, city TEXT
);
CREATE VIEW IF NOT EXISTS shelf AS
    SELECT sku, name, about, price,
        stock - (SELECT count(*) FROM reservation WHERE reservation.sku = product.sku) AS free
    FROM product;
"""


@contextmanager
def open_shop(path: Path, offers: Iterable[Offer] = TEAS) -> Generator[SqliteShop]:
    """Open the shop in a file, which is made with `offers` if it is not there yet."""
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        db.executescript(_SCHEMA)
        with db:
            rows = [(*_row(offer.product), offer.left) for offer in offers]
            db.executemany("INSERT OR IGNORE INTO product VALUES (?, ?, ?, ?, ?)", rows)
        yield SqliteShop(db)
    finally:
        db.close()


class SqliteShop(Catalog, Inventory, Orders):
    """Each method is one transaction, in a thread; a cancelled one is finished first."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._one_at_a_time = trio.CapacityLimiter(1)

    @override
    async def offers(self) -> tuple[Offer, ...]:
        return await self._transaction(_offers)

    @override
    async def product(self, sku: str) -> Product | None:
        return await self._transaction(_product, sku)

    @override
    async def reserve(self, product: Product) -> Reservation | None:
        return await self._transaction(_reserve, product)

    @override
    async def release(self, reservation: Reservation) -> None:
        await self._transaction(_release, reservation)

    @override
    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        return await self._transaction(_place, reservation, shipping, card)

    async def _transaction(
        self, work: Callable[[sqlite3.Connection, Unpack[Ts]], T], *args: *Ts
    ) -> T:
        def transact() -> T:
            with self._db:
                return work(self._db, *args)

        return await trio.to_thread.run_sync(transact, limiter=self._one_at_a_time)


def _offers(db: sqlite3.Connection) -> tuple[Offer, ...]:
    rows = db.execute("SELECT * FROM shelf ORDER BY name")
    return tuple(Offer(Product(*row), free) for *row, free in rows)


def _product(db: sqlite3.Connection, sku: str) -> Product | None:
    found = db.execute("SELECT sku, name, about, price FROM product WHERE sku = ?", [sku])
    return next((Product(*row) for row in found), None)


def _reserve(db: sqlite3.Connection, product: Product) -> Reservation | None:
    # One statement, so that no two visitors ever get the same unit.
    reserved = db.execute(
        "INSERT INTO reservation (sku) SELECT sku FROM shelf WHERE sku = ? AND free > 0",
        [product.sku],
    )
    if not reserved.rowcount:
        return None
    assert reserved.lastrowid is not None
    return Reservation(reserved.lastrowid, product)


def _release(db: sqlite3.Connection, reservation: Reservation) -> bool:
    released = db.execute("DELETE FROM reservation WHERE number = ?", [reservation.number])
    return released.rowcount == 1


def _place(
    db: sqlite3.Connection, reservation: Reservation, shipping: Address, card: Card
) -> Order | Refusal:
    product, last_digits = reservation.product, card.number.strip()[-4:]
    if not _release(db, reservation):
        raise LookupError(f"{reservation} is not held any more")
    db.execute("UPDATE product SET stock = stock - 1 WHERE sku = ?", [product.sku])
    placed = db.execute(
        "INSERT INTO orders (sku, paid, card, name, street, postcode, city)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [product.sku, product.price, last_digits, *_row(shipping)],
    )
    refusal = charge(card, product.price)
    if refusal is not None:
        db.rollback()
        return refusal
    assert placed.lastrowid is not None
    return Order(placed.lastrowid, product, shipping, last_digits)


def _row(record: Product | Address) -> tuple[str | int, ...]:
    return tuple(getattr(record, field) for field in record.__struct_fields__)
