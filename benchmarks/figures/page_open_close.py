"""A page's whole life: opened, a spindle started, its first question seen, closed."""

from __future__ import annotations

import trio

from benchmarks.conversation import Echo, echo
from benchmarks.figure import Figure, Target
from benchmarks.floor import P
from benchmarks.measure import on_trio, stopwatch
from benchmarks.naive import naive_page
from spindle import open_host, open_page

__all__ = ["figure"]

figure = Figure("page_open_close", "us", n=500, floor=P)


@figure.case("trio: nursery with one task")
def nursery(n: int) -> float:
    async def main() -> float:
        elapsed = stopwatch(n)
        for _ in range(n):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.sleep_forever)
                await trio.lowlevel.checkpoint()
                nursery.cancel_scope.cancel()
        return elapsed()

    return on_trio(main)


@figure.case("trio: naive page")
def naive(n: int) -> float:
    async def main() -> float:
        elapsed = stopwatch(n)
        for _ in range(n):
            await naive_page(stay=False)
        return elapsed()

    return on_trio(main)


def _page(n: int, *, hosted: bool) -> float:
    async def main() -> float:
        elapsed = stopwatch(n)
        for _ in range(n):
            async with open_page(Echo, hosted=hosted) as page:
                page.start(Echo, echo)
                await page.outbox.receive()
        return elapsed()

    return on_trio(main)


@figure.case("task", target=Target(5, 7))
def task(n: int) -> float:
    return _page(n, hosted=False)


@figure.case("hosted, open_page with a host of its own")
def hosted_alone(n: int) -> float:
    return _page(n, hosted=True)


@figure.case("hosted, on a host that is there", target=Target(0.2, 0.4))
def hosted(n: int) -> float:
    async def main() -> float:
        async with open_host() as host:
            page = host.open(Echo)
            elapsed = stopwatch(n)
            for _ in range(n):
                page = host.open(Echo)
                page.start(Echo, echo)
                page.outbox.receive_nowait()
                page.cancel_nowait("done")
            await page.wait()  # should something of them still be closing
            return elapsed()

    return on_trio(main)
