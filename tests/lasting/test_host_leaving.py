"""D1: a host that is left waits for pages on their way from the store, and keeps none."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import DurableHost, PageClosed, PageMachine, open_durable_host, use
from spindle._runtime.outbox import HIGH_WATER
from spindle.durable import MemoryStore, PageStatus
from tests.lasting.counter import Counter, Counting, Shop, Till
from tests.lasting.test_handed_over import calling, hosted


@pytest.mark.parametrize("call", ["acquire", "create"])
async def test_a_page_on_its_way_from_the_store_is_given_back(
    call: str, autojump_clock: MockClock
) -> None:
    store = MemoryStore(clock=trio.current_time)
    async with open_durable_host(store) as host:
        await host.create(Counting, "one")
    refused: list[PageClosed] = []

    async def comes(host: DurableHost) -> None:
        try:
            await (host.create(Counting, "two") if call == "create" else host.take_up("one"))
        except PageClosed as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        async with open_durable_host(store, wake=None) as host:
            answer = store.delay(call=call)  # type: ignore[arg-type]
            nursery.start_soon(comes, host)
            await wait_all_tasks_blocked()
            nursery.start_soon(_sets, answer)
        assert host.pages == ()
        for page in await store.pages():
            assert page.owner is None
    assert len(refused) == 1


async def _sets(event: trio.Event) -> None:
    await trio.sleep(1)
    event.set()


async def test_who_waits_for_a_page_that_was_woken_is_too_late(autojump_clock: MockClock) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    refused = False
    async with trio.open_nursery() as nursery:
        async with hosted(store, till) as host:
            await calling(host, "order", HIGH_WATER)

            async def comes() -> None:
                nonlocal refused
                with pytest.raises(PageClosed, match="its host is ending"):
                    await host.take_up("one")
                refused = True

            nursery.start_soon(comes)
            await trio.sleep(1)
        assert host.pages == ()
        assert (await store.look("one")).record.owner is None
    assert refused


async def pays_and_is_done() -> int:
    """End its page."""
    await (await use(Shop)).pay(1)
    return 1


async def ended(host: DurableHost, store: MemoryStore, till: Till) -> trio.Event:
    """Have a page that has ended, and whose store learns it when the event is set."""
    page = await host.create(Counting, "one")
    page.start(Counter, pays_and_is_done, significant=True)
    await wait_all_tasks_blocked()
    answer = store.delay(call="release")
    till.go.set()
    await wait_all_tasks_blocked()
    assert page.ended
    return answer


@pytest.mark.parametrize("put_away", [False, True])
async def test_a_page_that_has_ended_is_waited_for_until_its_store_knows(
    put_away: bool, autojump_clock: MockClock
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with hosted(store, till) as host:
        answer = await ended(host, store, till)
        taken = list[PageMachine]()

        async def comes() -> None:
            if put_away:
                await host.put_away("one")
                assert answer.is_set()
            taken.append(await host.take_up("one"))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(comes)
            await wait_all_tasks_blocked()
            assert taken == []
            answer.set()
        assert taken[0].ended


async def test_a_page_that_has_ended_is_given_back_though_its_host_is_cancelled(
    autojump_clock: MockClock,
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    async with trio.open_nursery() as nursery:
        with trio.CancelScope() as scope:
            async with hosted(store, till) as host:
                answer = await ended(host, store, till)
                nursery.start_soon(_sets, answer)
                scope.cancel()
    record = (await store.look("one")).record
    assert (record.status, record.owner) == (PageStatus.ENDED, None)
