"""A child that returns at once: started, and its result awaited, over and over by one spindle."""

from __future__ import annotations

import trio

from benchmarks.figure import Figure, Target
from benchmarks.floor import P
from benchmarks.measure import on_trio, stopwatch
from spindle import Completed, Spindle, fiber, open_page

__all__ = ["figure"]

figure = Figure("fork_join", "us", n=2000, floor=P)


class Family(Spindle[float]):
    """Returns what one child cost."""


async def child() -> int:
    """End at once."""
    return 1


async def parent(n: int) -> float:
    """Raise n children, one after the other."""
    elapsed = stopwatch(n)
    for _ in range(n):
        handle = await fiber(child)
        await handle.result()
    return elapsed()


@figure.case("trio: start_soon and Event")
def naive(n: int) -> float:
    async def main() -> float:
        results: list[int] = []

        async def told(done: trio.Event) -> None:
            results.append(await child())
            done.set()

        async with trio.open_nursery() as nursery:
            elapsed = stopwatch(n)
            for _ in range(n):
                done = trio.Event()
                nursery.start_soon(told, done)
                await done.wait()
                results.pop()
            return elapsed()

    return on_trio(main)


@figure.case("trio: the same in a cancel scope of its own")
def scoped(n: int) -> float:
    async def main() -> float:
        results: list[int] = []

        async def told(scope: trio.CancelScope, done: trio.Event) -> None:
            with scope:
                results.append(await child())
            done.set()

        async with trio.open_nursery() as nursery:
            elapsed = stopwatch(n)
            for _ in range(n):
                done = trio.Event()
                nursery.start_soon(told, trio.CancelScope(shield=True), done)
                await done.wait()
                results.pop()
            return elapsed()

    return on_trio(main)


def _page(n: int, *, hosted: bool) -> float:
    async def main() -> float:
        async with open_page(Family, hosted=hosted) as page:
            page.start(Family, parent, n)
            match await page.outbox.receive():
                case _, Completed(float(cost)):
                    return cost
                case _, other:
                    raise RuntimeError(f"the parent did not complete: {other}")

    return on_trio(main)


@figure.case("task", target=Target(1.0, 1.5))
def task(n: int) -> float:
    return _page(n, hosted=False)


@figure.case("hosted", target=Target(0.15, 0.3))
def hosted(n: int) -> float:
    return _page(n, hosted=True)
