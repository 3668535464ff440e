"""What a call writes to the application's database and what it comes to are one transaction."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import Context, copy_context
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from msgspec import Struct

from spindle import (
    Completed,
    OutcomeUnknown,
    Port,
    ReplayMismatch,
    UsageError,
    call_key,
    open_coroutine,
    use,
    write,
)
from spindle import sqlite as module
from spindle._core.keyed import KEYS, KeyedCall
from spindle.sqlite import exactly_once, forget_calls


class Order(Struct):
    number: int
    skus: list[str]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "orders", timeout=0)) as connection:
        connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, sku TEXT)")
        yield connection


def in_call(number: int, do: Callable[[], Any], *args: object, **keywords: object) -> Any:
    """Do something as a call of that number does, and what it returns."""
    call = KeyedCall(bytes(16), number, "Orders.place", args, keywords)
    context = Context()
    context.run(KEYS.put, call)
    return context.run(do)


def skus(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT sku FROM orders ORDER BY number")
    return [row[0] for row in rows]


def kept(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("SELECT count(*) FROM spindle_calls").fetchone()
    return int(number)


def insert(connection: sqlite3.Connection, sku: str, *, count: int = 1) -> Order:
    assert connection.in_transaction
    for _ in range(count):
        cursor = connection.execute("INSERT INTO orders (sku) VALUES (?)", (sku,))
    return Order(cursor.lastrowid or 0, [sku] * count)


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


def nothing(connection: sqlite3.Connection) -> None:
    insert(connection, "tea")


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
            exactly_once(other, insert, "tea")
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
            assert await trio.to_thread.run_sync(self.place_now, sku) == first
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


# ── Misused ──────────────────────────────────────────────────────────────────────────────────────


def test_outside_of_a_call_nothing_is_written(database: sqlite3.Connection) -> None:
    with pytest.raises(UsageError, match=r"exactly_once\(\) was called outside of a call that"):
        exactly_once(database, insert, "tea")
    assert skus(database) == []


def test_a_transaction_that_is_open_is_not_joined(database: sqlite3.Connection) -> None:
    database.execute("INSERT INTO orders (sku) VALUES ('milk')")
    said = "was given a connection with an open transaction: commit or roll back first"
    with pytest.raises(UsageError, match=rf"forget_calls\(\) {said}"):
        forget_calls(database, days=1)
    with pytest.raises(UsageError, match=rf"exactly_once\(\) {said}"):
        in_call(1, lambda: exactly_once(database, insert, "tea"))
    assert database.in_transaction
    database.rollback()
    assert skus(database) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there is no autocommit= before")
def test_a_connection_that_always_has_a_transaction_is_refused() -> None:
    options: dict[str, Any] = {"autocommit": False}
    refused = pytest.raises(UsageError, match="open it with autocommit=True")
    with closing(sqlite3.connect(":memory:", **options)) as connection, refused:
        in_call(1, lambda: exactly_once(connection, insert, "tea"))
    options = {"autocommit": True}
    with closing(sqlite3.connect(":memory:", **options)) as connection:
        connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, sku TEXT)")
        in_call(1, lambda: exactly_once(connection, insert, "tea"))
        assert skus(connection) == ["tea"]


def commits(connection: sqlite3.Connection) -> None:
    insert(connection, "tea")
    connection.commit()


def leaves_a_block(connection: sqlite3.Connection) -> None:
    with connection:
        insert(connection, "tea")


def runs_a_script(connection: sqlite3.Connection) -> None:
    connection.executescript("INSERT INTO orders (sku) VALUES ('tea')")


@pytest.mark.parametrize("ends", [commits, leaves_a_block, runs_a_script])
def test_who_ends_the_transaction_is_told_and_does_not_write_again(
    database: sqlite3.Connection, ends: Callable[[sqlite3.Connection], None]
) -> None:
    name = ends.__name__
    with pytest.raises(UsageError, match=rf"{name} has ended the transaction itself, by commit"):
        in_call(1, lambda: exactly_once(database, ends))
    with pytest.raises(OutcomeUnknown, match=rf"Orders.place was done before .*, and {name} has"):
        in_call(1, lambda: exactly_once(database, ends))
    assert skus(database) == ["tea"]


def test_who_rolls_back_has_written_nothing(database: sqlite3.Connection) -> None:
    def rolls_back(connection: sqlite3.Connection) -> None:
        insert(connection, "tea")
        connection.rollback()

    for _ in range(2):
        with pytest.raises(UsageError, match="has ended the transaction itself"):
            in_call(1, lambda: exactly_once(database, rolls_back))
    assert skus(database) == []


def test_other_arguments_under_the_same_key_are_another_way(database: sqlite3.Connection) -> None:
    in_call(1, lambda: exactly_once(database, insert, "tea"), "tea", count=1)
    in_call(1, lambda: exactly_once(database, insert, "now it is"), "tea", count=1)
    for args, keywords in ((("milk",), {"count": 1}), (("tea",), {"count": 2})):
        with pytest.raises(ReplayMismatch) as other:
            in_call(1, lambda: exactly_once(database, insert, "milk"), *args, **keywords)
        key = in_call(1, call_key)
        assert str(other.value) == (
            f"Orders.place was done before under the same key ({key}), with other arguments: its "
            f"conversation was taken up from before it, and went another way. What was written "
            f"then is there, and nothing more was"
        )
    assert skus(database) == ["tea"]


def test_a_second_function_in_one_call_is_refused(database: sqlite3.Connection) -> None:
    def both() -> None:
        exactly_once(database, insert, "tea")
        exactly_once(database, nothing)

    with pytest.raises(UsageError, match=r"with insert, and not with nothing: a call has one"):
        in_call(1, both)
    assert skus(database) == ["tea"]


def test_what_does_not_fit_what_is_declared_now_is_told(database: sqlite3.Connection) -> None:
    def number(connection: sqlite3.Connection) -> int:
        return 1

    def text(connection: sqlite3.Connection) -> str:
        return "1"

    text.__qualname__ = number.__qualname__
    in_call(1, lambda: exactly_once(database, number))
    with pytest.raises(ReplayMismatch, match="is of another type than it declares now: Expected"):
        in_call(1, lambda: exactly_once(database, text))


async def waits(connection: sqlite3.Connection) -> int:
    return 1


def undeclared(connection: sqlite3.Connection):  # type: ignore[no-untyped-def]
    return 1


def unheard(connection: sqlite3.Connection) -> Unheard:  # type: ignore[name-defined] # noqa: F821
    return 1


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (waits, "takes a function that is no `async def`, and waits is one"),
        (undeclared, "undeclared does not declare what it returns: exactly_once() keeps that, and"),
        (lambda connection: 1, "does not declare what it returns"),
        (unheard, "what unheard returns cannot be looked up (name 'Unheard' is not defined)"),
        (partial(insert, sku="tea"), "cannot be looked up"),
    ],
)
def test_what_it_returns_has_to_be_declared(
    database: sqlite3.Connection, write: Any, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        in_call(1, lambda: exactly_once(database, write))
    assert says in str(refused.value)
