"""A passport office in one SQLite file. Ordinary code that knows of no page."""

# pyright: reportUnusedCallResult=false

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import msgspec
import trio
from typing_extensions import override

from examples.passport.contract import Application, Offer, Receipt
from examples.passport.ports import Office

__all__ = ["ISSUED", "OFFERS", "SqliteOffice", "open_office"]

OFFERS = (Offer("normal", 30, 5200), Offer("express", 3, 8400))
ISSUED = ("K12345678", "C01234567")


class SqliteOffice(Office):
    """A database blocks, so it is asked in a thread: the pages go on meanwhile."""

    def __init__(self, db: sqlite3.Connection, today: Callable[[], date]) -> None:
        self._db = db
        self._today = today
        self._one = trio.CapacityLimiter(1)  # thread at a time has the connection

    @override
    async def today(self) -> date:
        return self._today()

    @override
    async def issued(self, number: str) -> bool:
        return await trio.to_thread.run_sync(self._issued, number, limiter=self._one)

    @override
    async def offers(self) -> tuple[Offer, ...]:
        return await trio.to_thread.run_sync(self._offers, limiter=self._one)

    @override
    async def submit(self, application: Application) -> Receipt | None:
        return await trio.to_thread.run_sync(self._submit, application, limiter=self._one)

    @override
    async def received(self, application: Application) -> Receipt | None:
        return await trio.to_thread.run_sync(self._received, application, limiter=self._one)

    def _issued(self, number: str) -> bool:
        found = self._db.execute("SELECT 1 FROM passport WHERE number = ?", (number,))
        return found.fetchone() is not None

    def _offers(self) -> tuple[Offer, ...]:
        rows = self._db.execute("SELECT speed, days, price FROM offer ORDER BY price")
        return tuple(Offer(*row) for row in rows)

    def _submit(self, application: Application) -> Receipt | None:
        offer = next(each for each in self._offers() if each.speed == application.form.speed)
        if application.price != offer.price:
            return None
        ready = self._today() + timedelta(days=offer.days)
        row = (msgspec.json.encode(application), ready.isoformat())
        with self._db:
            added = self._db.execute("INSERT INTO application (body, ready) VALUES (?, ?)", row)
        assert added.lastrowid is not None
        return Receipt(added.lastrowid, ready)

    def _received(self, application: Application) -> Receipt | None:
        row: tuple[int, str] | None = self._db.execute(
            "SELECT number, ready FROM application WHERE body = ?",
            (msgspec.json.encode(application),),
        ).fetchone()
        return None if row is None else Receipt(row[0], date.fromisoformat(row[1]))


@contextmanager
def open_office(path: Path, today: Callable[[], date] = date.today) -> Generator[SqliteOffice]:
    """Open the office in a file, which is made if it is not there yet.

    Args:
        path: the file.
        today: what day it is.
    """
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        db.executescript(_TABLES)
        with db:
            db.executemany("INSERT OR IGNORE INTO passport VALUES (?)", zip(ISSUED))
            offers = map(msgspec.structs.astuple, OFFERS)
            db.executemany("INSERT OR IGNORE INTO offer VALUES (?, ?, ?)", offers)
        yield SqliteOffice(db, today)
    finally:
        db.close()


_TABLES = """
CREATE TABLE IF NOT EXISTS passport (number TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS offer (speed TEXT PRIMARY KEY, days INTEGER, price INTEGER);
CREATE TABLE IF NOT EXISTS application (number INTEGER PRIMARY KEY, body BLOB, ready TEXT);
"""
