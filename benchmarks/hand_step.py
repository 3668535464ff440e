"""One step of a spindle by hand: an event in, the next question out, no loop."""

from __future__ import annotations

import types
from collections.abc import Generator

from benchmarks.conversation import Echo, echo
from benchmarks.harness import Bench, stopwatch
from spindle import Coroutine

__all__ = ["bench"]

bench = Bench("hand_step", "us", n=20000, rounds=15)


@types.coroutine
def _trap(value: object) -> Generator[object, object, object]:
    return (yield value)


@bench.case("bare coro.send")
def bare(n: int) -> float:
    async def forever() -> None:
        while True:
            await _trap(1)

    coroutine = forever()
    coroutine.send(None)
    send = coroutine.send
    elapsed = stopwatch()
    for _ in range(n):
        send(None)
    cost = elapsed()
    coroutine.close()
    return cost


@bench.case("Coroutine.run")
def by_hand(n: int) -> float:
    said = Echo.Said("x")
    coroutine = Coroutine(echo)
    coroutine.run()
    run = coroutine.run
    elapsed = stopwatch()
    for _ in range(n):
        run(said)
    return elapsed()
