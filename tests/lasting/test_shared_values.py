"""What two have in hand neither changes for the other: taken up, each would have its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Cell,
    Contract,
    Coroutine,
    DurableHost,
    Event,
    Log,
    Notify,
    PageMachine,
    Port,
    Restart,
    Spindle,
    Suspended,
    Yield,
    fork,
    mark,
    open_durable_host,
    read,
    use,
    write,
)
from spindle.durable import MemoryStore


class Shop(Contract):
    class Till(Spindle[int]):
        stack = Cell[list[int]]()

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


class Orders(Port):
    @write
    async def order(self, basket: dict[str, int]) -> int: ...

    @read
    async def find(self, basket: dict[str, int]) -> list[str]: ...


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
                if hasattr(message, "notify"):
                    message.notify.items.sort()
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


async def orders_twice(rounds: int = 0) -> int:
    orders, basket = await use(Orders), {"tea": 2, "coupon": 1}
    for _ in range(2):
        await orders.find(basket)
        await orders.order(basket)
        await Shop.Till.Wait(str(basket))
    return rounds


async def sells(todo: list[str]) -> int:
    orders = await use(Orders)
    while todo:
        await mark(todo)
        item = todo.pop(0)
        await Shop.Till.Wait(item)
        await orders.order({item: 1, "fails": 1})
    return 0


async def stacks(rounds: int = 0) -> int:
    while True:
        await mark(rounds)
        if not rounds:
            change = await Shop.Till.stack.put([1, 2, 3])
            change.new.clear()
        await Shop.Till.Wait(str(rounds))
        rounds += 1


async def unstacks(rounds: int = 0) -> int:
    changes = Shop.Till.stack.changes()
    while True:
        await mark(rounds)
        items = await Shop.Till.stack.get() if rounds else await changes.next()
        last = items.pop()
        await Shop.Aisle.Wait(f"{last} of {items}")
        rounds += 1


async def forks(rounds: int = 0) -> int:
    basket: dict[str, int] = {}
    while True:
        await mark(rounds)
        if not rounds:
            await fork(Shop.Aisle, looks, basket, 3, ("a",))
        basket[str(rounds)] = rounds
        await Shop.Till.Wait(str(rounds))
        rounds += 1


async def looks(basket: dict[str, int], price: float, names: Sequence[str]) -> int:
    for _ in range(3):
        await Shop.Aisle.Wait(f"{basket} {price} {names}")
    return 0


async def tells(rounds: int = 0) -> int:
    items = ["pear", "apple"]
    while True:
        items = [*items, str(rounds)]
        await Shop.Till.Items(items)
        await Shop.Till.Wait(str(items))
        rounds += 1


def of(fn: Callable[..., Awaitable[int]], *args: object, **options: Any) -> Start:
    def start(page: PageMachine) -> None:
        page.start(Shop.Till, fn, *args, **options)  # type: ignore[arg-type]
        if fn is stacks:
            page.start(Shop.Aisle, unstacks)

    return start


@pytest.mark.parametrize("every", [1, 2, 1000])
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(of(orders_twice), id="a port and a spindle"),
        pytest.param(of(sells, ["a", "b", "c", "d"], policy=Restart(delay=0)), id="two runs"),
        pytest.param(of(stacks), id="who writes a cell and who reads it"),
        pytest.param(of(forks), id="a spindle and its fork"),
        pytest.param(of(tells), id="a spindle and its view"),
    ],
)
async def test_D5_what_two_have_in_hand_neither_changes_for_the_other(
    start: Start, every: int
) -> None:
    assert await life(start, every=every, away=True) == await life(start, every=every, away=False)


async def test_D5_a_new_run_begins_with_what_the_first_was_given() -> None:
    _, done = await life(of(sells, ["a", "b", "c"], policy=Restart(delay=0)), every=1, away=True)
    assert [each[2] for each in done] == ["a", "b", "c", "a", "b", "c"]


async def test_D3_a_fork_is_given_what_is_read_back() -> None:
    asked, _ = await life(of(forks), every=1, away=False)
    assert "Wait(said=\"{} 3.0 ['a']\")" in asked[0]


def test_D3_a_lone_conversation_keeps_its_values_from_its_port() -> None:
    log, orders = Log(), Taking()
    coroutine = Coroutine(orders_twice, log=log, provide={Orders: orders})
    coroutine.run()
    again = Coroutine.resume(orders_twice, Log.load(log.dump()), provide={Orders: orders})
    kept = str({"tea": 2, "coupon": 1})
    assert coroutine.state == again.state == Suspended(Shop.Till.Wait(kept))
    assert orders.done == [kept]
