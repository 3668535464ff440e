"""The SQLite store for the conformance suite: files that are copied, damaged, and break."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING

from spindle.durable import Durability, Fault, Store
from spindle.durable.sqlite.connection import Connection, Value, connect
from spindle.durable.sqlite.store import open_database_store
from spindle.testing.stores import Bench

if TYPE_CHECKING:
    from spindle.durable.faults import Call

__all__ = ["BreakingConnection", "SqliteBench", "damage"]


class BreakingConnection:
    """A connection that fails when it is told to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.fault: Fault | None = None

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Iterable[Sequence[Value]]:
        if sql == "COMMIT" and self.fault is not None:
            fault, self.fault = self.fault, None
            if fault is Fault.UNANSWERED:
                self.connection.execute(sql)
            raise sqlite3.OperationalError(f"disk I/O error ({fault.name})")
        return self.connection.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]], /) -> object:
        if self.fault in (Fault.FULL, Fault.TORN):
            self.fault, rows = None, list(rows)
            self.connection.executemany(sql, rows[: len(rows) // 2])
            raise sqlite3.OperationalError("database or disk is full")
        return self.connection.executemany(sql, rows)

    def close(self) -> None:
        self.connection.close()


def damage(path: Path, page: str, seq: int) -> None:
    """Change a bit of a frame in a file that nobody has open."""
    with closing(sqlite3.connect(path)) as file, file:
        where = "seq = ? AND page = (SELECT number FROM pages WHERE page = ?)"
        (data,) = file.execute(f"SELECT data FROM frames WHERE {where}", (seq, page)).fetchone()
        changed = bytearray(data)
        changed[len(changed) // 2] ^= 1
        file.execute(f"UPDATE frames SET data = ? WHERE {where}", (bytes(changed), seq, page))


class SqliteBench(Bench):
    """A folder with a store in it."""

    level = Durability.PROCESS

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="spindle-store-"))
        self.killed: Path | None = None

    @property
    def path(self) -> Path:
        return self.folder / "pages.db"

    def _connect(self, path: Path) -> Connection:
        self.connection = BreakingConnection(connect(path))
        return self.connection

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Store]:
        async with open_database_store(self.path, self.level, self.clock, self._connect) as store:
            yield store
        if self.killed is not None:
            shutil.rmtree(self.folder)
            self.killed.rename(self.folder)
            self.killed = None

    @asynccontextmanager
    async def open_again(self) -> AsyncGenerator[Store]:
        async with open_database_store(self.path, self.level, self.clock, connect) as store:
            yield store

    def crash(self) -> None:
        self.killed = self.folder.with_name(self.folder.name + "-killed")
        shutil.copytree(self.folder, self.killed)

    def fail(self, fault: Fault) -> bool:
        return self.fail_at("append", fault)

    def fail_at(self, call: Call, fault: Fault) -> bool:
        if fault is Fault.FENCED or (call != "append" and fault in (Fault.FULL, Fault.TORN)):
            return False
        self.connection.fault = fault
        return True

    def damage(self, page: str, seq: int) -> None:
        damage(self.path, page, seq)

    def discard(self) -> None:
        shutil.rmtree(self.folder)
