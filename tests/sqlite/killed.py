"""A process that places an order exactly once until it is killed, and one that goes on from there.

Run as a program it is the process. It keeps its log in a file and its orders in a database.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from spindle import Completed, Coroutine, Log, Port, read, use, write
from spindle.sqlite import exactly_once

__all__ = ["AFTER", "STATEMENTS", "orders_in", "run"]

ROOT = Path(__file__).parents[2]
STATEMENTS = (
    "BEGIN", "CREATE", "SELECT", "INSERT", "SAVEPOINT", "OWN", "RELEASE", "UPDATE", "COMMIT"
)  # fmt: skip
"""What is run in the transaction, in its order: it is killed before one of them."""
AFTER = ("returned", "later")
"""When it is killed afterwards: before the call has ended, or before its end is in the log."""


class Orders(Port):
    @read
    async def look(self) -> int: ...
    @write
    async def place(self, sku: str) -> int: ...


class Shop(Orders):
    def __init__(self, folder: Path, log: Log, label: str, fault: str) -> None:
        self.folder, self.log, self.label, self.fault = folder, log, label, fault
        self.looked = 0

    async def look(self) -> int:
        self.looked += 1
        if self.looked == 2 and self.label == "later":
            save(self.folder, self.log)
            kill()
        return self.looked

    async def place(self, sku: str) -> int:
        with closing(sqlite3.connect(self.folder / "orders")) as connection:
            if self.label in STATEMENTS:
                connection.set_trace_callback(self.ran)
            number = exactly_once(connection, insert, sku)
            if self.fault == "forgets":
                with connection:
                    connection.execute("DELETE FROM spindle_calls")
        if self.label == "returned":
            kill()
        return number

    def ran(self, statement: str) -> None:
        first = "OWN" if "orders" in statement else statement.split()[0]
        if first == self.label:
            kill()


def insert(connection: sqlite3.Connection, sku: str) -> int:
    cursor = connection.execute("INSERT INTO orders (sku) VALUES (?)", (sku,))
    assert cursor.lastrowid is not None
    return cursor.lastrowid


async def orders(sku: str) -> int:
    shop = await use(Orders)
    await shop.look()
    number = await shop.place(sku)
    await shop.look()
    return number


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def save(folder: Path, log: Log) -> None:
    folder.joinpath("log").write_bytes(log.dump())


def main(folder: Path, label: str, fault: str) -> None:
    """Take the conversation up, or begin it, and say what it has come to."""
    kept = folder / "log"
    if kept.exists():
        log = Log.load(kept.read_bytes())
        shop = Shop(folder, log, label, fault)
        conversation = Coroutine.resume(orders, log, provide={Orders: shop})
    else:
        with closing(sqlite3.connect(folder / "orders")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY, sku TEXT)")
        log = Log()
        shop = Shop(folder, log, label, fault)
        conversation = Coroutine(orders, "tea", provide={Orders: shop}, log=log)
        save(folder, log)
    state = conversation.state if log.frames else conversation.run()
    assert isinstance(state, Completed), state
    save(folder, log)
    sys.stdout.write(str(state.value))


# ── Who kills it ─────────────────────────────────────────────────────────────────────────────────


def run(folder: Path, label: str = "", fault: str = "") -> int | None:
    """Run the process, killed at a label; return the number of its order, or None if it was."""
    command = [sys.executable, __file__, str(folder), label, fault]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if label:
        assert done.returncode == -signal.SIGKILL, done.stderr
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def orders_in(folder: Path) -> list[tuple[int, str]]:
    """All that were placed."""
    with closing(sqlite3.connect(folder / "orders")) as connection:
        return list(connection.execute("SELECT number, sku FROM orders"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
