"""The contract that random programs speak: two blocks alike, with every kind of message."""

from __future__ import annotations

from typing import Any, ClassVar

from spindle import Cell, Contract, Delivery, Event, Notify, Spindle, Yield

__all__ = ["BLOCKS", "Left", "Plaza", "Right"]


class Plaza(Contract):
    class Left(Spindle[object]):
        mood: ClassVar[Cell[int]] = Cell[int]()

        class Told(Event):
            number: int

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            number: int

        class Ask(Yield[Told]): ...

        class Take(Yield[Queued]): ...

        class Read(Yield[Typed]): ...

        class Listen(Yield[Told | Queued | Typed]): ...

        class Said(Notify):
            word: str

        class Progress(Notify):
            conflate: ClassVar = True
            word: str

    class Right(Spindle[object]):
        mood: ClassVar[Cell[int]] = Cell[int]()

        class Told(Event):
            number: int

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            number: int

        class Ask(Yield[Told]): ...

        class Take(Yield[Queued]): ...

        class Read(Yield[Typed]): ...

        class Listen(Yield[Told | Queued | Typed]): ...

        class Said(Notify):
            word: str

        class Progress(Notify):
            conflate: ClassVar = True
            word: str


Left, Right = Plaza.Left, Plaza.Right
BLOCKS: dict[str, Any] = {"Left": Left, "Right": Right}
