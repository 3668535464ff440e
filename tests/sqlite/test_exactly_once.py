"""What a call writes to the application's database and what it comes to are one transaction."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from spindle import Completed, Port, UsageError, open_coroutine, use, write
from spindle import sqlite as module
from spindle.sqlite import exactly_once, forget_calls
from tests.sqlite.orders import Order, in_call, insert, nothing, skus


def kept(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("SELECT count(*) FROM spindle_calls").fetchone()
    return int(number)


def test_each_call_writes_once_and_returns_the_same_each_time(
    database: sqlite3.Connection,
) -> None:
    for number, sku in [(1, "tea"), (2, "tea"), (1, "tea"), (3, "milk"), (2, "tea")]:
        order = in_call(number, partial(exactly_once, database, insert, sku, count=2), sku)
        assert order == Order(2 * number, [sku, sku])
    assert skus(database) == ["tea"] * 4 + ["milk"] * 2
    assert not database.in_transaction


def test_what_it_returns_is_what_is_read_back(database: sqlite3.Connection) -> None:
    made: list[Order] = []

    def makes(connection: sqlite3.Connection) -> Order:
        made.append(insert(connection, "tea"))
        return made[0]

    first = in_call(1, lambda: exactly_once(database, makes))
    assert first == made[0]
    assert first is not made[0]
    assert first.skus is not made[0].skus


def test_what_returns_nothing_is_done_once_too(database: sqlite3.Connection) -> None:
    for _ in range(2):
        assert in_call(1, lambda: exactly_once(database, nothing)) is None
    assert skus(database) == ["tea"]


@pytest.mark.parametrize("error", [LookupError("sold out"), KeyboardInterrupt()])
def test_what_raises_has_written_nothing_and_is_tried_again(
    database: sqlite3.Connection, error: BaseException
) -> None:
    def fails(connection: sqlite3.Connection) -> int:
        insert(connection, "tea")
        if errors:
            raise errors.pop()
        return 1

    errors = [error]
    with pytest.raises(type(error)):
        in_call(1, lambda: exactly_once(database, fails))
    assert not database.in_transaction
    assert skus(database) == []
    assert in_call(1, lambda: exactly_once(database, fails)) == 1
    assert skus(database) == ["tea"]


def test_a_commit_that_fails_leaves_nothing(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA foreign_keys = ON")
    database.execute(
        "CREATE TABLE lines (number INTEGER REFERENCES orders DEFERRABLE INITIALLY DEFERRED)"
    )

    def dangles(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO lines VALUES (7)")

    with pytest.raises(sqlite3.IntegrityError):
        in_call(1, lambda: exactly_once(database, dangles))
    assert not database.in_transaction
    assert database.execute("SELECT count(*) FROM lines").fetchone() == (0,)


def test_what_cannot_be_kept_is_not_written(database: sqlite3.Connection) -> None:
    def untyped(connection: sqlite3.Connection) -> object:
        return insert(connection, "tea")

    with pytest.raises(UsageError, match=r"what .*untyped returned cannot be kept in the log"):
        in_call(1, lambda: exactly_once(database, untyped))
    assert skus(database) == []


def test_one_of_two_connections_at_a_time_has_the_turn(
    database: sqlite3.Connection, tmp_path: Path
) -> None:
    """The second waits for its lock, here for no time, before it looks whether it was done."""

    def meanwhile(connection: sqlite3.Connection) -> Order:
        locked = pytest.raises(sqlite3.OperationalError, match="locked")
        with closing(sqlite3.connect(tmp_path / "orders", timeout=0)) as other, locked:
            in_call(1, lambda: exactly_once(other, insert, "tea"))
        return insert(connection, "tea")

    assert in_call(1, lambda: exactly_once(database, meanwhile)) == Order(1, ["tea"])
    assert skus(database) == ["tea"]


def test_rows_and_texts_may_be_what_the_application_wants(database: sqlite3.Connection) -> None:
    database.row_factory = lambda *_: {}
    database.text_factory = bytes
    for _ in range(2):
        order = in_call(1, lambda: exactly_once(database, insert, "tea"))
        assert order == Order(1, ["tea"])
    database.row_factory = None
    assert skus(database) == [b"tea"]


@pytest.mark.parametrize("level", [None, "DEFERRED", "EXCLUSIVE"])
def test_connections_of_every_kind_will_do(tmp_path: Path, level: Any) -> None:
    path = tmp_path / "orders"
    with closing(sqlite3.connect(path, isolation_level=level)) as connection:
        connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, sku TEXT)")
        for _ in range(2):
            in_call(1, lambda: exactly_once(connection, insert, "tea"))
    with closing(sqlite3.connect(path)) as connection:
        assert skus(connection) == ["tea"]


# ── Called from ports ────────────────────────────────────────────────────────────────────────────


class Orders(Port):
    @write
    async def place(self, sku: str) -> Order: ...


async def places() -> list[int]:
    orders = await use(Orders)
    return [(await orders.place(sku)).number for sku in ("tea", "milk")]


@pytest.mark.parametrize("hosted", [True, False])
def test_in_a_thread_of_trio(tmp_path: Path, database: sqlite3.Connection, hosted: bool) -> None:
    class Shop(Orders):
        async def place(self, sku: str) -> Order:
            first = await trio.to_thread.run_sync(self.place_now, sku)
            with pytest.raises(UsageError, match="more than once"):
                await trio.to_thread.run_sync(self.place_now, sku)
            return first

        def place_now(self, sku: str) -> Order:
            with closing(sqlite3.connect(tmp_path / "orders")) as connection:
                return exactly_once(connection, insert, sku)

    async def main() -> None:
        async with open_coroutine(places, provide={Orders: Shop()}, hosted=hosted) as coroutine:
            assert await coroutine.run() == Completed([1, 2])

    trio.run(main)
    assert skus(database) == ["tea", "milk"]


def test_in_a_thread_that_has_the_context(tmp_path: Path, database: sqlite3.Connection) -> None:
    def place() -> None:
        with closing(sqlite3.connect(tmp_path / "orders")) as connection:
            exactly_once(connection, insert, "tea")

    def in_thread() -> None:
        thread = threading.Thread(target=copy_context().run, args=(place,))
        thread.start()
        thread.join()

    in_call(1, in_thread)
    in_call(1, in_thread)
    assert skus(database) == ["tea"]


# ── Forgotten ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_older_than_some_days_is_forgotten(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forget_calls(database, days=1) == 0
    for number, day in enumerate([0, 1, 2, 3]):
        monkeypatch.setattr(module, "time", lambda day=day: 86_400.0 * day)
        in_call(number, lambda: exactly_once(database, insert, "tea"))
    assert forget_calls(database, days=1.5) == 2
    assert kept(database) == 2
    assert forget_calls(database, days=1.5) == 0
    in_call(3, lambda: exactly_once(database, insert, "tea"))
    assert len(skus(database)) == 4
    in_call(0, lambda: exactly_once(database, insert, "tea"))
    assert len(skus(database)) == 5


@pytest.mark.parametrize("days", [-1, float("inf"), float("nan"), "3"])
def test_days_are_a_number(database: sqlite3.Connection, days: Any) -> None:
    with pytest.raises(UsageError, match=r"forget_calls\(days=\) takes a number of days, 0 or"):
        forget_calls(database, days=days)
