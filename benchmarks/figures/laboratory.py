"""One run of a scenario in the laboratory, watched and judged, against the same without it.

Plainly it runs on trio's clock that jumps. A program on trio, and a page of two spindles as tasks
and hosted; in the laboratory as in a search, with nothing and with a cancellation in the middle.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import trio
from trio.testing import MockClock

from benchmarks.conversation import Echo, echo
from benchmarks.figure import Case, Figure, Target
from benchmarks.measure import stopwatch
from spindle import cleanup, fiber, open_page, sleep
from spindle.testing.laboratory import Trial, search

__all__ = ["figure"]

figure = Figure("laboratory", "us", n=200)
TARGET = Target(2, 3.3)
Scenario = Callable[[Trial], Awaitable[None]]


async def tasks(trial: Trial | None) -> None:
    """Four tasks in a row that hand on ten things."""
    ends = [trio.open_memory_channel[int](0) for _ in range(5)]

    async def passes(place: int) -> None:
        for _ in range(10):
            await ends[place + 1][0].send(await ends[place][1].receive())

    async with trio.open_nursery() as nursery:
        for place in range(4):
            nursery.start_soon(passes, place)
        for number in range(10):
            await ends[0][0].send(number)
            await ends[4][1].receive()


async def _parent() -> None:
    for _ in range(3):
        child = await fiber(_child)
        await Echo.Ask(1)
        await child.result()


async def _child() -> None:
    try:
        await sleep(1)
    finally:
        async with cleanup(1):
            await sleep(0.5)


def page(*, hosted: bool) -> Callable[[Trial | None], Awaitable[None]]:
    """A page of two spindles, one with fibers that clean up, which is talked to three times."""

    async def scenario(trial: Trial | None) -> None:
        async with open_page(Echo, hosted=hosted) as opened:
            opened.start(Echo, _parent)
            opened.start(Echo, echo, instance="neighbour")
            for _ in range(3):
                await trio.sleep(2)
                opened.resume(Echo.Said("x"))
                opened.resume(Echo.Said("x"), instance="neighbour")

    return scenario


def _plainly(scenario: Callable[[Any], Awaitable[None]], n: int) -> float:
    elapsed = stopwatch(n)
    for _ in range(n):
        trio.run(scenario, None, clock=MockClock(autojump_threshold=0))
    return elapsed()


def _searched(scenario: Scenario, cancel: list[str], n: int) -> float:
    elapsed = stopwatch(n)
    report = search(scenario, runs=n, cancel=cancel)
    return elapsed() * n / report.total


def _enter(name: str, scenario: Callable[[Any], Awaitable[None]]) -> Case:
    floor = figure.case(f"{name}: plainly", symbol="plain")(partial(_plainly, scenario))
    enter = partial(figure.case, floor=floor, target=TARGET)
    enter(f"{name}: in the laboratory")(partial(_searched, scenario, []))
    enter(f"{name}: cancelled there")(partial(_searched, scenario, ["host"]))
    return floor


_enter("four tasks", tasks)
_enter("page of tasks", page(hosted=False))
_enter("hosted page", page(hosted=True))
