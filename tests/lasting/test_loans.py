"""D1, D3: pages that are borrowed, given back and parked while the store is slow, or fails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import DurableHost, PageClosed, open_durable_host, sleep, use
from spindle._lasting.leaving import Leaving
from spindle._lasting.page import LastingPage
from spindle.durable import Busy, Conflict, Fenced, Lease, MemoryStore, PageStatus, StoreError
from spindle.durable.faults import Fault
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.lasting.test_handed_over import hosted

CHANGED: list[bool] = []


async def orders_twice() -> None:
    shop = await use(Shop)
    if CHANGED:
        await shop.price()
    else:
        await shop.order(1)
    await sleep(100)
    await shop.order(2)


def unwoken(store: MemoryStore, till: Till) -> AbstractAsyncContextManager[DurableHost]:
    return open_durable_host(
        store, provide={Shop: till}, ttl=3, wake=None, wall_clock=trio.current_time
    )


async def parked(patch: pytest.MonkeyPatch) -> tuple[MemoryStore, Till]:
    """A page that other code could not take up; today's can again."""
    store, till = MemoryStore(clock=trio.current_time), Till()
    async with hosted(store, till) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, orders_twice)
        await trio.sleep(1)
    with patch.context() as inner:
        inner.setattr(f"{__name__}.CHANGED", [True])
        async with hosted(store, till):
            await trio.sleep(100)
    assert (await store.look("one")).record.status is PageStatus.PARKED
    assert till.calls == ["order 1"]
    return store, till


@pytest.mark.parametrize("fails", [False, True])
async def test_D3_a_page_that_was_parked_stays_due_whatever_befalls_who_takes_it_up(
    fails: bool, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, till = await parked(monkeypatch)
    with trio.CancelScope() as scope:
        async with hosted(store, till):
            if fails:
                store.fail(Fault.UNANSWERED, call="release", nth=1)
            else:  # it is left when the page has been released, and is to be acquired again
                gate = store.delay(call="acquire", nth=2)
                await wait_all_tasks_blocked()
                scope.cancel()
                gate.set()
            await trio.sleep(1)
    store = store.restarted()
    async with hosted(store, till):
        await trio.sleep(5)
    assert till.calls == ["order 1", "order 2"]


async def test_D3_another_host_goes_on_with_a_page_that_was_parked(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, till = await parked(monkeypatch)
    release, others = store.release, list[str]()

    async def released(lease: Lease, **how: Any) -> None:
        await release(lease, **how)
        if not others:
            others.append("host")
            async with unwoken(store, till) as host:
                await host.take_up("one")
                await trio.sleep(5)

    monkeypatch.setattr(store, "release", released)
    async with unwoken(store, till) as host:
        with pytest.raises(Conflict):
            await host.take_up("one")
        assert till.calls == ["order 1", "order 2"]
        await host.take_up("one")


async def test_D1_a_page_whose_lease_has_lapsed_is_here_all_the_same(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore(clock=trio.current_time)

    async def fails(leases: Collection[Lease]) -> Collection[Lease]:
        await trio.lowlevel.checkpoint()
        raise StoreError("the disk is slow")

    async with unwoken(store, Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        with monkeypatch.context() as inner:
            inner.setattr(store, "renew", fails)
            await trio.sleep(5)
            with pytest.raises(Busy) as busy:
                await host.take_up("one")
        assert busy.value.__notes__[0].startswith("It is on this host already")
        await page.resume(Counter.Add(1)).settled()
        await host.put_away("one")
        await host.take_up("one")


@pytest.mark.parametrize(
    ("order", "came"), [((0, 1), ["taken up", "taken up"]), ((1, 0), ["taken up", "fenced"])]
)
async def test_D1_a_page_that_is_taken_up_twice_as_its_lease_lapses_is_here_once(
    order: tuple[int, int],
    came: list[str],
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first reads its log for longer than its lease holds, which the store does not renew."""
    store = MemoryStore(clock=trio.current_time)
    read, reading, gates = store.read, list[Lease](), [trio.Event(), trio.Event()]
    done = list[str]()

    async def slowly(lease: Lease, after: int) -> Sequence[bytes]:
        found = await read(lease, after)
        reading.append(lease)
        await gates[len(reading) - 1].wait()
        return found

    async with unwoken(store, Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
    monkeypatch.setattr(store, "read", slowly)
    monkeypatch.setattr(store, "renew", never)
    async with unwoken(store, Till()) as host:

        async def takes_up() -> None:
            try:
                await host.take_up("one")
            except Fenced:
                done.append("fenced")
            else:
                done.append("taken up")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(takes_up)
            await trio.sleep(5)
            nursery.start_soon(takes_up)
            for each in order:
                await wait_all_tasks_blocked()
                gates[each].set()
        assert done == came
        assert host.pages == ("one",)
        await host.put_away("one")
        assert host.pages == ()


class Named:
    kernel = SimpleNamespace(name="one")


async def test_D1_two_pages_of_one_name_are_on_their_way_out() -> None:
    leaving, over = Leaving(), list[str]()
    pages = [cast("LastingPage", Named()), cast("LastingPage", Named())]
    for page in pages:
        leaving.set_out(page)

    async def waits() -> None:
        await leaving.none_of("one")
        over.append("both")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits)
        for page in reversed(pages):
            assert over == []
            with leaving.one(page):
                await wait_all_tasks_blocked()
    assert over == ["both"]
    assert "one" not in leaving


async def ticks_unevenly() -> None:
    for _ in range(50):
        await sleep(0.1)


async def test_D1_a_host_waits_for_a_page_that_is_due_again_soon(
    autojump_clock: MockClock,
) -> None:
    """Times that no float has exactly: it must not look again and again before they are there."""
    await trio.sleep(0.7)
    store = MemoryStore(clock=trio.current_time)
    async with hosted(store, Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, ticks_unevenly)
        await trio.sleep(0.33)
        await host.put_away("one")
        await trio.sleep(20)
    kept = (await store.look("one")).record
    assert (kept.head, kept.wake_at) == (51, None)


async def never(leases: Sequence[Lease]) -> list[Lease]:
    """A store that does not answer."""
    await trio.sleep_forever()
    return list(leases)


async def test_D1_a_lease_is_renewed_while_its_log_is_read(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a store that is slow to read gives the page to one host after the other."""
    store = MemoryStore(clock=trio.current_time)
    read = store.read

    async def slowly(lease: Lease, after: int) -> Sequence[bytes]:
        await trio.sleep(120)
        return await read(lease, after)

    async with unwoken(store, Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
    monkeypatch.setattr(store, "read", slowly)
    async with unwoken(store, Till()) as host, trio.open_nursery() as nursery:
        nursery.start_soon(host.take_up, "one")
        await trio.sleep(60)
        with pytest.raises(Busy):
            await store.acquire("one", owner="another", ttl=10)
    assert (await store.acquire("one", owner="another", ttl=10)).crashes == 0


CLOSED: list[str] = []


async def is_closed() -> int:
    try:
        return await Counter.Ask(0)
    finally:
        CLOSED.append("at once")


async def test_D1_the_coroutines_of_a_page_that_is_refused_late_are_closed(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its host is left while the log is read."""
    store = MemoryStore(clock=trio.current_time)
    read = store.read

    async def slowly(lease: Lease, after: int) -> Sequence[bytes]:
        await trio.sleep(1)
        return await read(lease, after)

    async with unwoken(store, Till()) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, is_closed)
    monkeypatch.setattr(store, "read", slowly)
    CLOSED.clear()

    async def comes(host: DurableHost) -> None:
        with pytest.raises(PageClosed, match="its host is ending"):
            await host.take_up("one")
        assert CLOSED == ["at once"]

    async with trio.open_nursery() as nursery, unwoken(store, Till()) as host:
        nursery.start_soon(comes, host)
        await wait_all_tasks_blocked()
    assert (await store.look("one")).record.owner is None
