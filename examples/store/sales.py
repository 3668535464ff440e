"""What leaves the shelf: reserved for a visitor, put back, or sold."""

# pyright: reportUnusedCallResult=false

from __future__ import annotations

import sqlite3

from msgspec.structs import astuple

from examples.checkout.bank import charge
from examples.checkout.contract import Address, Card
from examples.checkout.ports import Refusal
from examples.store.contract import Basket, Order, SoldOut
from examples.store.ports import Reservation

__all__ = ["place", "release", "reserve"]


def reserve(db: sqlite3.Connection, basket: Basket) -> Reservation | SoldOut:
    """Take all of a basket from the shelf, or nothing."""
    number = db.execute("INSERT INTO reservation DEFAULT VALUES").lastrowid
    assert number is not None
    for line in basket.lines:
        # One statement a tea, so that no two visitors ever get the same bag.
        taken = db.execute(
            "INSERT INTO reserved SELECT ?, sku, ? FROM tea WHERE sku = ? AND stock - "
            "(SELECT ifnull(sum(count), 0) FROM reserved WHERE reserved.sku = tea.sku) >= ?",
            [number, line.count, line.tea.sku, line.count],
        )
        if not taken.rowcount:
            db.rollback()
            return SoldOut(line.tea)
    return Reservation(number, basket)


def release(db: sqlite3.Connection, reservation: Reservation) -> bool:
    """Put it back; answers whether it was still held."""
    db.execute("DELETE FROM reserved WHERE number = ?", [reservation.number])
    gone = db.execute("DELETE FROM reservation WHERE number = ?", [reservation.number])
    return gone.rowcount == 1


def place(
    db: sqlite3.Connection, reservation: Reservation, shipping: Address, card: Card
) -> Order | Refusal:
    """Sell what is reserved, if the bank pays."""
    basket, last_digits = reservation.basket, card.number.strip()[-4:]
    if not release(db, reservation):
        raise LookupError(f"{reservation} is not held any more")
    placed = db.execute(
        "INSERT INTO orders (paid, card, name, street, postcode, city) VALUES (?, ?, ?, ?, ?, ?)",
        [basket.price, last_digits, *astuple(shipping)],
    )
    assert placed.lastrowid is not None
    for line in basket.lines:
        bag = {"number": placed.lastrowid, "sku": line.tea.sku, "count": line.count}
        db.execute("INSERT INTO sold VALUES (:number, :sku, :count)", bag)
        db.execute("UPDATE tea SET stock = stock - :count WHERE sku = :sku", bag)
    refusal = charge(card, basket.price)
    if refusal is not None:
        db.rollback()
        return refusal
    return Order(placed.lastrowid, basket, shipping, last_digits)
