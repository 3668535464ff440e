"""An event to a suspended spindle and its next question back, with the view in its own task."""

from __future__ import annotations

import trio

from benchmarks.conversation import Echo, echo
from benchmarks.figure import Figure, Target
from benchmarks.floor import P
from benchmarks.measure import on_trio, stopwatch
from spindle import open_page

__all__ = ["figure"]

figure = Figure("yield_round_trip", "us", n=3000, floor=P)


@figure.case("two parked tasks, no channel")
def parked(n: int) -> float:
    async def main() -> float:
        async def other() -> None:
            while True:
                trio.lowlevel.reschedule(caller)
                await trio.lowlevel.wait_task_rescheduled(_give_up)

        caller = trio.lowlevel.current_task()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(other)
            await trio.lowlevel.wait_task_rescheduled(_give_up)
            (task,) = nursery.child_tasks
            elapsed = stopwatch(n)
            for _ in range(n):
                trio.lowlevel.reschedule(task)
                await trio.lowlevel.wait_task_rescheduled(_give_up)
            cost = elapsed()
            nursery.cancel_scope.cancel()
        return cost

    return on_trio(main)


def _give_up(_: object) -> trio.lowlevel.Abort:
    return trio.lowlevel.Abort.SUCCEEDED


def _page(n: int, *, hosted: bool) -> float:
    said = Echo.Said("x")

    async def main() -> float:
        async with open_page(Echo, hosted=hosted) as page:
            page.start(Echo, echo)
            await page.outbox.receive()
            elapsed = stopwatch(n)
            for _ in range(n):
                page.resume(said)
                await page.outbox.receive()
            return elapsed()

    return on_trio(main)


@figure.case("task", target=Target(0.85, 1.2))
def task(n: int) -> float:
    return _page(n, hosted=False)


@figure.case("hosted", target=Target(0.65, 0.9))
def hosted(n: int) -> float:
    return _page(n, hosted=True)
