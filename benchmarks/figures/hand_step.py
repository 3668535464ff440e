"""One step of a spindle by hand: an event in, the next question out, no loop."""

from __future__ import annotations

import types
from collections.abc import Generator

from benchmarks.conversation import Echo, echo
from benchmarks.figure import Figure
from benchmarks.measure import stopwatch
from spindle import Coroutine

__all__ = ["figure"]

figure = Figure("hand_step", "us", n=20_000)


@types.coroutine
def _trap(value: object) -> Generator[object, object, object]:
    return (yield value)


@figure.case("bare coro.send", symbol="send")
def bare(n: int) -> float:
    async def forever() -> None:
        while True:
            await _trap(1)

    coroutine = forever()
    coroutine.send(None)
    send = coroutine.send
    elapsed = stopwatch(n)
    for _ in range(n):
        send(None)
    cost = elapsed()
    coroutine.close()
    return cost


@figure.case("Coroutine.run", floor=bare)
def by_hand(n: int) -> float:
    said = Echo.Said("x")
    coroutine = Coroutine(echo)
    coroutine.run()
    run = coroutine.run
    elapsed = stopwatch(n)
    for _ in range(n):
        run(said)
    return elapsed()
