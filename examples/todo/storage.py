"""Where the list is kept: one SQLite file. Ordinary code that knows of no page."""

# pyright: reportUnusedCallResult=false

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import trio
from typing_extensions import override

from examples.todo.board import NotSaved, Todo, TodoStore

__all__ = ["SqliteTodos", "open_todos"]


class SqliteTodos(TodoStore):
    """A database blocks, so it is asked in a thread: the pages go on meanwhile."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._one = trio.CapacityLimiter(1)  # thread at a time has the connection

    @override
    async def load(self) -> tuple[Todo, ...]:
        return await trio.to_thread.run_sync(self._load, limiter=self._one)

    @override
    async def add(self, text: str) -> None:
        await self._change("INSERT INTO todo (text, done) VALUES (?, 0)", text)

    @override
    async def tick(self, id: int, done: bool) -> None:
        await self._change("UPDATE todo SET done = ? WHERE id = ?", done, id)

    @override
    async def delete(self, id: int) -> None:
        await self._change("DELETE FROM todo WHERE id = ?", id)

    async def _change(self, statement: str, *values: str | int) -> None:
        try:
            await trio.to_thread.run_sync(self._execute, statement, values, limiter=self._one)
        except sqlite3.Error as error:
            raise NotSaved(str(error)) from error

    def _execute(self, statement: str, values: tuple[str | int, ...]) -> None:
        with self._db:
            self._db.execute(statement, values)

    def _load(self) -> tuple[Todo, ...]:
        rows = self._db.execute("SELECT id, text, done FROM todo ORDER BY id")
        return tuple(Todo(number, text, bool(done)) for number, text, done in rows)


@contextmanager
def open_todos(path: Path) -> Generator[SqliteTodos]:
    """Open the list in a file, which is made if it is not there yet."""
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        db.execute("CREATE TABLE IF NOT EXISTS todo (id INTEGER PRIMARY KEY, text, done)")
        yield SqliteTodos(db)
    finally:
        db.close()
