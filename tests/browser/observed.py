"""A window into a backend: what it was asked, and doors to keep visitors waiting."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import trio


class Observed:
    """Notes each call when it has ended. `hold` lets none of a kind begin until `let_go`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.calls: list[str] = []
        self.fails: set[str] = set()
        """Calls that raise instead of being made."""
        self._begun: list[str] = []
        self._changed = trio.Event()
        self._doors: dict[str, trio.Event] = {}

    # --- for the test, all in the server's thread, but for `count` --------------------------------

    def hold(self, call: str) -> None:
        self._doors[call] = trio.Event()

    def let_go(self, call: str) -> None:
        self._doors.pop(call).set()

    async def called(self, call: str, times: int = 1) -> None:
        """Wait until a call has been made so many times."""
        while self.calls.count(call) < times:
            await self._changed.wait()

    async def asked(self, call: str) -> None:
        """Wait until a call has begun, or stands before a closed door."""
        while call not in self._begun:
            await self._changed.wait()

    def count(self, table: str) -> int:
        """How many rows a table of the file has now."""
        with closing(sqlite3.connect(self.path)) as db:
            (rows,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
            return int(rows)

    # --- for the backend --------------------------------------------------------------------------

    @asynccontextmanager
    async def seen(self, call: str) -> AsyncGenerator[None]:
        """Go through the door of a call; note it if it ends well."""
        self._note(self._begun, call)
        if call in self._doors:
            await self._doors[call].wait()
        if call in self.fails:
            raise ConnectionError(f"{call} does not answer")
        yield
        self._note(self.calls, call)

    def _note(self, calls: list[str], call: str) -> None:
        calls.append(call)
        self._changed.set()
        self._changed = trio.Event()
