"""What is needed of a database connection, and how one is made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

__all__ = ["Connect", "Connection", "Value", "connect"]

Value: TypeAlias = "int | float | str | bytes | None"


class Connection(Protocol):
    """The part of `sqlite3.Connection` that a store uses; others have it, too."""

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Iterable[Sequence[Value]]:
        """Run a statement, and return its rows."""
        ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]], /) -> object:
        """Run a statement for each of many rows."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


Connect: TypeAlias = Callable[[Path], Connection]
"""Opens the file, and makes it if it is not there."""


def connect(path: Path) -> Connection:
    """Open a file with Python's own SQLite, to be used by one thread after the other."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)
