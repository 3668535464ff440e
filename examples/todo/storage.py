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

    @override
    async def load(self) -> tuple[Todo, ...]:
        return await trio.to_thread.run_sync(self._load)

    @override
    async def save(self, todos: tuple[Todo, ...]) -> None:
        try:
            await trio.to_thread.run_sync(self._save, todos)
        except sqlite3.Error as error:
            raise NotSaved(str(error)) from error

    def _load(self) -> tuple[Todo, ...]:
        rows = self._db.execute("SELECT id, text, done FROM todo ORDER BY id")
        return tuple(Todo(number, text, bool(done)) for number, text, done in rows)

    def _save(self, todos: tuple[Todo, ...]) -> None:
        with self._db:
            self._db.execute("DELETE FROM todo")
            rows = [(each.id, each.text, each.done) for each in todos]
            self._db.executemany("INSERT INTO todo VALUES (?, ?, ?)", rows)


@contextmanager
def open_todos(path: Path) -> Generator[SqliteTodos]:
    """Open the list in a file, which is made if it is not there yet."""
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        db.execute("CREATE TABLE IF NOT EXISTS todo (id INTEGER PRIMARY KEY, text, done)")
        yield SqliteTodos(db)
    finally:
        db.close()
