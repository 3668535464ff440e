"""D1, D3, D4: how pages come to a host, and what is refused."""

from __future__ import annotations

import math
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    Channel,
    ContractError,
    PageClosed,
    PageMachine,
    PageParked,
    ReplayMismatch,
    Spindle,
    SpindleIsLive,
    UsageError,
    open_durable_host,
)
from spindle._core.replay.places import found_at
from spindle.durable import (
    Busy,
    MemoryStore,
    NoSuchPage,
    PageExists,
    PageLogCorrupt,
    PageStatus,
    open_sqlite_store,
)
from tests.lasting import counter
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.lasting.prefixes import put_into, received


async def test_D1_names_are_taken_once_and_found_again() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host:
        await host.create(Counting, "one")
        with pytest.raises(PageExists):
            await host.create(Counting, "one")
        with pytest.raises(Busy) as busy:
            await host.take_up("one")
        assert "It is on this host already" in busy.value.__notes__[0]
        with pytest.raises(NoSuchPage):
            await host.take_up("two")
        await host.put_away("nobody")
        await host.put_away("one")
        await host.take_up("one")
    with pytest.raises(PageClosed, match="its host is ending"):
        await host.take_up("one")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"ttl": 0}, "takes a positive number of seconds, not 0"),
        ({"ttl": math.inf}, "takes a positive number of seconds, not inf"),
        ({"grace": -1}, "takes a number of seconds, 0 or more, not -1"),
        ({"ttl": 10**400}, "takes a positive number of seconds, not 1000"),
        ({"purge_after": 10**400}, "takes a positive number of seconds, or None, not 1000"),
        ({"grace": 10**400}, "takes a number of seconds, 0 or more, not 1000"),
        ({"limits": 3}, r"takes PageLimits\(...\), not 3"),
        ({"grace": None}, "takes a number of seconds, 0 or more, not None"),
        ({"snapshot_every": 0}, "takes a positive whole number, not 0"),
        ({"snapshot_every": 1.5}, "takes a positive whole number, not 1.5"),
        ({"wake": 0}, "takes a positive number of seconds, or None, not 0"),
        ({"purge_after": 0}, "takes a positive number of seconds, or None, not 0"),
        ({"purge_after": True}, "takes a positive number of seconds, or None, not True"),
        ({"wall_clock": 5}, "takes a function such as time.time, not 5"),
        ({"owner": "\n"}, "an owner is named by"),
    ],
)
def test_a_host_that_could_not_do_its_work_is_refused(given: dict[str, Any], wanted: str) -> None:
    with pytest.raises(UsageError, match=wanted):
        open_durable_host(MemoryStore(), **given)


@pytest.mark.parametrize(
    "store", ["pages.db", None, MemoryStore, trio.Lock, open_sqlite_store("pages.db")]
)
def test_a_store_that_is_not_open_is_refused(store: Any) -> None:
    with pytest.raises(UsageError, match=r"takes a store that is open, .*\n  async with open_sq"):
        open_durable_host(store)


async def test_D1_what_cannot_outlive_a_process_is_refused_where_it_is_given() -> None:
    class Local(Spindle[None]): ...

    async def local() -> int:
        return 1

    async with open_durable_host(MemoryStore(), provide={Shop: Till()}) as host:
        with pytest.raises(UsageError, match=r"declare .*Local at the top of a module"):
            await host.create(Local, "one")
        with pytest.raises(ContractError):
            await host.create(int, "one")  # type: ignore[arg-type]
        page = await host.create(Counting, "one")
        with pytest.raises(UsageError, match="local would not be found again"):
            page.start(Counter, local)
        with pytest.raises(UsageError, match=r"provide=.*give it to the host"):
            page.start(Counter, count, 1, provide={Shop: Till()})
        with pytest.raises(UsageError, match=r"an argument of .*count cannot be kept"):
            page.start(Counter, count, object())  # type: ignore[arg-type]
        for edge in (
            lambda: page.receiver(Channel[int]()),
            lambda: page.sender(Channel[int]()),
            lambda: page.watch(Counter.total),
            lambda: page.changes(Counter.total),
        ):
            with pytest.raises(UsageError, match="not for a page that outlives its process"):
                edge()
        page.start(Counter, count, 1)
        with pytest.raises(UsageError, match=r"the event .*Add cannot be kept"):
            page.resume(Counter.Add(2**70))
        with pytest.raises(SpindleIsLive):
            page.start(Counter, count, 1)
        assert page.ledger.pending == 0


async def test_D3_changed_code_parks_a_page_and_leaves_its_log_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await page.resume(Counter.Add(1)).settled()
    before = await store.look("one")

    async def other(start: int) -> int:
        await Counter.Told("new")
        return start

    other.__module__, other.__qualname__ = count.__module__, count.__qualname__
    with monkeypatch.context() as patch:
        patch.setattr(counter, "count", other)
        async with open_durable_host(store, provide={Shop: till}) as host:
            with pytest.raises(ReplayMismatch, match="it ends here now") as caught:
                await host.take_up("one")
            assert "counter.py:" in str(caught.value)
            assert host.pages == ()
    after = await store.look("one")
    assert after.frames == before.frames
    assert after.record.status is PageStatus.PARKED
    async with open_durable_host(store, provide={Shop: till}) as host:
        page = await host.take_up("one")
        assert page.pending()[0][1] == Counter.Ask(4)
    assert till.calls == ["price"]
    assert (await store.look("one")).record.status is PageStatus.LIVE


async def test_D3_code_that_is_gone_parks_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
    for name, says in [("count", "function of .*Counter is not where"), ("Counting", "contract")]:
        with monkeypatch.context() as patch:
            patch.delattr(counter, name)
            async with open_durable_host(store, provide={Shop: Till()}) as host:
                with pytest.raises(ReplayMismatch, match=says):
                    await host.take_up("one")


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_D4_a_damaged_log_is_told_and_left_alone(number: int) -> None:
    store, damaged = MemoryStore(), MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.create(Counting, "page")
        page.start(Counter, count, 1)
        await page.resume(Counter.Add(1)).settled()
    kept = await store.look("page")
    frames = list(kept.frames)
    frames[number] = frames[number][:-1] + bytes([frames[number][-1] ^ 1])
    kept = type(kept)(kept.record, kept.meta, None, tuple(frames))
    await put_into(damaged, kept)
    async with open_durable_host(damaged, provide={Shop: Till()}) as host:
        with pytest.raises(PageLogCorrupt) as caught:
            await host.take_up("page")
        assert caught.value.seq == number
    assert (await damaged.look("page")).frames == tuple(frames)


async def test_D1_a_page_with_which_the_process_ends_again_and_again_is_left_alone() -> None:
    store = MemoryStore()
    async with open_durable_host(store) as host:
        await host.create(Counting, "one")
    for _ in range(3):
        lease = await store.acquire("one", owner="dies", ttl=0.0)
        assert lease.page == "one"
    async with open_durable_host(store) as host:
        with pytest.raises(PageParked, match="3 times in a row"):
            await host.take_up("one")
        page = await host.take_up("one", force=True)
        assert page.name == "one"


async def test_D1_time_goes_on_while_a_page_is_away(autojump_clock: MockClock) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till()
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        page.resume(Counter.Wait(60.0))
        await wait_all_tasks_blocked()
    await trio.sleep(45)
    async with open_durable_host(
        store, provide={Shop: till}, wall_clock=trio.current_time, wake=None
    ) as host:
        page = await host.take_up("one")
        await wait_all_tasks_blocked()
        assert page.pending() == []
        before = trio.current_time()
        while not page.pending():
            await page.outbox.receive()
        assert trio.current_time() - before == pytest.approx(15.0)
        page.resume(Counter.Wait(60.0))
        await wait_all_tasks_blocked()
        await host.put_away("one")
        await trio.sleep(100)
        page = await host.take_up("one")
        await wait_all_tasks_blocked()
        assert page.pending()[0][1] == Counter.Ask(1)


async def test_D1_a_page_that_is_due_is_woken_and_put_away_again(
    autojump_clock: MockClock,
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till()
    async with open_durable_host(store, provide={Shop: till}, wall_clock=trio.current_time) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        page.resume(Counter.Wait(60.0))
        await wait_all_tasks_blocked()
        await host.put_away("one")
        head = (await store.look("one")).record.head
        await trio.sleep(58)
        assert (await store.look("one")).record.head == head
        await trio.sleep(10)
        record = (await store.look("one")).record
        assert record.head == head + 1
        assert record.owner is None
        assert record.wake_at is None
        assert host.pages == ()


async def test_D1_leases_are_renewed_and_a_lost_one_costs_the_page(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with open_durable_host(
        store, provide={Shop: Till()}, wall_clock=trio.current_time, ttl=9.0, wake=None
    ) as host:
        page = await host.create(Counting, "one")
        await trio.sleep(100)
        with pytest.raises(Busy):
            await store.acquire("one", owner="other", ttl=1.0)
        assert not page.ended
    caplog.clear()


async def test_D5_a_loop_that_marks_keeps_its_log_short() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}, snapshot_every=8) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, counter.keep_counting, 0)
        for _ in range(50):
            await page.resume(Counter.Add(1)).settled()
        received(page)
    kept = await store.look("one")
    assert len(kept.frames) < 12
    assert kept.record.head > 90
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.take_up("one")
        assert page.pending()[0][1] == Counter.Ask(150)
        assert math.isclose(page.pending()[0][0].yield_id or 0, 51)


async def test_D1_a_host_does_not_take_its_own_pages_whose_leases_have_lapsed(
    autojump_clock: MockClock,
) -> None:
    ahead = [0.0]
    store = MemoryStore(clock=lambda: trio.current_time() + ahead[0])
    async with open_durable_host(
        store, provide={Shop: Till()}, wall_clock=lambda: trio.current_time() + ahead[0]
    ) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        ahead[0] = 3600.0
        await trio.sleep(2)
        assert not page.ended
        await page.resume(Counter.Add(1)).settled()
        assert host.pages == ("one",)


async def test_D1_a_page_whose_code_cannot_be_loaded_costs_no_other(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with open_durable_host(
        store, provide={Shop: Till()}, wall_clock=trio.current_time, wake=None
    ) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        await page.resume(Counter.Wait(5.0)).settled()

    def broken(*_: object) -> object:
        raise RuntimeError("no setting")

    with monkeypatch.context() as patch:
        patch.setattr("builtins.__import__", broken)
        with pytest.raises(LookupError, match="no setting"):
            found_at("gone:Where")
    lease = await store.acquire("one", owner="a", ttl=1.0)
    await store.release(lease, status=PageStatus.PARKED, wake_at=0.0)
    async with open_durable_host(
        store, provide={Shop: Till()}, wall_clock=trio.current_time
    ) as host:
        await trio.sleep(10)
        assert (await store.look("one")).record.status is PageStatus.LIVE  # it was tried again
        other = await host.create(Counting, "two")
        assert other.name == "two"
    caplog.clear()


async def test_D1_who_waits_for_an_end_is_told_that_the_page_has_left() -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.create(Counting, "one")
        handle = page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        told: list[str] = []

        async def wait(what: Callable[[], Awaitable[object]]) -> None:
            try:
                await what()
            except PageClosed as closed:
                told.append(str(closed))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait, handle.wait)
            nursery.start_soon(wait, page.wait)
            await wait_all_tasks_blocked()
            await host.put_away("one")
        assert told == ["the page is not here any more: it was put away"] * 2


async def test_D1_a_page_is_given_back_when_its_calls_are_over() -> None:
    store, till = MemoryStore(), Till()
    go = threading.Event()

    class Threaded(Till):
        async def pay(self, total: int) -> str:
            self.calls.append("pay")
            await trio.to_thread.run_sync(go.wait)
            return "paid"

    slow = Threaded()
    async with open_durable_host(store, provide={Shop: slow}, grace=0.0) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
        page.resume(Counter.Pay())
        await wait_all_tasks_blocked()
        taken: list[PageMachine] = []

        async def take() -> None:
            taken.append(await host.take_up("one"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(host.put_away, "one")
            await wait_all_tasks_blocked()
            nursery.start_soon(take)
            await wait_all_tasks_blocked()
            assert taken == []
            go.set()
        await wait_all_tasks_blocked()
        assert "OutcomeUnknown" in str(received(taken[0]))
    assert (slow.calls, till.calls) == (["pay"], [])
