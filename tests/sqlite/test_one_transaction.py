"""A call has one transaction: who ends it is told, and who wants another one, too."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from spindle import Completed, Coroutine, Errored, Log, OutcomeUnknown, Port, UsageError, use, write
from spindle._core.keyed import KEYS
from spindle.sqlite import exactly_once
from tests.sqlite.orders import in_call, insert, nothing, skus

# ── Ended ────────────────────────────────────────────────────────────────────────────────────────

Step: TypeAlias = Callable[[sqlite3.Connection], object]


def commits(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO orders (sku) VALUES ('tea')")
    connection.commit()


def commits_by_hand(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO orders (sku) VALUES ('tea')")
    connection.execute("COMMIT")


def leaves_a_block(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("INSERT INTO orders (sku) VALUES ('tea')")


def runs_a_script(connection: sqlite3.Connection) -> None:
    connection.executescript("INSERT INTO orders (sku) VALUES ('tea')")


def rolls_back(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO orders (sku) VALUES ('draft')")
    connection.rollback()


def fails_in_a_block(connection: sqlite3.Connection) -> None:
    with suppress(LookupError), connection:
        connection.execute("INSERT INTO orders (sku) VALUES ('draft')")
        raise LookupError


def has_a_conflict(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO orders VALUES (7, 'draft')")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT OR ROLLBACK INTO orders VALUES (7, 'draft')")


def stops(connection: sqlite3.Connection) -> None: ...


def writes(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO orders (sku) VALUES ('more')")


def begins(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")


def begins_and_writes(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    writes(connection)


def sets_a_savepoint(connection: sqlite3.Connection) -> None:
    connection.execute("SAVEPOINT another")
    writes(connection)


COMMIT = [commits, commits_by_hand, leaves_a_block, runs_a_script]
ROLL_BACK = [rolls_back, fails_in_a_block, has_a_conflict]
GO_ON = [stops, writes, begins, begins_and_writes, sets_a_savepoint]


def ending(*steps: Step) -> Callable[[sqlite3.Connection], None]:
    def ends(connection: sqlite3.Connection) -> None:
        for step in steps:
            step(connection)

    return ends


@pytest.mark.parametrize("goes_on", GO_ON)
@pytest.mark.parametrize("ends", COMMIT)
def test_who_commits_is_told_and_does_not_write_again(
    database: sqlite3.Connection, ends: Step, goes_on: Step
) -> None:
    both = ending(ends, goes_on)
    with pytest.raises(
        UsageError, match="ends has ended the transaction itself, by commit"
    ) as told:
        in_call(1, lambda: exactly_once(database, both))
    assert "What it has committed is there, the rest was rolled back" in str(told.value)
    assert not database.in_transaction
    assert skus(database) == ["tea"]
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match=r"Orders.place was done before .*, and ends has"):
            in_call(1, lambda: exactly_once(database, both))
    assert skus(database) == ["tea"]


@pytest.mark.parametrize("table", ["is there", "is not"])
@pytest.mark.parametrize("goes_on", GO_ON)
@pytest.mark.parametrize("ends", ROLL_BACK)
def test_who_rolls_back_has_written_nothing_and_is_told_each_time(
    database: sqlite3.Connection, ends: Step, goes_on: Step, table: str
) -> None:
    if table == "is there":
        in_call(2, lambda: exactly_once(database, stops))
    for _ in range(2):
        with pytest.raises(UsageError, match="has ended the transaction itself"):
            in_call(1, lambda: exactly_once(database, ending(ends, goes_on)))
        assert not database.in_transaction
        assert skus(database) == []
    in_call(1, lambda: exactly_once(database, nothing))
    assert skus(database) == ["tea"]


AT_ONCE: list[dict[str, Any]] = [{"isolation_level": None}]
if sys.version_info >= (3, 12):
    AT_ONCE.append({"autocommit": True})


@pytest.mark.parametrize("options", AT_ONCE)
@pytest.mark.parametrize("table", ["is there", "is not"])
def test_what_is_committed_at_once_after_a_rollback_is_not_written_again(
    tmp_path: Path, options: dict[str, Any], table: str
) -> None:
    def rolls_back(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO orders (sku) VALUES ('draft')")
        connection.execute("ROLLBACK")
        connection.execute("INSERT INTO orders (sku) VALUES ('tea')")
        begins_and_writes(connection)

    with closing(sqlite3.connect(tmp_path / "orders", **options)) as connection:
        connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, sku TEXT)")
        if table == "is there":
            in_call(2, lambda: exactly_once(connection, stops))
        with pytest.raises(UsageError, match="rolls_back has ended the transaction itself"):
            in_call(1, lambda: exactly_once(connection, rolls_back))
        with pytest.raises(OutcomeUnknown):
            in_call(1, lambda: exactly_once(connection, rolls_back))
        assert skus(connection) == ["tea"]


@pytest.mark.parametrize("error", [LookupError("sold out"), sqlite3.OperationalError("locked")])
def test_who_rolls_back_and_raises_is_tried_again(
    database: sqlite3.Connection, error: Exception
) -> None:
    def fails(connection: sqlite3.Connection) -> None:
        rolls_back(connection)
        writes(connection)
        raise error

    with pytest.raises(type(error), match=str(error)):
        in_call(1, lambda: exactly_once(database, fails))
    in_call(1, lambda: exactly_once(database, nothing))
    assert skus(database) == ["tea"]


def test_savepoints_of_its_own_may_be_set(database: sqlite3.Connection) -> None:
    def tries(connection: sqlite3.Connection) -> None:
        insert(connection, "tea")
        connection.execute("SAVEPOINT own")
        insert(connection, "draft")
        connection.execute("ROLLBACK TO own")
        connection.execute("SAVEPOINT left_open")
        insert(connection, "milk")

    for _ in range(2):
        in_call(1, lambda: exactly_once(database, tries))
    assert skus(database) == ["tea", "milk"]


def test_who_deletes_the_row_of_the_call_is_told_and_has_written_nothing(
    database: sqlite3.Connection,
) -> None:
    def deletes(connection: sqlite3.Connection) -> None:
        insert(connection, "tea")
        connection.execute("DELETE FROM spindle_calls")

    for _ in range(2):
        with pytest.raises(UsageError, match="deletes has deleted the row of its own call"):
            in_call(1, lambda: exactly_once(database, deletes))
    assert skus(database) == []


# ── Used more than once ──────────────────────────────────────────────────────────────────────────


class Orders(Port):
    @write
    async def place(self, skus: list[str]) -> int: ...


async def order(skus: list[str]) -> int:
    return await (await use(Orders)).place(skus)


@pytest.mark.parametrize("wanted", [["tea", "milk"], ["tea", "tea"]])
def test_a_loop_over_exactly_once_is_refused_when_it_is_made_and_when_it_is_made_again(
    database: sqlite3.Connection, wanted: list[str]
) -> None:
    class Shop(Orders):
        async def place(self, skus: list[str]) -> int:
            return max(exactly_once(database, insert, sku).number for sku in skus)

    log = Log()
    state = Coroutine(order, wanted, provide={Orders: Shop()}, log=log).run()
    for _ in range(2):
        assert isinstance(state, Errored)
        assert isinstance(state.error, UsageError)
        assert "Orders.place has called exactly_once() more than once (" in str(state.error)
        assert "and insert was not called: let one function do all of it" in str(state.error)
        assert skus(database) == ["tea"]
        del log.frames[-1]  # its end was never written down
        log = Log.load(log.dump())
        state = Coroutine.resume(order, log, provide={Orders: Shop()}).state


def test_a_second_use_is_refused_whatever_it_is_given(
    database: sqlite3.Connection, tmp_path: Path
) -> None:
    def twice() -> None:
        exactly_once(database, insert, "tea")
        for _ in range(2):
            with pytest.raises(UsageError, match="this time with nothing: a call has"):
                exactly_once(database, nothing)
        other = closing(sqlite3.connect(tmp_path / "another"))
        with other as connection, pytest.raises(UsageError, match="more than once"):
            exactly_once(connection, insert, "tea")

    for _ in range(2):
        in_call(1, twice)
    assert skus(database) == ["tea"]


def test_a_use_within_a_use_is_refused(database: sqlite3.Connection) -> None:
    def outer(connection: sqlite3.Connection) -> None:
        exactly_once(connection, insert, "tea")

    with pytest.raises(UsageError, match="more than once"):
        in_call(1, lambda: exactly_once(database, outer))
    assert skus(database) == []


def test_a_use_in_another_thread_is_refused(database: sqlite3.Connection, tmp_path: Path) -> None:
    said: list[str] = []

    def second() -> None:
        with closing(sqlite3.connect(tmp_path / "orders", timeout=0)) as connection:
            try:
                exactly_once(connection, insert, "milk")
            except UsageError as error:
                said.append(str(error))

    def first(connection: sqlite3.Connection) -> None:
        thread = threading.Thread(target=copy_context().run, args=(second,))
        thread.start()
        thread.join()
        insert(connection, "tea")

    in_call(1, lambda: exactly_once(database, first))
    assert "this time with insert: a call has one transaction" in said[0]
    assert skus(database) == ["tea"]


def test_a_use_that_has_raised_is_tried_again_in_the_same_call(
    database: sqlite3.Connection,
) -> None:
    database.execute("PRAGMA foreign_keys = ON")
    database.execute(
        "CREATE TABLE lines (number INTEGER REFERENCES orders DEFERRABLE INITIALLY DEFERRED)"
    )

    def raises(connection: sqlite3.Connection) -> None:
        insert(connection, "draft")
        raise LookupError

    def cannot_be_committed(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO lines VALUES (7)")

    def tries() -> object:
        with pytest.raises(LookupError):
            exactly_once(database, raises)
        with pytest.raises(sqlite3.IntegrityError):
            exactly_once(database, cannot_be_committed)
        return exactly_once(database, insert, "tea").number

    assert in_call(1, tries) == 1
    assert skus(database) == ["tea"]


def test_a_second_use_is_refused_in_a_call_that_was_begun_before_anybody_could_ask(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KEYS, "wanted", False)

    class Shop(Orders):
        async def place(self, skus: list[str]) -> int:
            number = exactly_once(database, insert, skus[0]).number
            with pytest.raises(UsageError, match="more than once"):
                exactly_once(database, insert, skus[0])
            return number

    async def orders() -> list[int]:
        return [await order(["tea"]), await order(["milk"])]

    state = Coroutine(orders, provide={Orders: Shop()}).run()
    assert state == Completed([1, 2])
