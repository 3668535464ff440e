"""What two have in hand neither changes for the other: taken up, each would have its own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from spindle import (
    Coroutine,
    Log,
    Restart,
    Suspended,
    await_all,
    fork,
    mark,
    open_durable_host,
    use,
)
from spindle.durable import MemoryStore
from tests.core.values import Basket, Line
from tests.lasting.takers import Orders, Shop, Start, Taking, life, of, rests


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
            made = await fork(Shop.Names, makes)
            found, again = await made.result(), await made.result()
            found.append("bag")
            await Shop.Till.Wait(f"{found} {again} {await await_all(made, made)}")
            await (await use(Orders)).order(dict.fromkeys(await made.result(), 1))
        await Shop.Till.Wait(str(rounds))
        rounds += 1


async def tells_once(rounds: int = 0) -> int:
    while True:
        await mark(rounds)
        if not rounds:
            await Shop.Till.Items(["pear", "apple"])
            await fork(Shop.Names, makes)
        await Shop.Till.Wait(str(rounds))
        rounds += 1


async def makes() -> list[str]:
    return ["pear", "apple"]


async def tags(block: type[Shop.Till] | type[Shop.Aisle], found: list[str]) -> list[str]:
    if not found:
        return await (await use(Orders)).tags("same")
    await block.Wait(str(found))
    return found


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


async def fills(rounds: int = 0, basket: Basket | None = None) -> int:
    while True:
        await mark(rounds, basket)
        if basket is None:
            made = await fork(Shop.Shelf, makes_basket)
            basket = await made.result()
        await Shop.Till.Wait(basket.add("tea"))
        rounds += 1


async def makes_basket() -> Basket:
    return Basket([Line("tea"), Line("cup")])


async def sells_basket(basket: Basket) -> int:
    orders = await use(Orders)
    while True:
        await Shop.Till.Wait(basket.add("tea"))
        await orders.order({str(each): 1 for each in basket.lines} | {"fails": 1})


@pytest.mark.parametrize("every", [1, 2, 1000])
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(of(orders_twice), id="a port and a spindle"),
        pytest.param(of(sells, ["a", "b", "c", "d"], policy=Restart(delay=0)), id="two runs"),
        pytest.param(of(stacks, beside=unstacks), id="who writes a cell and who reads it"),
        pytest.param(of(forks), id="a spindle and its fork"),
        pytest.param(of(tells), id="a spindle and its view"),
        pytest.param(of(fills), id="a fork's result and its parts"),
        pytest.param(
            of(sells_basket, Basket([Line("tea")]), policy=Restart(delay=0)),
            id="two runs of one with parts",
        ),
        pytest.param(of(waits_for_a_fork), id="a fork, who waits for it, and the view"),
        pytest.param(
            of(tags_at_the_till, beside=tags_in_the_aisle), id="two that read the same in one batch"
        ),
    ],
)
async def test_D5_what_two_have_in_hand_neither_changes_for_the_other(
    start: Start, every: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert await life(start, every=every, away=True) == await life(start, every=every, away=False)
    assert {str(each.exc_info[1]) for each in caplog.records if each.exc_info} <= {"once"}


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


@pytest.mark.parametrize("every", [1, 1000])
async def test_D1_a_view_made_anew_is_told_what_was_said_whatever_another_did_to_it(
    every: int,
) -> None:
    async with open_durable_host(MemoryStore(), snapshot_every=every, ttl=1e9, grace=0) as host:
        page = await host.create(Shop, "p")
        page.start(Shop.Till, tells_once)
        for _ in range(3):
            await rests(page)
            page.resume(Shop.Till.Go())
        for _ in range(2):
            await rests(page)
            await host.put_away("p")
            page = await host.take_up("p")
            said = await rests(page)
            assert "Notified(notify=Items(items=['pear', 'apple']))" in said
            assert "Completed(value=['pear', 'apple'])" in said


async def puts_rows() -> int:
    rows = ((1, "a"), (2, "b"))
    change = await Shop.Till.rows.put(rows)
    same = [change.new, await Shop.Till.rows.get(), await Shop.Till.rows.get()]
    await Shop.Till.Wait(str(same[1] is same[2] is same[0]))
    return 0


def test_values_that_nobody_can_change_are_handed_on_as_they_are() -> None:
    coroutine = Coroutine(puts_rows, log=Log())
    assert coroutine.run() == Suspended(Shop.Till.Wait("True"))


async def test_what_a_fork_returned_is_as_it_was_whatever_the_view_does_to_it() -> None:
    _, done = await life(of(waits_for_a_fork), every=1, away=False)
    assert done == [str({"pear": 1, "apple": 1})]
