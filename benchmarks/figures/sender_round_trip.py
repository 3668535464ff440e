"""An event to a hosted spindle and its next question, both in the sender's task: no await.

The same page with 1, 100 and 10,000 spindles on it, each resumed in its turn; the last also with a
single one of them resumed over and over, which leaves out what processor caches do.
"""

from __future__ import annotations

import trio

from benchmarks.conversation import Echo, start_echoes
from benchmarks.figure import Figure, Target
from benchmarks.floor import P
from benchmarks.measure import on_trio, stopwatch
from spindle import open_page

__all__ = ["figure"]

figure = Figure("sender_round_trip", "us", n=10_000, floor=P)
TARGET = Target(0.07, 0.15)


def _page(n: int, spindles: int, resumed: int) -> float:
    names = [str(number) for number in range(spindles)]
    addressed = [names[number % resumed] for number in range(n)]
    said = Echo.Said("x")

    async def main() -> float:
        async with open_page(Echo, hosted=True) as page:
            await start_echoes(page, names)
            elapsed = stopwatch(n)
            for name in addressed:
                page.resume(said, instance=name)
                try:
                    page.outbox.receive_nowait()
                except trio.WouldBlock:  # the page rests until other tasks had their turn
                    await page.outbox.receive()
            return elapsed()

    return on_trio(main)


@figure.case("hosted, 1 spindle", target=TARGET)
def one(n: int) -> float:
    return _page(n, 1, 1)


@figure.case("hosted, 100 spindles in turn", target=TARGET)
def hundred(n: int) -> float:
    return _page(n, 100, 100)


@figure.case("hosted, 10,000 spindles in turn", target=TARGET)
def ten_thousand(n: int) -> float:
    return _page(n, 10_000, 10_000)


@figure.case("hosted, one of 10,000 spindles", target=TARGET)
def one_of_ten_thousand(n: int) -> float:
    return _page(n, 10_000, 1)
