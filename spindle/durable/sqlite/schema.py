"""What a store's file looks like inside, and how one is told from other files.

Frames stand in a table with its rowid as key, and an index over page and number: appended to the
end, where a table ordered by page would be written all over. Pages are numbers there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from spindle.durable.errors import NotAStore, StoreTooNew
from spindle.durable.points import reach

if TYPE_CHECKING:
    from spindle.durable.sqlite.connection import Connection, Value

__all__ = ["APPLICATION", "VERSION", "identify", "number", "prepare"]

APPLICATION: Final = 0x53504E44  # "SPND", at its place in every SQLite file
VERSION: Final = 1

_SCHEMA: Final = (
    """CREATE TABLE pages (
        number INTEGER PRIMARY KEY,
        page TEXT NOT NULL UNIQUE,
        meta BLOB NOT NULL,
        status TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        owner TEXT,
        until REAL NOT NULL,
        wake_at REAL,
        head INTEGER NOT NULL,
        pruned INTEGER NOT NULL,
        covered INTEGER NOT NULL,
        crashes INTEGER NOT NULL,
        crashed_at INTEGER NOT NULL,
        changed REAL NOT NULL,
        snapshot BLOB
    )""",
    "CREATE INDEX pages_to_wake ON pages (wake_at) WHERE wake_at IS NOT NULL",
    "CREATE INDEX pages_owned ON pages (owner) WHERE owner IS NOT NULL",
    "CREATE INDEX pages_by_age ON pages (status, changed)",
    """CREATE TABLE frames (
        page INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        data BLOB NOT NULL,
        UNIQUE (page, seq)
    )""",
    "CREATE TABLE openings (count INTEGER NOT NULL)",
    "INSERT INTO openings VALUES (0)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)


def identify(connection: Connection, path: Path) -> bool:
    """Say whether a database is still to be made a store; it is only read.

    Raises:
        NotAStore: it is something else.
        StoreTooNew: a newer Spindle has made it.
    """
    application = number(connection, "PRAGMA application_id")
    version = number(connection, "PRAGMA user_version")
    if application == version == number(connection, "SELECT count(*) FROM sqlite_master") == 0:
        return True
    if application != APPLICATION:
        raise NotAStore(
            f"{path} is a database of another program (its application id is "
            f"{application & 0xFFFFFFFF:#010x}): a store needs a file of its own"
        )
    if version > VERSION:
        raise StoreTooNew(
            f"{path} has version {version} of a store's tables, and this Spindle knows up to "
            f"{VERSION}: run the Spindle that made it, or a newer one"
        )
    return False


def prepare(connection: Connection, *, new: bool) -> int:
    """Make the tables, if they are not there, and count that the store was opened.

    Returns:
        How often it was.
    """
    connection.execute("BEGIN IMMEDIATE")
    if new:
        reach("open:before schema")
        for statement in _SCHEMA:
            connection.execute(statement)
    connection.execute("UPDATE openings SET count = count + 1")
    opened = number(connection, "SELECT count FROM openings")
    connection.execute("COMMIT")
    reach("open:after schema")
    return opened


def number(connection: Connection, sql: str, values: tuple[Value, ...] = ()) -> int:
    """The one number that a query returns; 0 if it is none."""
    for row in connection.execute(sql, values):
        return row[0] if isinstance(row[0], int) else 0
    return 0
