"""A file system that reaches labels where it writes to the write-ahead log and flushes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw

from spindle.durable.points import reach
from spindle.durable.sqlite.connection import Connection

__all__ = ["connect_watched"]

_made: list[Watched] = []


class Watched(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("watched", "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return File(name, flags)


class File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self._is_log = path.endswith("-wal")
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        if self._is_log:
            reach("disk:to be written")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        if self._is_log:
            reach("disk:written, not flushed")
        super().xSync(flags)
        if self._is_log:
            reach("disk:flushed")


def connect_watched(path: Path) -> Connection:
    """Connect to a database on it."""
    _made.append(Watched())
    connection = apsw.Connection(str(path), vfs="watched")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # apsw's layer has no shared memory
    return connection
