"""A conversation by hand that is taken up from its log: what an effect in it costs.

An effect is an answer or the end of a call; the log is made and loaded before. Eight times as many
have to take eight times as long.
"""

from __future__ import annotations

from functools import cache, partial

from benchmarks.figure import Figure, Target
from benchmarks.figures.hand_step import transition
from benchmarks.measure import stopwatch
from benchmarks.quote import Desk, PriceList, Prices, quote
from spindle import Coroutine, Log

__all__ = ["figure"]

figure = Figure("replay", "us", n=1000, rounds=7)
MANY = 8


@cache
def _saved(effects: int) -> bytes:
    log, wanted = Log(), Desk.Wanted("tea")
    coroutine = Coroutine(quote, provide={Prices: PriceList(tea=4)}, log=log)
    coroutine.run()
    for _ in range(effects // 2):
        coroutine.run(wanted)
    return log.dump()


def _resume(effects: int, n: int) -> float:
    log = Log.load(_saved(effects))
    elapsed = stopwatch(n)
    Coroutine.resume(quote, log, provide={Prices: PriceList(tea=4)})
    return elapsed()


step = figure.case("Coroutine.run, with a call of a port", n=20_000, symbol="hand step")(transition)


@figure.case("Coroutine.resume, an effect", floor=step, target=Target(40, 40))
def resume(n: int) -> float:
    """Microseconds an effect."""
    return _resume(n, n)


few = figure.case("Coroutine.resume, 1,000 effects", symbol="all of 1,000")(partial(_resume, 1000))
figure.case("Coroutine.resume, 8,000 effects", floor=few, target=Target(MANY, 9))(
    partial(_resume, MANY * 1000)
)
