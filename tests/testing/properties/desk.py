"""A desk whose clerk takes events of every kind of delivery."""

from __future__ import annotations

from typing import ClassVar

from spindle import Cell, Contract, Delivery, Event, Spindle, Yield

__all__ = ["Desk"]


class Desk(Contract):
    class Clerk(Spindle[str]):
        class Told(Event):
            number: int = 0

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST

        class First(Yield[Told | Typed]): ...

        class Second(Yield[Told | Queued]): ...

        seen = Cell[int]()

    class Watcher(Spindle[None]):
        class Stop(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Watching(Yield[Stop]): ...
