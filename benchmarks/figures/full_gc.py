"""What a full garbage collection takes while 100,000 idle pages are open, in a fresh process.

Of naive pages 50,000 are opened and the time is scaled: it is proportional to their number.
"""

from __future__ import annotations

import gc
import time

from benchmarks.figure import Figure, Target
from benchmarks.idle_pages import IDLE
from benchmarks.process import in_a_fresh_process

__all__ = ["figure"]

PAGES = 100_000

figure = Figure("full_gc", "ms", n=PAGES, rounds=2, fresh=True)


async def collect(kind: str, n: int) -> float:
    """With `n` idle pages open, the shortest of three collections, in milliseconds."""
    async with IDLE[kind]() as open_more:
        await open_more(n)
        gc.collect()
        return min(_collection() for _ in range(3))


def _collection() -> float:
    began = time.thread_time_ns()
    gc.collect()
    return (time.thread_time_ns() - began) / 1e6


@figure.case("trio: naive pages, scaled from 50,000", n=50_000, symbol="naive")
def naive(n: int) -> float:
    return in_a_fresh_process(collect, "naive", n) * PAGES / n


@figure.case("hosted", floor=naive, target=Target(0.2, 0.3))
def hosted(n: int) -> float:
    return in_a_fresh_process(collect, "hosted", n)
