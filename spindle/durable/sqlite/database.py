"""The file: all that is done to it, by one thread over one connection.

One connection writes and checkpoints. With two, versions of SQLite before 3.51.3 may lose a commit
that another's checkpoint overtakes, and most systems ship those.

The rows of pages that are held are kept here, as they will be once the transaction that is open is
committed. So an append is one row in one table: who may append, and where the log ends, is known.
If the transaction fails the rows are wrong; nothing is done with them any more then, since a commit
that failed must not be tried again: what the system could not write to the disk it has dropped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spindle._core.names import shown
from spindle.durable.errors import Fenced, NoSuchPage, NotAStore, StoreError, StoreFailed
from spindle.durable.points import reach
from spindle.durable.sqlite.lock import FileLock
from spindle.durable.sqlite.rows import COLUMNS, row_of, values_of
from spindle.durable.sqlite.schema import identify, number, prepare
from spindle.durable.store import Durability, Lease

if TYPE_CHECKING:
    from spindle.durable.row import Row
    from spindle.durable.sqlite.connection import Connect, Value

__all__ = ["Database", "Held", "told", "unopened"]

LARGE: Final = 1 << 20
"""So many bytes in the write-ahead log are brought into the file when there is nothing to do."""

LARGEST: Final = 1 << 24
"""And so many in any case."""

_AT_A_TIME: Final = 25
_INSERT: Final = "INSERT INTO frames VALUES (?, ?, ?)"
_INSERT_MANY: Final = _INSERT + ", (?, ?, ?)" * (_AT_A_TIME - 1)


class Held:
    """A page in memory: its row, and its number in the file."""

    __slots__ = ("number", "row")

    def __init__(self, number: int, row: Row) -> None:
        self.number = number
        self.row = row


class Database:
    """An open file.

    Args:
        path: of the file.
        level: what a commit outlives.
        clock: tells the time that leases go by.
        connect: opens it.

    Raises:
        StoreInUse: somebody has it open.
        NotAStore: it is something else.
        StoreTooNew: a newer Spindle has made it.
        StoreFailed: it cannot be opened.
    """

    def __init__(
        self, path: Path, level: Durability, clock: Callable[[], float], connect: Connect
    ) -> None:
        self.path = path
        self.clock = clock
        if os.path.isdir(path):  # before a lock is left beside it
            raise unopened(path, IsADirectoryError())
        try:
            self._lock = FileLock(path)
        except OSError as error:
            raise unopened(path, error) from error
        try:
            reach("open:locked")
            _check_header(path)
            opened = self._open(level, connect)
        except BaseException:
            self._lock.release()
            raise
        self._epoch = opened << 32
        self.first = self._epoch + 1
        """Leases of smaller epochs are those of processes that are gone."""
        self._held: dict[str, Held] = {}
        self._rows: list[tuple[int, int, bytes]] = []
        self._written = _size_of_log(path)
        """About how many bytes the write-ahead log has, with what a killed process has left."""
        reach("open:ready")

    def _open(self, level: Durability, connect: Connect) -> int:
        try:
            self.connection = connect(self.path)
            try:
                return self._prepare(level)
            except BaseException:
                self.connection.close()
                raise
        except StoreError:
            raise
        except Exception as error:
            raise unopened(self.path, error) from error

    def _prepare(self, level: Durability) -> int:
        new = identify(self.connection, self.path)
        synchronous = "FULL" if level is Durability.POWER else "NORMAL"
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "fullfsync = ON",
            "checkpoint_fullfsync = ON",
            "wal_autocheckpoint = 0",
            f"journal_size_limit = {4 * LARGEST}",
        ):
            for _ in self.connection.execute(f"PRAGMA {pragma}"):
                pass
        return prepare(self.connection, new=new)

    # ── Transactions ─────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Begin to write."""
        self.connection.execute("BEGIN IMMEDIATE")
        reach("batch:begun")

    def commit(self) -> None:
        """Keep all that was written."""
        reach("batch:written")
        self.connection.execute("COMMIT")
        self._written += 8192
        reach("batch:kept")

    def settle(self) -> None:
        """Write the frames that were gathered: what looks at the tables begins with that."""
        if self._rows:
            rows, self._rows = self._rows, []
            whole = len(rows) - len(rows) % _AT_A_TIME
            for at in range(0, whole, _AT_A_TIME):
                values = [value for row in rows[at : at + _AT_A_TIME] for value in row]
                self.connection.execute(_INSERT_MANY, values)
            self.connection.executemany(_INSERT, rows[whole:])
            self._written += sum([len(row[2]) + 64 for row in rows])

    def tidy(self, *, idle: bool) -> None:
        """Bring what was written into the file, if it is much; appends wait for it meanwhile."""
        if self._written > (LARGE if idle else LARGEST):
            self._written = 0
            reach("checkpoint:before")
            for _ in self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)"):
                pass
            reach("checkpoint:after")

    def close(self, *, failed: bool) -> None:
        """Close it; what is in the write-ahead log is brought into the file by that."""
        reach("close:before")
        if failed:
            with suppress(Exception):
                self.connection.execute("ROLLBACK")
        try:
            self.connection.close()
        finally:
            self._lock.release()
        reach("close:after")

    # ── Pages ────────────────────────────────────────────────────────────────────────────────────

    def append(self, lease: Lease, expected_head: int, frames: list[bytes]) -> None:
        """Add frames to a log.

        Raises:
            Fenced: the lease is over.
            Conflict: the log ends elsewhere.
        """
        held = self._held.get(lease.page) or self.held(lease)
        row = held.row
        row.follow(lease, expected_head)
        for data in frames:
            row.head += 1
            self._rows.append((held.number, row.head, data))

    def held(self, lease: Lease) -> Held:
        """The page of a lease; it is in memory from here on.

        Raises:
            Fenced: the lease is over.
        """
        try:
            held = self.page(lease.page)
        except NoSuchPage:
            raise Fenced(lease.page, lease.epoch, None) from None
        held.row.hold(lease)
        self._held[lease.page] = held
        return held

    def page(self, name: str) -> Held:
        """A page, held or not.

        Raises:
            NoSuchPage: there is none.
        """
        held = self._held.get(name)
        if held is None:
            rows = self.connection.execute(f"SELECT {COLUMNS} FROM pages WHERE page = ?", (name,))
            for values in list(rows):
                return self.loaded(values)
            raise NoSuchPage(name)
        return held

    def loaded(self, values: Sequence[Value]) -> Held:
        """A page, as it was read; one that is held is here already."""
        key, row = row_of(values)
        held = self._held.get(row.page)
        if held is not None:
            return held
        sql = "SELECT coalesce(max(seq), -1) FROM frames WHERE page = ?"
        row.head = max(row.head, number(self.connection, sql, (key,)))
        if row.epoch < self.first:
            row.lapse()
        return Held(key, row)

    def keep(self, held: Held) -> None:
        """Write the row of a page; it stays in memory as long as somebody holds it."""
        assigned = ", ".join(f"{each} = ?" for each in COLUMNS.split(", ")[1:])
        values = values_of(held.row)
        sql = f"UPDATE pages SET {assigned} WHERE number = ?"
        self.connection.execute(sql, (*values, held.number))
        if held.row.owner is None:
            self._held.pop(held.row.page, None)
        else:
            self._held[held.row.page] = held

    def add(self, row: Row) -> Held:
        """Write the row of a new page."""
        marks = ", ".join("?" * (len(COLUMNS.split(", ")) - 1))
        names = COLUMNS.partition(", ")[2]
        self.connection.execute(f"INSERT INTO pages ({names}) VALUES ({marks})", values_of(row))
        held = Held(number(self.connection, "SELECT last_insert_rowid()"), row)
        self._held[row.page] = held
        return held

    def forget(self, name: str) -> None:
        """Take a page out of memory that is no more."""
        self._held.pop(name, None)

    def next_epoch(self) -> int:
        """A number greater than all before, in this process and in those before it."""
        self._epoch += 1
        return self._epoch

    def rows_in_memory(self) -> list[Row]:
        """Of all pages that somebody holds, or did not release."""
        return [each.row for each in self._held.values()]


def _size_of_log(path: Path) -> int:
    """How many bytes the write-ahead log has that lies beside a file."""
    where = os.path.realpath(path)  # where SQLite puts it
    try:
        return os.path.getsize(f"{where}-wal")
    except OSError:  # not there, or the file is no real one
        return 0


def unopened(path: Path, error: Exception, *, looking: bool = False) -> StoreFailed:
    """What to raise where a store's file cannot be opened, or only looked into."""
    where = path.resolve()
    said = str(error).lower()
    # By functions that raise nothing where this process may not look.
    if os.path.isdir(where):
        why = "that is a folder, and a store is a file: name a file in it"
    elif isinstance(error, PermissionError) or "readonly" in said or "read-only" in said:
        why = "this process may not do that: let it read " + (
            "the file, and those that a server has beside it"
            if looking
            else f"and write the file, and write in its folder {where.parent}, for a store has "
            f"files beside it"
        )
    elif os.path.exists(where.parent) and not os.path.isdir(where.parent):
        why = f"{where.parent} is a file, and no folder: name another"
    elif not os.path.isdir(where.parent):
        why = f"there is no folder {where.parent}: make it, or name another"
    else:
        why = told(error)
    return StoreFailed(f"{path} cannot be opened: {why}", opening=True)


def told(error: BaseException) -> str:
    """What went wrong with a file, and what helps if it is damaged."""
    said = shown(error)
    if "malformed" in said or "not a database" in said:
        return f"{said}. It is damaged: copy it away, then put back a copy that is whole"
    return said


def _check_header(path: Path) -> None:
    """Check that a file is a database or empty, before SQLite touches it."""
    header = b""
    try:
        with suppress(FileNotFoundError), open(path, "rb") as file:
            header = file.read(16)
    except OSError as error:
        raise unopened(path, error) from error
    # All zeros: the power has gone while it was made, and SQLite knows what to do.
    if header.strip(b"\0") and header != b"SQLite format 3\0":
        raise NotAStore(
            f"{path} is no store: it begins with {header!r}. A store needs a file of its own"
        )
