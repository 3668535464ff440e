"""From the cancel of a page of many spindles to the last one's end, for each of them.

All wait in a yield; the floor of both kinds of page is a nursery of as many tasks that sleep.
"""

from __future__ import annotations

import trio
import trio.testing

from benchmarks.conversation import Echo, start_echoes
from benchmarks.figure import Figure, Target
from benchmarks.measure import on_trio, stopwatch
from spindle import open_page

__all__ = ["figure"]

figure = Figure("cancel", "us", n=1000, rounds=7)
TASK, HOSTED = Target(1.5, 2), Target(0.15, 0.3)
MANY = 10_000


def _nursery(n: int) -> float:
    async def main() -> float:
        async with trio.open_nursery() as nursery:
            for _ in range(n):
                nursery.start_soon(trio.sleep_forever)
            await trio.testing.wait_all_tasks_blocked()
            elapsed = stopwatch(n)
            nursery.cancel_scope.cancel()
        return elapsed()

    return on_trio(main)


def _page(n: int, *, hosted: bool) -> float:
    async def main() -> float:
        async with open_page(Echo, hosted=hosted) as page:
            await start_echoes(page, map(str, range(n)))
            elapsed = stopwatch(n)
            await page.cancel("measured")
            return elapsed()

    return on_trio(main)


def task(n: int) -> float:
    return _page(n, hosted=False)


def hosted(n: int) -> float:
    return _page(n, hosted=True)


for n in (1000, MANY):
    floor = figure.case(f"nursery of {n:,} tasks", n=n, symbol="trio")(_nursery)
    figure.case(f"task, {n:,} spindles", n=n, floor=floor, target=TASK)(task)
    figure.case(f"hosted, {n:,} spindles", n=n, floor=floor, target=HOSTED)(hosted)
