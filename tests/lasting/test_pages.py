"""Pages that are put away and taken up again."""

from __future__ import annotations

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import PageMachine, open_durable_host
from spindle.durable import MemoryStore
from tests.lasting.counter import Counter, Counting, Shop, Till, count


def received(page: PageMachine) -> list[object]:
    """What it has told its view so far."""
    got: list[object] = []
    while True:
        try:
            got.append(page.outbox.receive_nowait()[1])
        except (trio.WouldBlock, trio.EndOfChannel):
            return got


async def test_D1_a_page_goes_on_where_it_was(autojump_clock: MockClock) -> None:
    store, till = MemoryStore(), Till()
    async with open_durable_host(store, provide={Shop: till}) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await page.resume(Counter.Add(2)).settled()
        await wait_all_tasks_blocked()
        asked, told = page.pending(), received(page)
    assert till.calls == ["price"]
    async with open_durable_host(store, provide={Shop: till}) as host:
        again = await host.take_up("one")
        assert again.pending() == asked
        assert received(again) == told
        await again.resume(Counter.Add(1)).settled()
        await wait_all_tasks_blocked()
        assert again.pending()[0][1] == Counter.Ask(10)
    assert till.calls == ["price", "price"]
