"""One step of a spindle by hand: an event in, the next question out, no loop.

The events are there before; a spindle makes its questions itself.
"""

from __future__ import annotations

import types
from collections.abc import Generator

from benchmarks.conversation import Echo, echo
from benchmarks.figure import Figure, Target
from benchmarks.measure import stopwatch
from benchmarks.quote import Desk, PriceList, Prices, quote
from spindle import Coroutine

__all__ = ["figure", "transition"]

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


@figure.case("bare coro.send, the same spindle without a driver", floor=bare)
def without_a_driver(n: int) -> float:
    """What the code of the transition costs itself: its question made, its call awaited."""
    wanted, prices = Desk.Wanted("tea"), PriceList(tea=4)

    async def forever() -> None:
        price = 0
        while True:
            asked = await Desk.Named(price)
            price = await prices.price(asked.sku)

    coroutine = forever()
    coroutine.send(None)
    send = coroutine.send
    elapsed = stopwatch(n)
    for _ in range(n):
        send(wanted)
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


def transition(n: int) -> float:
    """Microseconds from an event through a call of a port to the next question."""
    wanted = Desk.Wanted("tea")
    coroutine = Coroutine(quote, provide={Prices: PriceList(tea=4)})
    coroutine.run()
    run = coroutine.run
    elapsed = stopwatch(n)
    for _ in range(n):
        run(wanted)
    return elapsed()


figure.case("Coroutine.run, with a call of a port", floor=bare, target=Target(5, 5))(transition)
