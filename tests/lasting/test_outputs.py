"""D1: nothing is told, and nothing is begun that changes something, before it is kept."""

from __future__ import annotations

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from spindle import (
    Errored,
    OutcomeUnknown,
    PageClosed,
    PageMachine,
    Settlement,
    SpindleIsLive,
    open_durable_host,
)
from spindle.durable import Fault, MemoryStore, PageStatus
from tests.lasting import household
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.lasting.prefixes import received


async def opened(page: PageMachine) -> PageMachine:
    """One that asks, and whose view knows it."""
    page.start(Counter, count, 1)
    await wait_all_tasks_blocked()
    received(page)
    return page


async def test_D1_what_a_view_is_told_waits_until_it_is_kept() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.create(Counting, "one")
        kept = store.delay()
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        assert received(page) == []
        assert page.pending() == []
        kept.set()
        await wait_all_tasks_blocked()
        assert len(received(page)) == 1
        assert page.pending()[0][1] == Counter.Ask(1)


async def test_D1_how_an_event_is_settled_waits_until_it_is_kept() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await opened(await host.create(Counting, "one"))
        kept = store.delay()
        receipt = page.resume(Counter.Add(1))
        refused = page.resume(Counter.Add(1), yield_id=9)
        await wait_all_tasks_blocked()
        assert (receipt.settlement, refused.settlement, refused.reason) == (None, None, "")
        assert "not kept yet" in repr(refused)
        kept.set()
        assert await receipt.settled() is Settlement.HANDLED
        assert await refused.settled() is Settlement.REFUSED
        assert "9" in refused.reason


@pytest.mark.parametrize(
    ("event", "called"), [(Counter.Order(), "order 1"), (Counter.Pay(), "pay 1")]
)
async def test_D1_a_call_that_changes_something_waits_until_its_intent_is_kept(
    event: Counter.Order | Counter.Pay, called: str
) -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}) as host:
        page = await opened(await host.create(Counting, "one"))
        kept = store.delay()
        page.resume(event)
        await wait_all_tasks_blocked()
        assert till.calls == []
        kept.set()
        await wait_all_tasks_blocked()
        assert till.calls == [called]


async def test_D1_a_call_that_only_reads_does_not_wait() -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}) as host:
        page = await opened(await host.create(Counting, "one"))
        kept = store.delay()
        page.resume(Counter.Add(1))
        await wait_all_tasks_blocked()
        assert till.calls == ["price"]
        kept.set()


async def test_D1_who_waits_outside_for_an_end_hears_of_it_when_it_is_kept() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.create(Counting, "one")
        handle = page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        kept = store.delay()
        page.resume(Counter.Done())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(handle.wait)
            nursery.start_soon(page.wait)
            await wait_all_tasks_blocked()
            assert len(nursery.child_tasks) == 2
            kept.set()


async def test_D1_a_page_whose_store_fails_tells_nothing_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}) as host:
        page = await opened(await host.create(Counting, "one"))
        store.fail(Fault.UNANSWERED)
        receipt = page.resume(Counter.Order())
        with pytest.raises(PageClosed, match="not known what became of the event: its store has"):
            await receipt.settled()
        assert received(page) == []
        assert page.ended
        assert till.calls == []
        late = page.resume(Counter.Order())
        assert await late.settled() is Settlement.REFUSED
        assert "its store has failed" in late.reason
        with pytest.raises(PageClosed, match="its store has failed"):
            page.start(Counter, count, 2)
    assert "a page was lost to this process" in caplog.text
    caplog.clear()


async def test_D1_another_owner_fences_a_page_off(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await opened(await host.create(Counting, "one"))
        store.fail(Fault.FENCED)
        page.resume(Counter.Add(1))
        await wait_all_tasks_blocked()
        assert page.ended
        assert host.pages == ()
    assert "Fenced" in caplog.text
    caplog.clear()


async def test_D1_calls_in_doubt_are_made_again_as_their_kind_allows() -> None:
    store = MemoryStore()
    for event, again, told in [
        (Counter.Add(1), ["price"], "Ask(total=4)"),
        (Counter.Order(), ["order 1"], "order of 1"),
        (Counter.Pay(), [], OutcomeUnknown.__name__),
    ]:
        name, slow, till = type(event).__name__, Till(slow=True), Till()
        async with open_durable_host(store, provide={Shop: slow}, grace=0) as host:
            page = await opened(await host.create(Counting, name))
            page.resume(event)
            await wait_all_tasks_blocked()
            assert len(slow.calls) == 1
        async with open_durable_host(store, provide={Shop: till}) as host:
            page = await host.take_up(name)
            await wait_all_tasks_blocked()
            assert till.calls == again
            assert told in str(received(page))


async def test_D1_a_call_under_way_may_end_before_its_page_is_put_away() -> None:
    store, till = MemoryStore(), Till(slow=True)
    async with open_durable_host(store, provide={Shop: till}, grace=60) as host:
        page = await opened(await host.create(Counting, "one"))
        page.resume(Counter.Pay())
        await wait_all_tasks_blocked()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(host.put_away, "one")
            await wait_all_tasks_blocked()
            assert host.pages == ("one",)
            till.go.set()
        assert host.pages == ()
        again = await host.take_up("one")
        assert "paid 1" in str(received(again))
    assert till.calls == ["pay 1"]


async def test_D1_a_page_that_is_cancelled_has_ended_for_good() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await opened(await host.create(Counting, "one"))
        await page.cancel("enough")
        assert page.ended
        assert await page.resume(Counter.Add(1)).settled() is Settlement.REFUSED
        await wait_all_tasks_blocked()
        assert [each.status for each in await store.pages()] == [PageStatus.ENDED]
        again = await host.take_up("one")
        assert "enough" in str(received(again))
        assert again.ended
    assert [each.status for each in await store.pages()] == [PageStatus.ENDED]


async def test_D1_a_turn_that_says_more_than_a_view_takes_has_several_frames() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host:
        page = await host.create(household.House, "one")
        page.start(household.Main, household.talks, 3000)
        told: list[object] = []
        while not page.pending():
            told.append((await page.outbox.receive())[1])
        told += received(page)
        assert len(told) == 3001
        assert (await store.look("one")).record.head > 2
        await host.put_away("one")
        again = await host.take_up("one")
        assert again.pending()[0][1] == household.Main.Ask("enough")
        assert len(received(again)) == 3001
        receipt = again.resume(household.Main.Go("thanks"))
        assert await receipt.settled() is Settlement.HANDLED


async def test_D1_a_page_that_was_stopped_has_ended_for_good() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await opened(await host.create(Counting, "one"))
        await page.stop("closing time", grace=1.0)
        await wait_all_tasks_blocked()
        again = await host.take_up("one")
        assert again.ended
        assert "closing time" in str(received(again))


async def test_D1_a_start_that_is_refused_is_refused_again() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await opened(await host.create(Counting, "one"))
        with pytest.raises(SpindleIsLive):
            page.start(Counter, count, 7)
        handle = page.start(Counter, count, 8, instance="second")
        handle.cancel_nowait("enough")
        await wait_all_tasks_blocked()
        await host.put_away("one")
        again = await host.take_up("one")
        assert [each.name for each in again.tree().spindles] == ["Counting.Counter"]


async def test_D1_a_start_that_is_refused_later_is_told_to_who_waits_for_its_end() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host:
        page = await host.create(household.House, "one")
        page.start(household.Main, household.spins, 20_000)
        first = page.start(household.Side, household.levels, 1)
        second = page.start(household.Side, household.levels, 2)
        assert second.outcome is None  # the page is busy
        outcome = await second.wait()
        assert isinstance(outcome, Errored)
        assert isinstance(outcome.error, SpindleIsLive)
        assert first.outcome is None
        await host.put_away("one")
        again = await host.take_up("one")
        assert again.pending()[0][1] == household.Side.AskLevel()
