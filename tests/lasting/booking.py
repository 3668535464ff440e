"""A page whose every event does something, and a backend that remembers all that it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import trio

from spindle import (
    Cell,
    Contract,
    Delivery,
    Event,
    Notify,
    OutcomeUnknown,
    Port,
    Spindle,
    Yield,
    call_key,
    fork,
    map_fibers,
    mark,
    once,
    read,
    sleep,
    use,
    write,
)

__all__ = ["SCRIPT", "Backend", "Booking", "Office", "book", "book_with_marks"]


class Booking(Contract):
    class Book(Spindle[None]):
        total = Cell[int]()

        class Sent(Event):
            delivery: ClassVar = Delivery.QUEUE
            number: int
            what: str

        class Ask(Yield[Sent]):
            applied: tuple[int, ...]
            total: int

        class Told(Notify):
            number: int
            text: str

    class Aside(Spindle[int]):
        class Done(Notify):
            number: int


Book, Aside = Booking.Book, Booking.Aside


class Office(Port):
    @read
    async def price(self, number: int) -> int: ...
    @write
    async def order(self, number: int) -> str: ...
    @once
    async def pay(self, number: int) -> str: ...


SCRIPT = ("read", "write", "once", "nap", "say", "all", "aside", "once", "fail", "write")
"""What the visitor sends, one after the other."""


@dataclass
class Backend(Office):
    """Attributes: all calls, with their keys; what it has done, by key."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)
    """By key, as a service does that knows the keys it has seen."""

    async def _does(self, what: str) -> str:
        key = call_key()
        self.calls.append((what, key))
        await trio.lowlevel.checkpoint()
        return self.done.setdefault(key, what)

    async def price(self, number: int) -> int:
        self.calls.append((f"price {number}", ""))
        await trio.lowlevel.checkpoint()
        return number

    async def order(self, number: int) -> str:
        return await self._does(f"order {number}")

    async def pay(self, number: int) -> str:
        return await self._does(f"pay {number}")


async def _adds(number: int) -> int:
    await sleep(0.5)
    await Aside.Done(number)
    return await (await use(Office)).price(number)


async def does(number: int, what: str) -> int:
    """What comes of one event; returns what it adds to the total."""
    office = await use(Office)
    match what:
        case "read":
            return await office.price(number)
        case "write":
            await Book.Told(number, await office.order(number))
        case "once":
            try:
                await Book.Told(number, await office.pay(number))
            except OutcomeUnknown:
                await Book.Told(number, "unknown")
        case "nap":
            await sleep(1)
            await Book.Told(number, "slept")
        case "say":
            for each in range(3):
                await Book.Told(number, f"said {each}")
        case "all":
            prices = await map_fibers(office.price, (10 * number, 10 * number + 1), limit=2)
            orders = await map_fibers(office.order, (100 * number, 100 * number + 1), limit=2)
            await Book.Told(number, f"{prices} {orders}")
        case "aside":
            return await (await fork(Aside, _adds, number)).result()
        case _:
            await Book.Told(number, "nothing")
    return 0


async def book(applied: tuple[int, ...], total: int) -> None:
    """One event after the other."""
    while True:
        await Book.total.put(total)
        sent = await Book.Ask(applied, total)
        total += await does(sent.number, sent.what)
        applied = (*applied, sent.number)


async def book_with_marks(applied: tuple[int, ...], total: int) -> None:
    """The same; its log begins anew."""
    while True:
        await mark(applied, total)
        await Book.total.put(total)
        sent = await Book.Ask(applied, total)
        total += await does(sent.number, sent.what)
        applied = (*applied, sent.number)
