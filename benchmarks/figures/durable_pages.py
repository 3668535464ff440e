"""Pages that outlive their process: a step of one of 128, taking one up, and one alone.

A step is a call whose result is kept: of a port's method that reads, one after the other in each of
128 pages; of DBOS one `@DBOS.step()` of a workflow. A turn is more: an event in, a call and its
result, and the next question out; event and result are kept on the disk before the question is
seen. Workflows that converse do the same: a message is received, a step made, and its result
published. To begin and to end, pages and workflows, is left out on both sides. DBOS is given a
file, as it is documented, and nothing else; with one workflow, which makes its steps fastest, since
its transactions wait for each other, and with as many as there are pages. Beside that is one whose
file was put into write-ahead mode before, which it does not do of its own.

Wall-clock time, in one folder of one disk, since all wait for it; taking up is processor time.
"""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.figure import Figure, Target
from benchmarks.measure import on_trio
from benchmarks.quote import Desk, PriceList, Prices, quote, quote_many
from spindle import DurableHost, PageMachine, open_durable_host
from spindle._core.states import Yielded
from spindle.durable import open_sqlite_store

__all__ = ["figure"]

figure = Figure("durable_pages", "us", n=128 * 50, rounds=5)
PAGES = 128
EFFECTS = 200
TEA = Desk.Wanted("tea")
FIFTY: Final = Target(0.02, 0.02)
CONTENDERS: Final[list[tuple[str, Target | None, int, int, int]]] = [
    (f"DBOS, {PAGES} workflows", FIFTY, 0, 0, PAGES),
    ("DBOS, 1 workflow", None, 0, 0, 1),
    ("DBOS, 1, write-ahead", None, 1, 0, 1),
]
"""What is asked; whether in write-ahead mode, whether they converse, and how many there are."""


def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(dir=Path(__file__).parent, prefix="_disk")


async def _opened(
    host: DurableHost, name: str, fn: Callable[[], Coroutine[object, object, None]] = quote
) -> PageMachine:
    """A page that asks for the first time."""
    page = await host.create(Desk, name)
    page.start(Desk, fn)
    await _question(page)
    return page


async def _question(page: PageMachine) -> int:
    """Wait for the next, and return its number."""
    while True:
        source, sent = await page.outbox.receive()
        if isinstance(sent, Yielded):
            assert source.yield_id is not None
            return source.yield_id


async def _talk(page: PageMachine, steps: int) -> None:
    for _ in range(steps):
        page.resume(TEA)
        await _question(page)


async def _sum(page: PageMachine, steps: int) -> None:
    page.resume(Desk.Asked(steps))
    await _question(page)


def _steps(
    pages: int,
    fn: Callable[[], Coroutine[object, object, None]],
    drive: Callable[[PageMachine, int], Awaitable[None]],
    n: int,
) -> float:
    async def main() -> float:
        with _folder() as folder:
            async with (
                open_sqlite_store(f"{folder}/pages.db") as store,
                open_durable_host(store, provide={Prices: PriceList(tea=4)}) as host,
            ):
                opened = [await _opened(host, f"page{each}", fn) for each in range(pages)]
                began = time.perf_counter_ns()
                async with trio.open_nursery() as nursery:
                    for page in opened:
                        nursery.start_soon(drive, page, n // pages)
                return (time.perf_counter_ns() - began) / 1000 / (n // pages * pages)

    return on_trio(main)


def _take_up(n: int) -> float:
    """Microseconds of processor time of all threads, for one page."""

    async def main() -> float:
        with _folder() as folder:
            async with (
                open_sqlite_store(f"{folder}/pages.db") as store,
                open_durable_host(store, provide={Prices: PriceList(tea=4)}) as host,
            ):
                names = [f"page{each}" for each in range(n)]
                async with trio.open_nursery() as nursery:
                    for name in names:
                        page = await _opened(host, name)
                        nursery.start_soon(_talk, page, EFFECTS // 2)
                for name in names:
                    await host.put_away(name)
                began = time.process_time_ns()
                for name in names:
                    await host.take_up(name)
                return (time.process_time_ns() - began) / 1000 / n

    return on_trio(main)


def _receipt(n: int) -> float:
    """Half of the receipts come sooner: of an event that was handled, the price asked and kept."""

    async def main() -> float:
        with _folder() as folder:
            async with (
                open_sqlite_store(f"{folder}/pages.db") as store,
                open_durable_host(store, provide={Prices: PriceList(tea=4)}) as host,
            ):
                page = await _opened(host, "page")
                took: list[int] = []
                for _ in range(n):
                    began = time.perf_counter_ns()
                    await page.resume(TEA).settled()
                    took.append(time.perf_counter_ns() - began)
                    await _question(page)
                return statistics.median(took) / 1000

    return on_trio(main)


def _commit(n: int) -> float:
    """Half of the commits take less."""
    with _folder() as folder, closing(sqlite3.connect(f"{folder}/bare.db")) as database:
        database.isolation_level = None
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE frames (page INTEGER, seq INTEGER, data BLOB)")
        took: list[int] = []
        for seq in range(n):
            began = time.perf_counter_ns()
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO frames VALUES (1, ?, ?)", (seq, b"x" * 100))
            database.execute("COMMIT")
            took.append(time.perf_counter_ns() - began)
        return statistics.median(took) / 1000


def _dbos(ahead: int, converse: int, workflows: int, n: int) -> float:
    with _folder() as folder:
        told = [f"{folder}/dbos.db", str(ahead), str(converse), str(workflows), str(n)]
        command = [sys.executable, "-m", "benchmarks.dbos_steps", *told]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return float(done.stdout.split()[-1])


def _against_dbos() -> None:
    step = partial(_steps, PAGES, quote_many, _sum)
    turn = partial(_steps, PAGES, quote, _talk)
    if find_spec("dbos") is None:
        print(f"left out of {figure.name}: DBOS, which is not installed")
        figure.case(f"a step, {PAGES} pages")(step)
        figure.case(f"a turn, {PAGES} pages")(turn)
        return
    for name, target, *told in CONTENDERS:
        peer = figure.case(f"a step of {name}", n=256, symbol="DBOS")(partial(_dbos, *told))
        against = figure.case(f"a step, {PAGES} pages, against {name}", floor=peer, target=target)
        against(step)
    talks = f"DBOS, {PAGES} workflows"
    peer = figure.case(f"a turn of {talks}", n=256, symbol="DBOS")(partial(_dbos, 0, 1, PAGES))
    figure.case(f"a turn, {PAGES} pages, against {talks}", floor=peer, target=FIFTY)(turn)


_against_dbos()
figure.case(
    f"taking up a page of {EFFECTS} effects", n=20, target=Target(10_000, 10_000, absolute=True)
)(_take_up)
commit = figure.case("a bare commit, flushed", n=300, symbol="commit")(_commit)
figure.case("event to receipt, one page", n=300, floor=commit)(_receipt)
