"""An event to a suspended spindle and its next question back, page and view as two tasks."""

from __future__ import annotations

import trio

from benchmarks.conversation import Echo, echo
from benchmarks.harness import Bench, stopwatch
from spindle import open_page

__all__ = ["bench"]

bench = Bench("yield_round_trip", "us", n=3000, rounds=15)


@bench.case("two memory channels")
def channels(n: int) -> float:
    async def main() -> float:
        there, here = trio.open_memory_channel[int](0)
        back, answer = trio.open_memory_channel[int](0)

        async def other() -> None:
            async for value in here:
                await back.send(value)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(other)
            elapsed = stopwatch()
            for number in range(n):
                await there.send(number)
                await answer.receive()
            cost = elapsed()
            nursery.cancel_scope.cancel()
        return cost

    return trio.run(main)


def _page(n: int, *, hosted: bool) -> float:
    said = Echo.Said("x")

    async def main() -> float:
        async with open_page(Echo, hosted=hosted) as page:
            page.start(Echo, echo)
            await page.outbox.receive()
            elapsed = stopwatch()
            for _ in range(n):
                page.resume(said)
                await page.outbox.receive()
            return elapsed()

    return trio.run(main)


@bench.case("task")
def task(n: int) -> float:
    return _page(n, hosted=False)


@bench.case("hosted")
def hosted(n: int) -> float:
    return _page(n, hosted=True)
