"""D2, A6: a page that was not here for a while goes through what was due in its order."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import fork, open_durable_host, sleep, use
from spindle._lasting import held_outbox
from spindle._runtime import ontrio, outbox
from spindle.durable import MemoryStore
from tests.lasting.counter import Counter, Counting, Shop, Till
from tests.lasting.prefixes import received


async def orders_late() -> None:
    await sleep(60)
    await (await use(Shop)).order(1)


async def cancels(more: int) -> None:
    """Cancel another one in time, and say so much afterwards in the same turn."""
    other = await fork(Counting.Clock, orders_late)
    await sleep(1)
    other.cancel_nowait("enough")
    for number in range(more):
        await Counter.Told(str(number))


@pytest.mark.parametrize(("more", "until"), [(0, 0.5), (900, 2)])
async def test_D2_what_a_spindle_cancels_in_time_is_cancelled_on_a_page_that_was_not_here(
    more: int, until: float, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is down when it is to be cancelled, or when it was asked for and not done."""
    monkeypatch.setattr(outbox, "HIGH_WATER", 100)
    monkeypatch.setattr(held_outbox, "HIGH_WATER", 100)
    monkeypatch.setattr(ontrio, "SPELL", 1e9)
    monkeypatch.setattr(ontrio, "STEPS", 10**9)
    store, till = MemoryStore(clock=trio.current_time), Till()
    async with open_durable_host(
        store, provide={Shop: till}, wake=None, wall_clock=trio.current_time
    ) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, cancels, more)
        await trio.sleep(until)
        store = store.restarted()
    await trio.sleep(100)
    async with open_durable_host(
        store, provide={Shop: till}, wake=None, wall_clock=trio.current_time
    ) as host:
        page = await host.take_up("one")
        await wait_all_tasks_blocked()
        while received(page):
            await wait_all_tasks_blocked()
        assert page.tree().spindles == ()
    assert till.calls == []
