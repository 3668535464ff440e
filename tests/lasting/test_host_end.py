"""Leaving a host."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import ESCALATE, open_durable_host
from spindle.durable import MemoryStore, PageStatus
from tests.lasting.counter import Counter, Counting, Shop, Till, count


async def test_a_host_is_left_before_its_chores_have_begun(autojump_clock: MockClock) -> None:
    """Which of its tasks and this one runs first is chance: both do, in so many."""
    for _ in range(20):
        with trio.fail_after(5):
            async with open_durable_host(MemoryStore()):
                pass


class Dear(Till):
    async def price(self) -> int:
        raise ValueError("sold out")


async def test_a_failure_that_ends_its_page_ends_no_other(autojump_clock: MockClock) -> None:
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Dear()}) as host:
        other = await host.create(Counting, "other")
        other.start(Counter, count, 1)
        page = await host.create(Counting, "page")
        page.start(Counter, count, 1, policy=ESCALATE)
        page.resume(Counter.Add(1))
        with pytest.raises(ExceptionGroup) as failed:
            await page.wait()
        assert isinstance(failed.value.exceptions[0], ValueError)
        await wait_all_tasks_blocked()
        assert host.pages == ("other",)
        assert other.pending()[0][1] == Counter.Ask(1)
    ended, live = await store.pages(PageStatus.ENDED), await store.pages(PageStatus.LIVE)
    assert ([each.page for each in ended], [each.page for each in live]) == (["page"], ["other"])
