"""Orders, and calls that place them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextvars import Context
from typing import Any

from msgspec import Struct

from spindle._core.keyed import KEYS, KeyedCall

__all__ = ["Order", "in_call", "insert", "nothing", "skus"]


class Order(Struct):
    number: int
    skus: list[str]


def in_call(number: int, do: Callable[[], Any], *args: object, **keywords: object) -> Any:
    """Do something as a call of that number does, and what it returns."""
    call = KeyedCall(bytes(16), number, "Orders.place", args, keywords)
    context = Context()
    context.run(KEYS.put, call)
    return context.run(do)


def skus(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT sku FROM orders ORDER BY number")
    return [row[0] for row in rows]


def insert(connection: sqlite3.Connection, sku: str, *, count: int = 1) -> Order:
    assert connection.in_transaction
    for _ in range(count):
        cursor = connection.execute("INSERT INTO orders (sku) VALUES (?)", (sku,))
    return Order(cursor.lastrowid or 0, [sku] * count)


def nothing(connection: sqlite3.Connection) -> None:
    insert(connection, "tea")
