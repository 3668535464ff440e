"""A shop whose spindles, ports and views take what they are given for their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import trio
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Cell,
    Contract,
    DurableHost,
    Event,
    Notify,
    PageMachine,
    Port,
    Spindle,
    Yield,
    call_key,
    many,
    open_durable_host,
    read,
    write,
)
from spindle.durable import MemoryStore
from tests.core.values import Basket


class Shop(Contract):
    class Till(Spindle[int]):
        stack = Cell[list[int]]()
        rows = Cell[tuple[tuple[int, str], ...]]()

        class Go(Event):
            pass

        class Wait(Yield[Go]):
            said: str

        class Items(Notify):
            items: list[str]

    class Aisle(Spindle[int]):
        class Go(Event):
            pass

        class Wait(Yield[Go]):
            said: str

    class Names(Spindle[list[str]]):
        pass

    class Shelf(Spindle[Basket]):
        pass


class Orders(Port):
    @write
    async def order(self, basket: dict[str, int]) -> int: ...

    @read
    async def find(self, basket: dict[str, int]) -> list[str]: ...

    @read
    async def tags(self, sku: str) -> list[str]: ...

    @many(tags)
    async def all_tags(self, skus: tuple[str, ...]) -> Mapping[str, list[str]]:
        raise NotImplementedError


class Taking(Orders):
    """An implementation that takes what it is given for its own."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def order(self, basket: dict[str, int]) -> int:
        self.done.append(str(basket))
        basket.pop("coupon", None)
        if basket.pop("fails", 0) and len(self.done) == 3:
            raise ConnectionError("once")
        return len(basket)

    async def find(self, basket: dict[str, int]) -> list[str]:
        return ["pear", "apple", *map(str, basket.popitem())]

    async def tags(self, sku: str) -> list[str]:
        return [sku]

    async def all_tags(self, skus: tuple[str, ...]) -> Mapping[str, list[str]]:
        return {sku: [sku] for sku in skus}


class Waiting(Taking):
    """One that answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = trio.Event()

    async def order(self, basket: dict[str, int]) -> int:
        self.done.append(f"{basket} {call_key()[:4]}")
        if not self.answers.is_set():
            await self.answers.wait()
        return 1


Start = Callable[[PageMachine], None]


async def rests(page: PageMachine) -> list[str]:
    """What the view is told until nothing happens any more; it sorts what it is given."""
    said: list[str] = []
    for _ in range(3):
        await wait_all_tasks_blocked()
        with suppress(trio.WouldBlock, trio.EndOfChannel, trio.ClosedResourceError):
            while True:
                message: Any = page.outbox.receive_nowait()[1]
                said.append(str(message))
                for told in (getattr(message, "notify", None), message):
                    for each in ("items", "value"):
                        if isinstance(getattr(told, each, None), list):
                            getattr(told, each).sort()
    return said


async def life(start: Start, *, every: int, away: bool) -> tuple[list[str], list[str]]:
    """What is asked and what is done, on a page that is put away at each question, or never."""
    asked: list[str] = []
    orders, store = Taking(), MemoryStore()
    async with open_durable_host(
        store, provide={Orders: orders}, snapshot_every=every, wake=None, ttl=1e9, grace=0
    ) as host:
        page = await host.create(Shop, "p")
        start(page)
        for _ in range(6):
            await rests(page)
            if away:
                page = await taken_up(host)
            asked.append(str([ask for _, ask in page.pending()]))
            for block, go in ((Shop.Till, Shop.Till.Go()), (Shop.Aisle, Shop.Aisle.Go())):
                if any(source.block is block for source, _ in page.pending()):
                    page.resume(go)
        await rests(page)
    return asked, orders.done


async def taken_up(host: DurableHost) -> PageMachine:
    await host.put_away("p")
    page = await host.take_up("p")
    await rests(page)
    return page


def of(
    fn: Callable[..., Awaitable[int]],
    *args: object,
    beside: Callable[..., Awaitable[int]] | None = None,
    **options: Any,
) -> Start:
    """Starts a page with this at the till, and perhaps with something in the aisle."""

    def start(page: PageMachine) -> None:
        page.start(Shop.Till, fn, *args, **options)  # type: ignore[arg-type]
        if beside is not None:
            page.start(Shop.Aisle, beside)  # type: ignore[arg-type]

    return start
