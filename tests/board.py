"""A contract of two blocks, one that writes cells and one that reads them, for tests of sharing."""

from __future__ import annotations

from typing import ClassVar

from spindle import Cell, Contract, Delivery, Event, Notify, Spindle, Yield


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
