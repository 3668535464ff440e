"""A page's whole life: open, start a spindle, see its first question, close."""

from __future__ import annotations

import trio

from benchmarks.conversation import Echo, echo
from benchmarks.harness import Bench, stopwatch
from spindle import open_page

__all__ = ["bench"]

bench = Bench("page_open_close", "us", n=500, rounds=15)


@bench.case("nursery with one task")
def nursery(n: int) -> float:
    async def main() -> float:
        elapsed = stopwatch()
        for _ in range(n):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.sleep_forever)
                await trio.lowlevel.checkpoint()
                nursery.cancel_scope.cancel()
        return elapsed()

    return trio.run(main)


def _page(n: int, *, hosted: bool) -> float:
    async def main() -> float:
        elapsed = stopwatch()
        for _ in range(n):
            async with open_page(Echo, hosted=hosted) as page:
                page.start(Echo, echo)
                await page.outbox.receive()
        return elapsed()

    return trio.run(main)


@bench.case("task")
def task(n: int) -> float:
    return _page(n, hosted=False)


@bench.case("hosted")
def hosted(n: int) -> float:
    return _page(n, hosted=True)
