"""A page that counts, and orders what it has counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import trio

from spindle import (
    Cell,
    Contract,
    Event,
    Notify,
    Port,
    Spindle,
    Yield,
    mark,
    once,
    read,
    sleep,
    use,
    write,
)


class Counting(Contract):
    class Counter(Spindle[int]):
        total = Cell[int]()

        class Add(Event):
            number: int

        class Order(Event):
            pass

        class Pay(Event):
            pass

        class Wait(Event):
            seconds: float

        class Done(Event):
            pass

        class Ask(Yield[Add | Order | Pay | Wait | Done]):
            total: int

        class Told(Notify):
            text: str

    class Clock(Spindle[None]):
        class Rang(Notify):
            at: float


class Shop(Port):
    @read
    async def price(self) -> int: ...
    @write
    async def order(self, total: int) -> str: ...
    @once
    async def pay(self, total: int) -> str: ...


@dataclass
class Till(Shop):
    """Notes what it is asked for; waits before it answers if `slow`."""

    calls: list[str] = field(default_factory=list)
    slow: bool = False
    go: trio.Event = field(default_factory=trio.Event)

    async def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.slow:
            await self.go.wait()

    async def price(self) -> int:
        await self._called("price")
        return 3

    async def order(self, total: int) -> str:
        await self._called(f"order {total}")
        return f"order of {total}"

    async def pay(self, total: int) -> str:
        await self._called(f"pay {total}")
        return f"paid {total}"


Counter = Counting.Counter


async def count(start: int) -> int:
    total, shop = start, await use(Shop)
    while True:
        await Counter.total.put(total)
        match await Counter.Ask(total):
            case Counter.Add(number):
                total += number * await shop.price()
            case Counter.Order():
                await Counter.Told(await shop.order(total))
            case Counter.Pay():
                try:
                    await Counter.Told(await shop.pay(total))
                except Exception as error:
                    await Counter.Told(type(error).__name__)
            case Counter.Wait(seconds):
                await sleep(seconds)
            case _:
                return total


async def keep_counting(total: int) -> int:
    shop = await use(Shop)
    while True:
        await mark(total)
        match await Counter.Ask(total):
            case Counter.Add(number):
                total += number * await shop.price()
            case _:
                return total
