"""The spindles of the golden logs. What they do is in logs that are kept for good: leave it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec

from spindle import (
    Event,
    Notify,
    Port,
    Spindle,
    TooSlow,
    Yield,
    await_all,
    fiber,
    mark,
    now,
    once,
    patched,
    random_float,
    read,
    sleep,
    timeout,
    unique_id,
    use,
    write,
)

__all__ = ["Item", "Order", "Shop", "Till", "keeps", "sells"]


class Item(msgspec.Struct, frozen=True):
    sku: str
    price: Decimal
    weight: float = 0.25
    label: bytes = b"\x00\xff"


@dataclass(frozen=True)
class Order:
    items: tuple[Item, ...]
    due: date
    note: str | None = None


class SoldOut(Exception):
    pass


class Till(Spindle[str]):
    class Chosen(Event):
        skus: list[str]
        large: int = 0

    class Paid(Event):
        card: str

    class Choose(Yield[Chosen]):
        total: int = 0

    class Pay(Yield[Paid]):
        order: str

    class Told(Notify):
        said: str


class Shop(Port):
    @read
    async def look(self, sku: str) -> Item: ...
    @write
    async def reserve(self, order: Order) -> int: ...
    @once
    async def charge(self, card: str, number: int) -> str: ...


@dataclass
class Working(Shop):
    """A shop that has all but lemons, and says what it was asked."""

    calls: list[str] = field(default_factory=list[str])

    async def look(self, sku: str) -> Item:
        self.calls.append(f"look {sku}")
        if sku == "lemons":
            raise SoldOut(sku, 3)
        return Item(sku, Decimal("4.20"))

    async def reserve(self, order: Order) -> int:
        self.calls.append(f"reserve {', '.join(each.sku for each in order.items)}")
        return 2**53 + len(order.items)

    async def charge(self, card: str, number: int) -> str:
        self.calls.append(f"charge {card} {number}")
        return f"receipt of “{card}”"


async def rests(seconds: float) -> None:
    await sleep(seconds)


async def sells(limit: float, greeting: str) -> str:
    """All that a conversation without a mark may have in its log."""
    shop, items = await use(Shop), list[Item]()
    await Till.Told(greeting)
    for sku in (await Till.Choose()).skus:
        try:
            items.append(await shop.look(sku))
        except SoldOut as error:
            await Till.Told(f"no {error.args[0]}")
    salt, _ = await await_all(await fiber(shop.look, "salt"), await fiber(rests, 0.5))
    number = await shop.reserve(Order((*items, salt), date(2026, 3, 1)))
    await Till.Told(f"{await unique_id()} {await random_float()} {await now()}")
    card = "none"
    try:
        async with timeout(limit):
            card = (await Till.Pay(str(number))).card
    except TooSlow:
        await Till.Told("too slow")
    if await patched("asks again") and card == "none":
        card = (await Till.Pay("again")).card
    return await shop.charge(card, number)


async def keeps(total: int, last: Item | None = None) -> str:
    """A loop that marks."""
    shop = await use(Shop)
    while True:
        await mark(total, last)
        chosen = await Till.Choose(total)
        if not chosen.skus:
            return f"{total} {last} {await random_float()}"
        last = await shop.look(chosen.skus[0])
        total += chosen.large + int(await random_float() * 10)
        receipt = await shop.charge((await Till.Pay(last.sku)).card, total)
        await Till.Told(receipt)
