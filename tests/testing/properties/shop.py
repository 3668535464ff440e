"""A shop to play with: what a visitor says goes through every kind of question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from spindle import (
    Cell,
    Contract,
    Delivery,
    Event,
    Notify,
    Port,
    Spindle,
    Yield,
    await_any,
    cleanup,
    fork,
    once,
    read,
    sleep,
    use,
    write,
)
from spindle.testing.properties import PlayedPage

__all__ = [
    "Basket",
    "Offline",
    "Price",
    "Shelf",
    "Shop",
    "Stock",
    "Watcher",
    "backend",
    "open_shop",
]


class Price(msgspec.Struct, frozen=True):
    cents: int


class Offline(Exception):
    pass


class Shop(Contract):
    class Basket(Spindle[str]):
        class Put(Event):
            count: int

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST
            text: str

        class Left(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Ask(Yield[Put | Typed | Left]): ...

        total = Cell[int]()

    class Watcher(Spindle[None]):
        class Seen(Notify):
            total: int


Basket, Watcher = Shop.Basket, Shop.Watcher


class Stock(Port):
    @read
    async def left(self) -> int: ...
    @write
    async def hold(self) -> None: ...
    @once
    async def give_back(self) -> None: ...


class Shelf(Stock):
    def __init__(self) -> None:
        self.held = 0

    async def left(self) -> int:
        return 3 - self.held

    async def hold(self) -> None:
        self.held += 1

    async def give_back(self) -> None:
        self.held -= 1


def backend() -> Mapping[type, object]:
    return {Stock: Shelf()}


async def watch() -> None:
    changes = Basket.total.changes()
    while True:
        await Watcher.Seen(await changes.next())


async def shopping() -> str:
    stock, total = await use(Stock), 0
    await Basket.total.put(0)
    await fork(Watcher, watch, replace=True)
    await stock.hold()
    try:
        while True:
            place, event = await await_any(Basket.Ask(), sleep(30))
            if place == 1 or isinstance(event, Basket.Left):
                return "left"
            total += isinstance(event, Basket.Put)
            await Basket.total.put(total)
    finally:
        async with cleanup(5):
            await stock.give_back()


def open_shop(page: PlayedPage) -> None:
    page.start(Basket, shopping)
