"""P, the unit of most figures: one round trip over two raw memory channels without a buffer."""

from __future__ import annotations

import trio

from benchmarks.figure import Figure
from benchmarks.measure import on_trio, stopwatch

__all__ = ["P"]

figure = Figure("round_trip", "us", n=3000)


@figure.case("two memory channels", symbol="P")
def P(n: int) -> float:
    async def main() -> float:
        there, here = trio.open_memory_channel[int](0)
        back, answer = trio.open_memory_channel[int](0)

        async def other() -> None:
            async for value in here:
                await back.send(value)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(other)
            elapsed = stopwatch(n)
            for number in range(n):
                await there.send(number)
                await answer.receive()
            cost = elapsed()
            nursery.cancel_scope.cancel()
        return cost

    return on_trio(main)
