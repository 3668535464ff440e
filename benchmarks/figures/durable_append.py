"""A durable append: a frame in the log of a page, kept on the disk before the page goes on.

Against a commit of the same bytes in a bare database of SQLite, in write-ahead mode and flushed for
each commit. Wall-clock time, since both wait for the disk for the most: where flushes differ from
one moment to the next, look at several runs. The files are in this folder, since a temporary one
may be in memory.

With a hundred pages waiting there are two floors more, which no store in a thread of its own gets
below: the frames of a hundred pages in one bare commit, and a hundred tasks that a thread wakes.
The faster the disk, the more of a commit they take, since the processor's part stays.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import trio

from benchmarks.figure import Figure, Target
from benchmarks.measure import on_trio
from spindle.durable import Chain, Lease, SqliteStore, open_sqlite_store

__all__ = ["figure"]

figure = Figure("durable_append", "us", n=200, rounds=15)
FRAME = Chain("page").seal(0.0, b"x" * 256)


def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(dir=Path(__file__).parent, prefix="_disk")


def _clock(n: int) -> Callable[[], float]:
    began = time.perf_counter_ns()
    return lambda: (time.perf_counter_ns() - began) / 1000 / n


def _bare(pages: int, n: int) -> float:
    with _folder() as folder, closing(sqlite3.connect(f"{folder}/bare.db")) as database:
        database.isolation_level = None
        execute = database.execute
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("CREATE TABLE frames (page INTEGER, seq INTEGER, data BLOB, UNIQUE (page, seq))")
        elapsed = _clock(n)
        for seq in range(n // pages):
            execute("BEGIN IMMEDIATE")
            rows = [(page, seq, FRAME) for page in range(pages)]
            database.executemany("INSERT INTO frames VALUES (?, ?, ?)", rows)
            execute("COMMIT")
        return elapsed()


def _woken(tasks: int, n: int) -> float:
    async def main() -> float:
        queue: SimpleQueue[trio.lowlevel.Task] = SimpleQueue()
        token = trio.lowlevel.current_trio_token()

        def wake(waiting: list[trio.lowlevel.Task]) -> None:
            for task in waiting:
                trio.lowlevel.reschedule(task)

        def answer() -> None:
            for _ in range(n // tasks):
                token.run_sync_soon(wake, [queue.get() for _ in range(tasks)])

        async def ask() -> None:
            for _ in range(n // tasks):
                queue.put(trio.lowlevel.current_task())
                await trio.lowlevel.wait_task_rescheduled(lambda _: trio.lowlevel.Abort.FAILED)

        thread = threading.Thread(target=answer)
        thread.start()
        elapsed = _clock(n)
        async with trio.open_nursery() as nursery:
            for _ in range(tasks):
                nursery.start_soon(ask)
        took = elapsed()
        thread.join()
        return took

    return on_trio(main)


async def _append(store: SqliteStore, lease: Lease, times: int) -> None:
    for head in range(-1, times - 1):
        await store.append(lease, head, [FRAME])


def _waiting(pages: int, n: int) -> float:
    async def main() -> float:
        with _folder() as folder:
            async with open_sqlite_store(f"{folder}/pages.db") as store:
                leases = [
                    await store.create(f"page{each}", b"", [], owner="here", ttl=60)
                    for each in range(pages)
                ]
                elapsed = _clock(n)
                async with trio.open_nursery() as nursery:
                    for lease in leases:
                        nursery.start_soon(_append, store, lease, n // pages)
                return elapsed()

    return on_trio(main)


commit = figure.case("a bare commit, flushed", symbol="commit")(partial(_bare, 1))
figure.case("an append, one page waiting", floor=commit, target=Target(1.9, 1.9))(
    partial(_waiting, 1)
)
figure.case("an append, 100 pages waiting", n=5000, floor=commit, target=Target(0.06, 0.06))(
    partial(_waiting, 100)
)
figure.case("a frame of 100 in a bare commit", n=5000, floor=commit)(partial(_bare, 100))
figure.case("a task of 100 that a thread wakes", n=5000, floor=commit)(partial(_woken, 100))
