"""What two have in hand neither changes for the other: taken up, each would have its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Cell,
    Channel,
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
    await_all,
    call_key,
    fiber,
    fork,
    many,
    mark,
    open_coroutine,
    open_durable_host,
    read,
    use,
    write,
)
from spindle.durable import MemoryStore


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


async def waits_for_a_fork(rounds: int = 0) -> int:
    while True:
        await mark(rounds)
        if not rounds:
            made = await fork(Shop.Aisle, makes)
            found, again = await made, await made
            found.append("bag")
            await Shop.Till.Wait(f"{found} {again} {await await_all(made)}")
            await (await use(Orders)).order(dict.fromkeys(found, 1))
        await Shop.Till.Wait(str(rounds))
        rounds += 1


async def makes() -> list[str]:
    return ["pear", "apple"]


async def tags(block: type[Shop.Till] | type[Shop.Aisle], found: list[str]) -> list[str]:
    if not found:
        return await (await use(Orders)).tags("same")
    await block.Wait(str(found))
    return [*found] if len(found) > 9 else found


async def tags_at_the_till(found: list[str] | None = None) -> int:
    while True:
        await mark(found)
        found = await tags(Shop.Till, found or [])
        found.append("till")


async def tags_in_the_aisle(found: list[str] | None = None) -> int:
    while True:
        await mark(found)
        found = await tags(Shop.Aisle, found or [])
        found.append("aisle")


BESIDE: dict[object, object] = {stacks: unstacks, tags_at_the_till: tags_in_the_aisle}


def of(fn: Callable[..., Awaitable[int]], *args: object, **options: Any) -> Start:
    def start(page: PageMachine) -> None:
        page.start(Shop.Till, fn, *args, **options)  # type: ignore[arg-type]
        if fn in BESIDE:
            page.start(Shop.Aisle, BESIDE[fn])  # type: ignore[arg-type]

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
        pytest.param(of(waits_for_a_fork), id="a fork, who waits for it, and the view"),
        pytest.param(of(tags_at_the_till), id="two that read the same in one batch"),
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


async def goes_on_changing(rounds: int = 0) -> int:
    orders, basket = await use(Orders), {"tea": 1}
    ordered = await fiber(orders.order, basket)
    await Shop.Till.Wait("more?")
    basket["late"] = 1
    await Shop.Till.Wait(str(basket))
    return rounds + await ordered


ONCE_MORE = ["{'tea': 1} ", "{'tea': 1} "]


async def test_D4_a_call_is_made_again_with_what_it_was_given() -> None:
    orders, store = Waiting(), MemoryStore()
    async with open_durable_host(
        store, provide={Orders: orders}, wake=None, ttl=1e9, grace=0
    ) as host:
        page = await host.create(Shop, "p")
        page.start(Shop.Till, goes_on_changing)
        await rests(page)
        await page.resume(Shop.Till.Go()).settled()
        await host.put_away("p")
        orders.answers.set()
        page = await host.take_up("p")
        await rests(page)
        assert [ask for _, ask in page.pending()] == [Shop.Till.Wait("{'tea': 1, 'late': 1}")]
    assert len({*orders.done}) == 1
    assert [each[:-4] for each in orders.done] == ONCE_MORE


async def test_D4_so_is_one_that_was_begun_on_trio_and_is_made_again_by_hand() -> None:
    log, orders = Log(), Waiting()
    async with open_coroutine(goes_on_changing, log=log, provide={Orders: orders}) as runner:
        first = await runner.run()
        assert isinstance(first, Suspended)
        await runner.resume(first.ask, Shop.Till.Go())
        kept = log.dump()
        orders.answers.set()
    again = Coroutine.resume(goes_on_changing, Log.load(kept), provide={Orders: orders})
    assert again.state == Suspended(Shop.Till.Wait("{'tea': 1, 'late': 1}"))
    assert [each[:-4] for each in orders.done] == ONCE_MORE


async def forks_with_a_channel() -> int:
    basket = {"a": 1}
    await fork(Shop.Aisle, takes_a_channel, basket, 3, Channel[int](1))
    basket["b"] = 2
    await Shop.Till.Wait("")
    return 0


async def takes_a_channel(basket: dict[str, int], price: float, channel: Channel[int]) -> int:
    await Shop.Aisle.Wait(f"{basket} {price}")
    return 0


async def test_D3_what_no_log_keeps_leaves_the_other_arguments_of_a_fork_as_they_are() -> None:
    asked, _ = await life(of(forks_with_a_channel), every=1, away=False)
    assert "Wait(said=\"{'a': 1} 3.0\")" in asked[0]


async def puts_rows() -> int:
    rows = ((1, "a"), (2, "b"))
    change = await Shop.Till.rows.put(rows)
    same = [change.new, await Shop.Till.rows.get(), await Shop.Till.rows.get()]
    await Shop.Till.Wait(str(same[1] is same[2] is same[0]))
    return 0


def test_values_that_nobody_can_change_are_handed_on_as_they_are() -> None:
    coroutine = Coroutine(puts_rows, log=Log())
    assert coroutine.run() == Suspended(Shop.Till.Wait("True"))
