"""D1: a page that leaves its process in the midst of something goes on by itself."""

from __future__ import annotations

import threading

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import DurableHost, Event, PageMachine, now, open_durable_host, use
from spindle._lasting.chores import AT_A_TIME
from spindle.durable import MemoryStore, PageStatus
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.lasting.prefixes import driver_of, received
from tests.lasting.test_host_end import of_a_newer_spindle


async def counting(host: DurableHost, name: str = "one") -> PageMachine:
    """A page that asks."""
    page = await host.create(Counting, name)
    page.start(Counter, count, 1)
    await wait_all_tasks_blocked()
    return page


async def ordering(host: DurableHost) -> None:
    """A page whose order is under way."""
    page = await counting(host)
    page.resume(Counter.Order())
    await wait_all_tasks_blocked()


async def pause(seconds: float) -> None:
    """Let time pass, and what is due happen."""
    await trio.sleep(seconds)
    await wait_all_tasks_blocked()


CALLS = [
    pytest.param(Counter.Order(), ["order 1", "order 1"], "order of 1", id="write"),
    pytest.param(Counter.Add(2), ["price", "price"], "total=7", id="read"),
    pytest.param(Counter.Pay(), ["pay 1"], "OutcomeUnknown", id="once"),
]


@pytest.mark.parametrize(("event", "calls", "told"), CALLS)
async def test_a_page_put_away_with_a_call_under_way_goes_on_by_itself(
    event: Event, calls: list[str], told: str, autojump_clock: MockClock
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        page = await counting(host)
        page.resume(event)
        await wait_all_tasks_blocked()
        await host.put_away("one")
        assert (await store.look("one")).record.wake_at == trio.current_time()
        await pause(2)
        assert till.calls == calls
        till.go.set()
        await pause(2)
        record = (await store.look("one")).record
        assert (host.pages, record.owner, record.wake_at) == ((), None, None)
        assert told in str(received(await host.take_up("one")))
    assert till.calls == calls


@pytest.mark.parametrize(("event", "calls", "told"), CALLS)
async def test_a_page_whose_host_is_left_with_a_call_under_way_goes_on_by_itself(
    event: Event, calls: list[str], told: str, autojump_clock: MockClock
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        page = await counting(host)
        page.resume(event)
        await wait_all_tasks_blocked()
    till.go.set()
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        await pause(2)
        assert (till.calls, host.pages) == (calls, ())
        assert told in str(received(await host.take_up("one")))


async def orders_and_spins(times: int) -> int:
    await (await use(Shop)).order(times)
    for _ in range(times):
        await now()
    return times


async def test_a_page_put_away_in_the_midst_of_its_work_goes_on_by_itself(
    autojump_clock: MockClock,
) -> None:
    """It had rested for the sake of other tasks, and goes on with the step at which it did."""
    store, till = MemoryStore(clock=trio.current_time), Till()
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, orders_and_spins, 20_000)
        while not driver_of(page).resting:
            await trio.lowlevel.checkpoint()
        await host.put_away("one")
        await wait_all_tasks_blocked()
        assert (await store.look("one")).record.status is PageStatus.LIVE
        await pause(5)
        assert host.pages == ()
        assert "Completed(value=20000)" in str(received(await host.take_up("one")))
    assert till.calls == ["order 20000"]


async def test_a_page_goes_on_by_itself_whose_last_moments_the_store_has_not_kept(
    autojump_clock: MockClock,
) -> None:
    """It rests here, and its log does not have the answer of the call that it has waited for."""
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        page = await counting(host)
        go_on = store.delay()
        page.resume(Counter.Add(2))
        await wait_all_tasks_blocked()
        till.go.set()
        await wait_all_tasks_blocked()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(host.put_away, "one")
            await pause(1)
            go_on.set()
        assert till.calls == ["price"]
        await pause(2)
        assert till.calls == ["price", "price"]
        assert (await host.take_up("one")).pending()[0][1] == Counter.Ask(7)


INTERRUPTS: list[int] = []


async def orders_and_is_interrupted() -> int:
    await (await use(Shop)).order(1)
    if INTERRUPTS:
        INTERRUPTS.pop()
        raise KeyboardInterrupt
    return 1


async def test_a_page_that_was_interrupted_from_the_keyboard_goes_on_by_itself(
    autojump_clock: MockClock,
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till()
    INTERRUPTS.append(1)
    with pytest.raises(BaseException) as caught:  # noqa: PT011, PT012 - alone, or in a group
        async with open_durable_host(
            store, provide={Shop: till}, wall_clock=trio.current_time
        ) as host:
            page = await host.create(Counting, "one")
            page.start(Counter, orders_and_is_interrupted)
            await trio.sleep_forever()
    assert "KeyboardInterrupt" in repr(caught.value)
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        await pause(2)
        assert till.calls == ["order 1"] * 2


async def test_a_page_is_not_taken_up_and_put_away_again_and_again(
    autojump_clock: MockClock,
) -> None:
    """One whose call outlasts everything is taken up once, and stays."""
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        await ordering(host)
        await host.put_away("one")
        await pause(1000)
        assert till.calls == ["order 1"] * 2
        assert host.pages == ("one",)


class Threaded(Till):
    """Orders in a thread, which cannot be cut."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = threading.Event()
        self.twice = trio.Event()

    async def order(self, total: int) -> str:
        await self._called(f"order {total}")
        if len(self.calls) == 2:
            self.twice.set()
        await trio.to_thread.run_sync(self.may_end.wait)
        return f"order of {total}"


@pytest.mark.parametrize("suspended", [0, 60])
async def test_a_page_that_waits_for_a_thread_is_due_when_that_has_ended(
    suspended: float, mock_clock: MockClock
) -> None:
    """Nobody makes the call again meanwhile, however long that takes, or if the lease lapses."""
    ahead = 0.0

    def wall() -> float:
        return trio.current_time() + ahead

    store, till = MemoryStore(clock=wall), Threaded()
    async with open_durable_host(
        store, provide={Shop: till}, wall_clock=wall, grace=0.0, ttl=9.0
    ) as host:
        await ordering(host)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(host.put_away, "one")
            await wait_all_tasks_blocked()
            ahead = suspended
            for _ in range(30):
                await wait_all_tasks_blocked()
                mock_clock.jump(1)
            calls = list(till.calls)
            till.may_end.set()
        assert calls == ["order 1"]
        assert (await store.look("one")).record.wake_at == wall()
        mock_clock.jump(1)
        await till.twice.wait()
    assert till.calls == ["order 1"] * 2


async def test_a_page_that_a_killed_process_had_stays_due_if_taking_it_up_is_cancelled(
    autojump_clock: MockClock,
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        await ordering(host)
        store = store.restarted()
    async with open_durable_host(
        store, provide={Shop: till}, wall_clock=trio.current_time, wake=None
    ) as host:
        with trio.CancelScope() as scope:
            scope.cancel()
            await host.take_up("one")
        assert scope.cancelled_caught
        assert (await store.look("one")).record.owner is None
        assert await store.due(trio.current_time()) == ["one"]


async def test_all_pages_that_are_due_are_taken_up_without_a_pause(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Behind some that cannot be, which are not tried the more often for it."""
    store, till = MemoryStore(clock=trio.current_time), Till()
    for number in range(AT_A_TIME):
        await of_a_newer_spindle(store, f"a{number}")
    async with open_durable_host(
        store, provide={Shop: till}, wall_clock=trio.current_time, wake=None
    ) as host:
        for number in range(4 * AT_A_TIME):
            await host.create(Counting, f"b{number}")
        store = store.restarted()
    async with open_durable_host(
        store, provide={Shop: till}, wall_clock=trio.current_time, wake=10
    ) as host:
        await pause(15)
        assert len(await store.due(trio.current_time(), 1000)) == 5 * AT_A_TIME
        await pause(10)
        assert len(await store.due(trio.current_time(), 1000)) == AT_A_TIME
        assert host.pages == ()
    told = caplog.text.count("a page that is due could not be taken up")
    assert told == 2 * AT_A_TIME
    caplog.clear()
