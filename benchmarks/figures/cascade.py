"""The end of a page with one tree of fibers: what twice as many cost, against as many.

A chain, each started by the one before, and a star, all started by one. Linear is a ratio of 2.
"""

from __future__ import annotations

from functools import partial

import trio.testing

from benchmarks.conversation import Echo
from benchmarks.figure import Figure, Target
from benchmarks.measure import on_trio, stopwatch
from spindle import fiber, open_page, sleep

__all__ = ["figure"]

figure = Figure("cascade", "ms", n=1, rounds=5)
TARGET = Target(2.2, 3)
N = 5000


async def _chain(left: int) -> None:
    if left:
        await fiber(_chain, left - 1)
    await sleep(1e9)


async def _star(n: int) -> None:
    for _ in range(n):
        await fiber(_chain, 0)
    await sleep(1e9)


def _end(shape: str, size: int, hosted: bool, n: int) -> float:
    async def main() -> float:
        async with open_page(Echo, hosted=hosted) as page:
            page.start(Echo, _chain if shape == "chain" else _star, size)
            await trio.testing.wait_all_tasks_blocked()
            elapsed = stopwatch(1000 * n)
            await page.cancel("enough")
            return elapsed()

    return on_trio(main)


for hosted in (False, True):
    for shape in ("chain", "star"):
        name = f"{'hosted' if hosted else 'task'}, {shape} of"
        floor = figure.case(f"{name} {N:,}", symbol="half")(partial(_end, shape, N, hosted))
        figure.case(f"{name} {2 * N:,}", floor=floor, target=TARGET)(
            partial(_end, shape, 2 * N, hosted)
        )
