"""What an idle page with one suspended spindle takes: growth of a fresh process, per page."""

from __future__ import annotations

import gc

from benchmarks.figure import Figure, Target
from benchmarks.idle_pages import IDLE
from benchmarks.process import in_a_fresh_process, resident

__all__ = ["figure"]

figure = Figure("idle_page_bytes", "bytes", n=5000, rounds=3, fresh=True)


async def grow(kind: str, n: int) -> float:
    """Open `n` idle pages; by how much the process grew for each."""
    async with IDLE[kind]() as open_more:
        await open_more(100)
        gc.collect()
        before = resident()
        await open_more(n)
        gc.collect()
        return (resident() - before) / n


@figure.case("trio: nursery with one task", symbol="nursery")
def nursery(n: int) -> float:
    return in_a_fresh_process(grow, "nursery", n)


@figure.case("trio: naive page", floor=nursery)
def naive(n: int) -> float:
    return in_a_fresh_process(grow, "naive", n)


@figure.case("task", floor=nursery, target=Target(6000, 8000, absolute=True))
def task(n: int) -> float:
    return in_a_fresh_process(grow, "task", n)


@figure.case("hosted", floor=nursery, target=Target(2000, 3000, absolute=True))
def hosted(n: int) -> float:
    return in_a_fresh_process(grow, "hosted", n)
