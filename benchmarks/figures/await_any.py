"""A race of a cell's next change and a yield, from one end of the race to that of the next.

Won by the yield, which an event from outside answers: this has the bound. Or won by the yield and
by the change in turn: the change is put by another spindle, since a cell has one writer, and that
spindle is told to by an event of its own, so that half of these races have a conversation more in
them. A hosted page is driven without an await, in the sender's task.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import ClassVar

import trio

from benchmarks.figure import Figure, Target
from benchmarks.floor import P
from benchmarks.measure import on_trio, stopwatch
from spindle import (
    Cell,
    Contract,
    Delivery,
    Event,
    PageMachine,
    Sent,
    Source,
    Spindle,
    Yield,
    Yielded,
    await_any,
    open_page,
)

__all__ = ["figure"]

figure = Figure("await_any", "us", n=2000, floor=P)
TASK, HOSTED = Target(1.5, 2), Target(0.2, 0.35)


class Track(Contract):
    """Two spindles: one races, one puts."""

    class Race(Spindle):
        """Waits for a change or an answer."""

        class Called(Event):
            """An answer."""

        class Waiting(Yield[Called]):
            """It races again."""

    class Writer(Spindle):
        """Owns the cell."""

        value = Cell[int]()

        class Write(Event):
            """Put this."""

            # The racer may race again, and be answered, before the writer asks again.
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Ready(Yield[Write]):
            """It has put."""


Waiting = Track.Race.Waiting


async def race() -> None:
    """Race for ever."""
    changes = Track.Writer.value.changes()
    while True:
        await await_any(changes.next(), Waiting())


async def writer() -> None:
    """Put what it is told to."""
    while True:
        told = await Track.Writer.Ready()
        await Track.Writer.value.put(told.number)


@figure.case("trio: a nursery over two channels")
def naive(n: int) -> float:
    async def main() -> float:
        puts, changes = trio.open_memory_channel[int](1)
        calls, called = trio.open_memory_channel[int](1)
        sends = (puts.send_nowait, calls.send_nowait)
        elapsed = stopwatch(n)
        for number in range(n):
            sends[number % 2](number)
            await _first(changes.receive, called.receive)
        return elapsed()

    return on_trio(main)


async def _first(*sources: Callable[[], Awaitable[int]]) -> tuple[int, int]:
    winners: list[tuple[int, int]] = []

    async def wait(position: int, source: Callable[[], Awaitable[int]]) -> None:
        winners.append((position, await source()))
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        for position, source in enumerate(sources):
            nursery.start_soon(wait, position, source)
    return winners[0]


@figure.case("task, answered by an event", target=TASK)
def task(n: int) -> float:
    return on_trio(partial(_awaiting, n, _calls(n)))


@figure.case("task, an event and a put in turn")
def task_in_turn(n: int) -> float:
    return on_trio(partial(_awaiting, n, _calls_and_puts(n)))


@figure.case("hosted, answered by an event", target=HOSTED)
def hosted(n: int) -> float:
    return on_trio(partial(_at_once, n, _calls(n)))


@figure.case("hosted, an event and a put in turn")
def hosted_in_turn(n: int) -> float:
    return on_trio(partial(_at_once, n, _calls_and_puts(n)))


def _calls(n: int) -> list[Event]:
    return [Track.Race.Called()] * n


def _calls_and_puts(n: int) -> list[Event]:
    called = Track.Race.Called()
    return [Track.Writer.Write(number) if number % 2 else called for number in range(n)]


@asynccontextmanager
async def _racing(*, hosted: bool) -> AsyncGenerator[PageMachine]:
    async with open_page(Track, hosted=hosted) as page:
        page.start(Track.Writer, writer)
        await page.outbox.receive()
        page.start(Track.Race, race)
        await page.outbox.receive()
        yield page


async def _awaiting(n: int, events: list[Event]) -> float:
    async with _racing(hosted=False) as page:
        elapsed = stopwatch(n)
        for event in events:
            page.resume(event)
            while not _races(await page.outbox.receive()):
                pass
        return elapsed()


async def _at_once(n: int, events: list[Event]) -> float:
    async with _racing(hosted=True) as page:
        receive = page.outbox.receive_nowait
        elapsed = stopwatch(n)
        for event in events:
            page.resume(event)
            while not _races(receive()):
                pass
        return elapsed()


def _races(sent: tuple[Source, Sent]) -> bool:
    """Whether the racer says that it races again."""
    said = sent[1]
    return type(said) is Yielded and type(said.ask) is Waiting
