"""The ends of lasting pages, and of the processes around them."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import ESCALATE, PageClosed, Settlement, open_durable_host
from spindle._lasting.looks import is_of, until_kept, why_left
from spindle.durable import Busy, Fault, MemoryStore, PageStatus
from tests.lasting.counter import Counter, Counting, Shop, Till, count


class Closed(Till):
    async def price(self) -> int:
        raise ValueError("closed")


async def test_a_spindle_that_escalates_ends_its_page_and_no_other() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Closed()}) as host:
        other = await host.create(Counting, "other")
        other.start(Counter, count, 1)
        page = await host.create(Counting, "page")
        page.start(Counter, count, 1, policy=ESCALATE)
        await page.resume(Counter.Add(1)).settled()
        with pytest.raises(ExceptionGroup):
            await page.wait()
        await wait_all_tasks_blocked()
        assert host.pages == ("other",)
        assert other.pending()
        assert [each.status for each in await store.pages()] == [
            PageStatus.LIVE,
            PageStatus.ENDED,
        ]


async def test_a_page_that_has_ended_is_taken_up_and_takes_nothing() -> None:
    store = MemoryStore()
    for _ in range(2):
        async with open_durable_host(store) as host:
            if not await store.pages():
                page = await host.create(Counting, "page")
                page.start(Counter, count, 1)
                await page.cancel("enough")
                await wait_all_tasks_blocked()
            page = await host.take_up("page")
            receipt = page.resume(Counter.Add(1))
            assert await receipt.settled() is Settlement.REFUSED
            with pytest.raises(PageClosed):
                page.start(Counter, count, 1)
            await wait_all_tasks_blocked()
            assert page.ended
            assert host.pages == ()
            [kept] = await store.pages()
            assert (kept.status, kept.owner) == (PageStatus.ENDED, None)


async def test_D2_a_page_that_has_come_to_rest_is_not_blamed_for_the_end_of_its_process() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host:
        page = await host.create(Counting, "page")
        page.start(Counter, count, 1)
        await until_kept(page)
        asked = page.pending()
        store = store.restarted()
    for _ in range(10):
        async with open_durable_host(store) as host:
            page = await host.take_up("page")
            assert page.pending() == asked
            await wait_all_tasks_blocked()
            store = store.restarted()


async def test_a_page_that_is_being_woken_is_waited_for(autojump_clock: MockClock) -> None:
    store = MemoryStore(clock=trio.current_time)
    hosts = {"wall_clock": trio.current_time, "provide": {Shop: Till()}}
    async with open_durable_host(store, wake=None, **hosts) as host:
        page = await host.create(Counting, "page")
        page.start(Counter, count, 1)
        page.resume(Counter.Wait(60))
        await until_kept(page)
    await trio.sleep(60)
    async with open_durable_host(store, wake=1, **hosts) as host, trio.open_nursery() as nursery:
        taken = store.delay(call="acquire", kept=True)
        await trio.sleep(1.5)
        assert host.pages == ()
        assert list(host.chores.waking) == ["page"]

        async def visit() -> None:
            page = await host.take_up("page")
            await until_kept(page)
            assert page.pending()[0][1] == Counter.Ask(1)

        nursery.start_soon(visit)
        await wait_all_tasks_blocked()
        taken.set()


async def test_what_is_known_of_a_page_that_its_store_has_lost() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host:
        page = await host.create(Counting, "page")
        assert is_of(page, Counting)
        assert not is_of(page, Counter)
        assert why_left(page) == ""
        store.fail(Fault.FULL)
        page.start(Counter, count, 1)
        with pytest.raises(PageClosed):
            await until_kept(page)
        assert "store has failed" in why_left(page)


async def test_somebody_elses_page_is_busy() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host, open_durable_host(store) as other:
        await host.create(Counting, "page")
        with pytest.raises(Busy):
            await other.take_up("page")
