"""A store's file, looked into: nothing is written, locked or made, and a running server goes on.

The fault of SQLite that `database` speaks of needs two connections that write or checkpoint. This
one does neither. Beside a running server, or after one that was killed, it reads a page in one
short transaction, which delays no commit and holds up a checkpoint for no longer. Where no
write-ahead log is there, nobody has the file: then it is read as a file that does not change, since
SQLite would leave an empty log beside it, owned by whoever looks. That it has not changed after all
is seen behind each read.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from spindle.durable.errors import NotAStore, PageLogCorrupt, StoreFailed
from spindle.durable.sqlite import jobs
from spindle.durable.sqlite.database import Database, Held, told, unopened
from spindle.durable.sqlite.lock import is_held
from spindle.durable.sqlite.schema import identify, number

if TYPE_CHECKING:
    from spindle.durable.row import Row
    from spindle.durable.store import Kept, PageRecord, PageStatus

__all__ = ["StoreFile", "looked_into"]

T = TypeVar("T")


class _Glass(Database):
    """An open file that is only read."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.clock = time.time
        self.connection = connection
        self._held: dict[str, Held] = {}
        self._served: bool | None = None
        if identify(connection, path):
            raise NotAStore(f"{path} is an empty database: no store was ever opened there")
        self.first = (number(connection, "SELECT count FROM openings") << 32) + 1

    def loaded(self, values: Sequence[int | float | str | bytes | None]) -> Held:
        """See `Database`; when the lease of a server that runs ends, only that server knows."""
        held = super().loaded(values)
        row: Row = held.row
        if row.epoch >= self.first:
            if self._is_served():
                row.until = float("inf")
            else:
                row.lapse()
        return held

    def _is_served(self) -> bool:
        # Behind the first read: whoever comes later has no leases that are seen here.
        if self._served is None:
            self._served = is_held(self.path) is not False
        return self._served


class StoreFile:
    """Reads the pages of a store's file. Made by `looked_into`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._stamp: tuple[int, int] | None = None
        self.damaged: dict[str, PageLogCorrupt] = {}
        """Pages that `pages` has left out, since what stands beside their frames is damaged."""

    def pages(
        self, status: PageStatus | None = None, *, after: str = "", limit: int = 1000
    ) -> Sequence[PageRecord]:
        """List pages by name; see `Store.pages`."""

        def note(damage: PageLogCorrupt) -> None:
            self.damaged[damage.page] = damage

        return self._read(lambda glass: jobs.pages(glass, status, after, limit, note))

    def look(self, page: str) -> Kept:
        """Return all of a page; see `Store.look`.

        Raises:
            NoSuchPage: there is none.
            PageLogCorrupt: what stands beside its frames is damaged.
        """
        return self._read(lambda glass: jobs.look(glass, page))

    def close(self) -> None:
        """Close it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, what: Callable[[Database], T]) -> T:
        while True:
            try:
                with self._transaction() as glass:
                    found = what(glass)
            except sqlite3.DatabaseError as error:
                if self._is_as_it_was():
                    raise self._failure(error) from error
            else:
                if self._is_as_it_was():
                    return found
            self.close()  # a server has come meanwhile

    @contextmanager
    def _transaction(self) -> Generator[_Glass]:
        connection = self._connection = self._connection or self._opened()
        connection.execute("BEGIN")
        try:
            yield _Glass(self.path, connection)
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")

    def _opened(self) -> sqlite3.Connection:
        rests = not self.path.with_name(self.path.name + "-wal").exists()
        self._stamp = self._now() if rests else None
        how = "mode=ro&immutable=1" if rests else "mode=ro"
        where = f"file:{quote(str(self.path.resolve()))}?{how}"
        connection = sqlite3.connect(where, uri=True, isolation_level=None)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _is_as_it_was(self) -> bool:
        if self._stamp is None:
            return True
        beside = self.path.with_name(self.path.name + "-wal")
        return self._stamp == self._now() and not beside.exists()

    def _now(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_size

    def _failure(self, error: sqlite3.DatabaseError) -> NotAStore | StoreFailed:
        # Not looked for in the file itself: to close that would end the locks of this process.
        if "not a database" in str(error):
            return NotAStore(f"{self.path} is no store: {error}. It is left as it is")
        if "unable to open" in str(error):
            files = [f"{self.path}{end}" for end in ("", "-wal", "-shm")]
            barred = any(os.path.exists(each) and not os.access(each, os.R_OK) for each in files)
            return unopened(self.path, PermissionError() if barred else error, looking=True)
        return StoreFailed(f"{self.path}: reading it failed: {told(error)}", opening=True)


@contextmanager
def looked_into(path: Path) -> Generator[StoreFile]:
    """Open a store's file to be looked into, also while another process has it open.

    Raises:
        FileNotFoundError: it is not there.
        NotAStore: it is something else.
        StoreTooNew: a newer Spindle has made it.
        StoreFailed: it cannot be read.
    """
    file = StoreFile(path)
    try:
        path.stat()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unopened(path, error, looking=True) from error
    if path.is_dir():
        raise unopened(path, IsADirectoryError())
    try:
        file.pages(limit=0)
        yield file
    finally:
        file.close()
