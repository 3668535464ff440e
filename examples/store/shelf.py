"""What is on the shelf: the tables, and what is asked of them."""

# pyright: reportUnusedCallResult=false

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable

from msgspec.structs import astuple

from examples.store.contract import Filters, Found, Overview, Tea

__all__ = ["alike", "fill", "overview", "search", "tea", "teas"]

# Reservations belong to pages, and no page outlives its server: those that are left over are void.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tea (
    sku TEXT PRIMARY KEY, name TEXT, kind TEXT, origin TEXT, about TEXT, price INTEGER,
    stock INTEGER
);
CREATE INDEX IF NOT EXISTS tea_kind ON tea (kind, price);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    sku UNINDEXED, name, about, prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 2"
);
CREATE TABLE IF NOT EXISTS reservation (number INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS reserved (number INTEGER, sku TEXT, count INTEGER);
CREATE INDEX IF NOT EXISTS reserved_sku ON reserved (sku);
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT, paid INTEGER, card TEXT,
    name TEXT, street TEXT, postcode TEXT, city TEXT
);
CREATE TABLE IF NOT EXISTS sold (number INTEGER, sku TEXT, count INTEGER);
DELETE FROM reservation;
DELETE FROM reserved;
"""

_TEA = "tea.sku, tea.name, tea.kind, tea.origin, tea.about, tea.price"
_FREE = "(stock - (SELECT ifnull(sum(count), 0) FROM reserved WHERE reserved.sku = tea.sku))"
_A_DOZEN = 12
_WORDS = 8
"""More of them take long to rank, and find nothing more."""


def fill(db: sqlite3.Connection, teas: Callable[[], Iterable[tuple[Tea, int]]]) -> None:
    """Make the tables, and put the teas on the shelf if it is empty."""
    db.executescript(_SCHEMA)
    if db.execute("SELECT 1 FROM tea LIMIT 1").fetchone() is None:
        rows = [(*astuple(tea), stock) for tea, stock in teas()]
        db.executemany("INSERT INTO tea VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        db.execute("INSERT INTO words SELECT sku, name, about FROM tea")


def search(db: sqlite3.Connection, filters: Filters, skip: int) -> Found:
    """Find a dozen teas after the first `skip`: the best match first, then the cheapest."""
    where, given = _where(filters)
    (total,) = db.execute(f"SELECT count(*) FROM {where}", given).fetchone()
    best = "words.rank, " if _words(filters) else ""
    rows = db.execute(
        f"SELECT {_TEA} FROM {where} ORDER BY {best}price, tea.sku LIMIT {_A_DOZEN} OFFSET ?",
        [*given, skip],
    )
    return Found(tuple(Tea(*row) for row in rows), total)


def overview(db: sqlite3.Connection, filters: Filters) -> Overview:
    """Count all that fits."""
    where, given = _where(filters)
    counted = db.execute(
        f"SELECT count(*), ifnull(min(price), 0), ifnull(max(price), 0), ifnull(sum({_FREE}), 0)"
        f" FROM {where}",
        given,
    )
    return Overview(*counted.fetchone())


def tea(db: sqlite3.Connection, sku: str) -> Tea:
    """Find one tea.

    Raises:
        LookupError: it is not sold.
    """
    for found in teas(db, (sku,)).values():
        return found
    raise LookupError(f"no tea {sku!r} is sold")


def teas(db: sqlite3.Connection, skus: tuple[str, ...]) -> dict[str, Tea]:
    """Find those of some teas that are sold."""
    marks = ", ".join("?" * len(skus))
    rows = db.execute(f"SELECT {_TEA} FROM tea WHERE sku IN ({marks})", skus)
    return {row[0]: Tea(*row) for row in rows}


def alike(db: sqlite3.Connection, sku: str) -> tuple[str, ...]:
    """Find teas of the same kind from elsewhere: a shared taste first, then the nearest price."""
    this = tea(db, sku)
    tastes = this.about.partition(": ")[2].split(" and ")
    shared = " + ".join("(about LIKE ?)" for _ in tastes)
    rows = db.execute(
        f"SELECT sku FROM tea WHERE kind = ? AND origin != ?"
        f" ORDER BY {shared} DESC, abs(price - ?), sku LIMIT 3",
        [this.kind, this.origin, *(f"%{taste}%" for taste in tastes), this.price],
    )
    return tuple(sku for (sku,) in rows)


def _where(filters: Filters) -> tuple[str, list[str | int]]:
    words = _words(filters)
    conditions: list[tuple[str, str | int]] = []
    if words:
        conditions.append(("words MATCH ?", words))
    if filters.kind:
        conditions.append(("kind = ?", filters.kind))
    if filters.most is not None:
        conditions.append(("price <= ?", filters.most * 100))
    tables = "tea JOIN words ON words.sku = tea.sku" if words else "tea"
    where = " AND ".join(condition for condition, _ in conditions) or "true"
    return f"{tables} WHERE {where}", [value for _, value in conditions]


def _words(filters: Filters) -> str:
    """Write what was typed in the language of the index: each word, or its beginning."""
    words = dict.fromkeys(re.findall(r"\w+", filters.query.lower()))
    return " ".join(f'"{word}"*' for word in list(words)[:_WORDS])
