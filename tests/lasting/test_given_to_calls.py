"""What a call is given, and with what it is made again."""

from __future__ import annotations

from dataclasses import dataclass

import trio

from spindle import (
    Channel,
    Coroutine,
    Log,
    Suspended,
    fiber,
    fork,
    map_fibers,
    open_coroutine,
    open_durable_host,
    perform,
    use,
)
from spindle.durable import MemoryStore
from tests.lasting.takers import Orders, Shop, Waiting, life, of, rests


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


@dataclass
class Ledger:
    """A service that a call is handed, with what no log can keep."""

    lock: trio.Lock
    at_once: int = 0
    most: int = 0


LEDGER = Ledger(trio.Lock())


async def enters(ledger: Ledger) -> int:
    async with ledger.lock:
        ledger.at_once += 1
        ledger.most = max(ledger.most, ledger.at_once)
        await trio.lowlevel.checkpoint()
        ledger.at_once -= 1
    return ledger.most


async def enters_at_once() -> int:
    await map_fibers(lambda _: perform(enters, LEDGER), range(5), limit=5)
    await Shop.Till.Wait(str(LEDGER.most))
    return 0


async def test_what_no_log_keeps_is_one_and_the_same_for_all_calls() -> None:
    asked, _ = await life(of(enters_at_once), every=1, away=False)
    assert asked[0] == "[Wait(said='1')]"
