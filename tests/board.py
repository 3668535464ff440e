"""A contract of two blocks, one that writes cells and one that reads them, for tests of sharing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from spindle import Cell, Channel, Contract, Delivery, Event, Notify, Spindle, Yield, now

if TYPE_CHECKING:
    from tests.stage import Stage


class Board(Contract):
    class Writer(Spindle[object]):
        count = Cell[int]()
        title = Cell[str]()

        class Write(Event):
            delivery: ClassVar = Delivery.QUEUE
            value: int

        class Ask(Yield[Write]): ...

        class Said(Notify):
            word: str

    class Reader(Spindle[object]):
        class Told(Event):
            word: str = ""

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            text: str

        class Ask(Yield[Told]):
            number: int = 1

        class Take(Yield[Queued]): ...

        class Read(Yield[Typed]): ...

        class Said(Notify):
            word: str


Writer, Reader = Board.Writer, Board.Reader


async def writes_when_told() -> None:
    """Put each value the view sends."""
    while True:
        await Writer.count.put((await Writer.Ask()).value)


async def writes(*values: int) -> None:
    """Put these values one after the other, then wait to be cancelled."""
    for value in values:
        await Writer.count.put(value)
    await Writer.Ask()


async def says(word: str) -> None:
    """Have the reader say a word, and at what time."""
    await Reader.Said(f"{await now():g}: {word}")


def told(lines: list[str]) -> list[str]:
    """The words that were said, without the rest."""
    return [line.partition("word=")[2][1:-2] for line in lines if " says " in line]


def registered(page: Stage, *channels: Channel) -> dict[str, int]:
    """Whatever waits anywhere on the page: nothing may be left there."""
    kernel = page.kernel
    spindles = list(kernel.live.values())
    found = {
        "cells": sum(
            len(state.waiting) + len(state.watchers) for state in (kernel.cells or {}).values()
        ),
        "takers": sum(len(channel.takers or ()) for channel in channels),
        "putters": sum(len(channel.putters or ()) for channel in channels),
        "pending": sum(len(spindle.pending) for spindle in spindles),
        "joiners": sum(len(spindle.joiners or ()) for spindle in spindles),
        "timers": len([timer for timer in kernel.timers.heap or () if timer.do is not None]),
    }
    return {name: count for name, count in found.items() if count}
