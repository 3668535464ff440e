"""A notify, one of a hundred before the next question, and the view taking them from the outbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import trio

from benchmarks.figure import Figure, Target
from benchmarks.floor import P
from benchmarks.measure import on_trio, stopwatch
from spindle import Event, Notify, Spindle, Yield, open_page

__all__ = ["figure"]

figure = Figure("notify", "us", n=10_000, floor=P)
TARGET = Target(0.05, 0.1)
BATCH = 100


class News(Spindle):
    """Tells a batch of news whenever it is asked to."""

    class More(Event):
        """The next batch."""

    class Item(Notify):
        """One of them."""

        number: int

    class Told(Yield[More]):
        """That was a batch."""


async def tell() -> None:
    """Tell batches for ever."""
    while True:
        await News.Told()
        for number in range(BATCH):
            await News.Item(number)


@figure.case("buffered memory channel")
def channel(n: int) -> float:
    async def main() -> float:
        there, here = trio.open_memory_channel[int](BATCH)
        more, wanted = trio.open_memory_channel[None](0)

        async def other() -> None:
            async for _ in wanted:
                for number in range(BATCH):
                    there.send_nowait(number)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(other)
            elapsed = stopwatch(n)
            for _ in range(n // BATCH):
                await more.send(None)
                await here.receive()
                _drain(here.receive_nowait)
            cost = elapsed()
            nursery.cancel_scope.cancel()
        return cost

    return on_trio(main)


def _page(n: int, *, hosted: bool) -> float:
    more = News.More()

    async def main() -> float:
        async with open_page(News, hosted=hosted) as page:
            page.start(News, tell)
            await page.outbox.receive()
            elapsed = stopwatch(n)
            for _ in range(n // BATCH):
                page.resume(more)
                await page.outbox.receive()
                _drain(page.outbox.receive_nowait)
            return elapsed()

    return on_trio(main)


def _drain(take: Callable[[], object]) -> None:
    """Take what is there."""
    with suppress(trio.WouldBlock):
        while True:
            take()


@figure.case("task", target=TARGET)
def task(n: int) -> float:
    return _page(n, hosted=False)


@figure.case("hosted", target=TARGET)
def hosted(n: int) -> float:
    return _page(n, hosted=True)
