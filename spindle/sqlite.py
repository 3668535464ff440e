"""Calls that write to the application's own SQLite database exactly once.

What a call writes and what it has come to are one transaction: a row with the key of the call
stands beside what it wrote, or neither is there. A call that is made again finds the row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from math import isfinite
from threading import Lock
from time import time
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar, get_type_hints

import msgspec

from spindle._core.call_key import call_under_way
from spindle._core.errors import OutcomeUnknown, ReplayMismatch, UsageError
from spindle._core.functions import is_async_function
from spindle._core.keyed import KEYS
from spindle._core.names import name_of, shown
from spindle._core.replay.formats import Format, digest_of
from spindle._core.replay.kept import keep, read

if TYPE_CHECKING:
    from spindle._core.keyed import KeyedCall

__all__ = ["exactly_once", "forget_calls"]

P = ParamSpec("P")
T = TypeVar("T")

_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS spindle_calls (
        key TEXT PRIMARY KEY,
        call TEXT NOT NULL,
        arguments TEXT NOT NULL,
        function TEXT NOT NULL,
        at REAL NOT NULL,
        result BLOB
    ) WITHOUT ROWID
"""
_A_DAY: Final = 86_400.0
_MISSING: Final = object()


def exactly_once(
    connection: sqlite3.Connection,
    write: Callable[Concatenate[sqlite3.Connection, P], T],
    /,
    *args: P.args,
    **keywords: P.kwargs,
) -> T:
    """Call `write(connection, ...)` in a transaction, unless this call of the port has done so.

    To be called once in the implementation of a port's `write` method, and again only if it has
    raised. What `write` writes by the connection, and what it returns, are committed together under
    the `call_key()`. If the call is made again, since its process has died before its end was in
    the log, what was returned then is returned, and `write` is not called. If `write` raises
    nothing is written, and nothing kept.

    Blocks until it is on the disk, or as long as the connection waits for a lock. It may be called
    in any thread that the connection allows and that has the call's context variables, as
    `trio.to_thread.run_sync` and `asyncio.to_thread` see to. The table `spindle_calls` is made.

    Args:
        connection: to the database, without an open transaction.
        write: a function that does not commit or roll back. Its return type is declared, and can
            be kept: see `Log`.
        args: what it is given besides.
        keywords: as well.

    Returns:
        What `write` returned, read back from what is kept.

    Raises:
        UsageError: this is called from no call that changes something, or from one that has had
            its transaction; the connection is none, has a transaction, or was opened with
            `autocommit=False`; what `write` returns is not declared, or cannot be kept, and nothing
            is written; or it is async, or a `functools.partial`, or another one than was called
            under this key before; or it has ended the transaction itself: what it has not committed
            by then is rolled back.
        OutcomeUnknown: `write` has ended the transaction itself when it was called before, and may
            have committed something.
        ReplayMismatch: the call had other arguments when it was made before, or what is kept does
            not fit what `write` is declared to return now; nothing is written.
    """
    call = _under_way()
    name, kind = name_of(write), _declared(write)
    with _only_use(call, name), _transaction(connection, "exactly_once()") as cursor:
        result = _kept(cursor, call, name)
        if result is not _MISSING:
            before: T = _read(result, kind, call, name)
            return before
        _begin(cursor, call, name)
        cursor.execute("SAVEPOINT spindle_call")
        value = write(connection, *args, **keywords)
        _check_that_it_lasts(cursor, call, name)
        written, found = _keep(value, kind, name)
        cursor.execute("UPDATE spindle_calls SET result = ? WHERE key = ?", (written, call.key))
        if cursor.rowcount != 1:
            raise UsageError(
                f"{name} has deleted the row of its own call from spindle_calls, which says that "
                f"it was done: leave that table to exactly_once() and forget_calls()"
            )
    return found


def forget_calls(connection: sqlite3.Connection, /, *, days: float) -> int:
    """Forget what calls have come to that were done more than so many days ago.

    Such a call would be done once more if it were made again: let there be more days than a
    conversation can lie between the death of its process and being taken up. Blocks as
    `exactly_once` does.

    Args:
        connection: to the database, without an open transaction.
        days: of 24 hours.

    Returns:
        How many were forgotten.

    Raises:
        UsageError: `days` is no finite number, or below 0; or the connection is none, has a
            transaction, or was opened with `autocommit=False`.
    """
    if not isinstance(days, (int, float)) or not isfinite(days) or days < 0:
        raise UsageError(f"forget_calls(days=) takes a number of days, 0 or more, not {days!r}")
    with _transaction(connection, "forget_calls()") as cursor:
        cursor.execute("DELETE FROM spindle_calls WHERE at < ?", (time() - days * _A_DAY,))
        return cursor.rowcount


@contextmanager
def _transaction(connection: sqlite3.Connection, who: str) -> Generator[sqlite3.Cursor]:
    """One that is committed at the end, or rolled back if that is not reached."""
    if not isinstance(connection, sqlite3.Connection):
        raise UsageError(
            f"{who} takes a connection to the database, not {shown(connection)}: open one, and "
            f"close it afterwards, `with closing(sqlite3.connect(path)) as connection: ...`"
        )
    if getattr(connection, "autocommit", None) is False:
        raise UsageError(
            f"{who} begins its transaction itself, and this connection always has one: open it "
            f"with autocommit=True, or without saying autocommit="
        )
    if connection.in_transaction:
        raise UsageError(
            f"{who} was given a connection with an open transaction: commit or roll back first, or "
            f"give it another connection, for what it writes is a transaction of its own"
        )
    cursor = connection.cursor()
    cursor.row_factory = None  # the application's own may make anything of a row
    cursor.execute("BEGIN IMMEDIATE")
    try:
        cursor.execute(_TABLE)
        yield cursor
        cursor.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            cursor.execute("ROLLBACK")
        raise


_MARKING: Final = Lock()


def _under_way() -> KeyedCall:
    call = call_under_way("exactly_once()")
    if KEYS.current() is None:  # it was made before this module was loaded
        KEYS.put(call)  # or the next use would find another object
    return call


@contextmanager
def _only_use(call: KeyedCall, name: str) -> Generator[None]:
    """The one that comes to an end in this call: one that raises leaves the turn to the next."""
    with _MARKING:
        if call.transacted:
            raise UsageError(
                f"{call.name} has called exactly_once() more than once ({call.key}), this time with"
                f" {name}: a call has one transaction, and that is taken. What was committed before"
                f" is there, and {name} was not called: let one function do all of it"
            )
        call.transacted = True
    try:
        yield
    except BaseException:
        call.transacted = False
        raise


def _declared(write: Callable[..., object]) -> Any:
    name = name_of(write)
    if isinstance(write, partial):
        raise UsageError(
            f"exactly_once() takes a function and its arguments, not a functools.partial: write "
            f"exactly_once(connection, {name}, ...) instead of "
            f"exactly_once(connection, partial({name}, ...))"
        )
    if is_async_function(write):
        raise UsageError(
            f"exactly_once() takes a function that is no `async def`, and {name} is one: all that "
            f"it writes is one transaction, in which nothing else has a turn"
        )
    try:
        hints = get_type_hints(write)
    except (NameError, TypeError, AttributeError) as error:
        raise UsageError(
            f"what {name} returns cannot be looked up ({error}): exactly_once() keeps that, and "
            f"reads it by the type that is declared at the top of its module"
        ) from error
    if "return" not in hints:
        raise UsageError(
            f"{name} does not declare what it returns: exactly_once() keeps that, and reads it by "
            f"its declared type. Write `def {name.rpartition('.')[2]}(...) -> ...`"
        )
    return hints["return"]


def _arguments(call: KeyedCall) -> str:
    return digest_of([call.args, dict(call.keywords)])


def _kept(cursor: sqlite3.Cursor, call: KeyedCall, name: str) -> object:
    """What is kept of a call: `_MISSING` if nothing is."""
    cursor.execute(
        "SELECT result, arguments IS ?, function IS ?, function FROM spindle_calls WHERE key = ?",
        (_arguments(call), name, call.key),
    )
    row: tuple[object, int, int, object] | None = cursor.fetchone()
    if row is None:
        return _MISSING
    result, same_arguments, same_function, function = row
    if not same_arguments:
        raise ReplayMismatch(
            f"{call.name} was done before under the same key ({call.key}), with other arguments: "
            f"its conversation was taken up from before it, and went another way. What was written "
            f"then is there, and nothing more was"
        )
    if not same_function:
        raise UsageError(
            f"{call.name} has called exactly_once() under the same key ({call.key}) with "
            f"{function}, and not with {name}: a call has one transaction, so let one function do "
            f"all of it. If it was renamed, let it have its old name as long as such calls are made"
        )
    return result


def _begin(cursor: sqlite3.Cursor, call: KeyedCall, name: str) -> None:
    """Note that a call has begun: what it comes to is not known."""
    cursor.execute(
        "INSERT OR IGNORE INTO spindle_calls VALUES (?, ?, ?, ?, ?, NULL)",
        (call.key, call.name, _arguments(call), name, time()),
    )


def _check_that_it_lasts(cursor: sqlite3.Cursor, call: KeyedCall, name: str) -> None:
    """Refuse a function that has ended the transaction, whatever it has begun since.

    If it has committed, the row of the call is there as it was begun. If it has rolled back the row
    is gone, and comes back where the connection commits each statement at once: what was written
    after the rollback is there, too.
    """
    try:
        cursor.execute("RELEASE spindle_call")  # which every end of the transaction takes along
    except sqlite3.OperationalError as error:
        connection = cursor.connection
        if connection.in_transaction:
            cursor.execute("ROLLBACK")
        if connection.isolation_level is None or getattr(connection, "autocommit", None) is True:
            cursor.execute(_TABLE)
            _begin(cursor, call, name)
        raise UsageError(
            f"{name} has ended the transaction itself, by commit(), rollback(), executescript() or "
            f"`with connection:`, so that what it returned cannot be kept with what it wrote. What "
            f"it has committed is there, the rest was rolled back: leave that to exactly_once()"
        ) from error


def _keep(value: T, kind: Any, name: str) -> tuple[msgspec.Raw, T]:
    return keep(value, kind, f"what {name} returned", Format.MSGPACK)


def _read(result: object, kind: Any, call: KeyedCall, name: str) -> Any:
    if not isinstance(result, bytes):
        raise OutcomeUnknown(
            f"{call.name} was done before ({call.key}), and {name} has ended the transaction "
            f"itself: what it came to was not kept with it"
        )
    try:
        return read(msgspec.Raw(result), kind, Format.MSGPACK)
    except msgspec.ValidationError as error:
        raise ReplayMismatch(
            f"what {name} returned when {call.name} was done before ({call.key}) is of another "
            f"type than it declares now: {error}. Declare one that both fit"
        ) from error
