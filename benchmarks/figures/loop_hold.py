"""For how long ending a page of 100,000 hosted spindles keeps the loop from its other tasks.

The longest time between two turns of a task that only ever waits for its next one, in a fresh
process: with the garbage collector as it is, and with what is there before the end put out of its
sight, which leaves its pauses out.
"""

from __future__ import annotations

import gc
import time

import trio

from benchmarks.conversation import Echo, start_echoes
from benchmarks.figure import Figure, Target
from benchmarks.process import in_a_fresh_process
from spindle import open_page

__all__ = ["figure"]

figure = Figure("loop_hold", "ms", n=100_000, rounds=2, fresh=True)
TARGET = Target(10, absolute=True)


class Bystander:
    """Takes the time from one of its turns to the next."""

    def __init__(self) -> None:
        self.longest = 0
        self.watching = True

    async def watch(self, *, task_status: trio.TaskStatus[None]) -> None:
        """Do nothing else, until told to stop."""
        last = time.thread_time_ns()
        task_status.started()
        while self.watching:
            await trio.lowlevel.checkpoint()
            now = time.thread_time_ns()
            self.longest = max(self.longest, now - last)
            last = now


async def end(spindles: int, frozen: bool) -> float:
    """End a page of that many spindles; the longest turn of it, in milliseconds."""
    bystander = Bystander()
    async with trio.open_nursery() as nursery:
        async with open_page(Echo, hosted=True) as page:
            await start_echoes(page, map(str, range(spindles)))
            gc.collect()
            if frozen:
                gc.freeze()
            await nursery.start(bystander.watch)
            await page.cancel("measured")
        bystander.watching = False
    return bystander.longest / 1e6


@figure.case("hosted, garbage collector as it is", target=TARGET)
def collected(n: int) -> float:
    return in_a_fresh_process(end, n, False)


@figure.case("hosted, what was there before frozen", target=TARGET)
def frozen(n: int) -> float:
    return in_a_fresh_process(end, n, True)
