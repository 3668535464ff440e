"""What is no connection, no function, or another call than before is refused, with a way out."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from spindle import ReplayMismatch, UsageError, call_key
from spindle.sqlite import exactly_once, forget_calls
from tests.sqlite.orders import in_call, insert, nothing, skus


def test_outside_of_a_call_nothing_is_written(database: sqlite3.Connection) -> None:
    with pytest.raises(UsageError, match=r"exactly_once\(\) was called outside of a call that"):
        exactly_once(database, insert, "tea")
    assert skus(database) == []


def test_what_is_no_connection_is_refused(tmp_path: Path) -> None:
    path: Any = tmp_path / "orders"
    said = r"takes a connection to the database, not \w*Path\(.*: open one, and close it"
    with pytest.raises(UsageError, match=rf"exactly_once\(\) {said}"):
        in_call(1, lambda: exactly_once(path, insert, "tea"))
    with pytest.raises(UsageError, match=rf"forget_calls\(\) {said}"):
        forget_calls(path, days=1)
    assert not path.exists()


def test_a_partial_is_told_to_be_a_function_and_its_arguments(
    database: sqlite3.Connection,
) -> None:
    with pytest.raises(UsageError) as refused:
        in_call(1, lambda: exactly_once(database, partial(insert, sku="tea")))
    assert str(refused.value) == (
        "exactly_once() takes a function and its arguments, not a functools.partial: write "
        "exactly_once(connection, insert, ...) instead of "
        "exactly_once(connection, partial(insert, ...))"
    )


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


def test_another_function_when_it_is_made_again_is_refused(database: sqlite3.Connection) -> None:
    in_call(1, lambda: exactly_once(database, insert, "tea"))
    with pytest.raises(UsageError, match=r"with insert, and not with nothing: a call has one"):
        in_call(1, lambda: exactly_once(database, nothing))
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
        ("insert", "what 'insert' returns cannot be looked up"),
    ],
)
def test_what_it_returns_has_to_be_declared(
    database: sqlite3.Connection, write: Any, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        in_call(1, lambda: exactly_once(database, write))
    assert says in str(refused.value)
