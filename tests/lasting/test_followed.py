"""Who follows a page that was taken up is told of what is there, and of its leaving."""

from __future__ import annotations

import logging

import pytest
from trio.testing import wait_all_tasks_blocked

from spindle import open_durable_host
from spindle.durable import MemoryStore
from tests.lasting.counter import Counter, Counting, Shop, Till, count
from tests.runtime.followed import Lines


async def test_a_page_that_is_taken_up_is_followed_from_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="spindle.page")
    store = MemoryStore()
    async with open_durable_host(store, provide={Shop: Till()}) as host:
        page = await host.create(Counting, "one")
        page.start(Counter, count, 1)
        await wait_all_tasks_blocked()
    follower = Lines()
    async with open_durable_host(store, provide={Shop: Till()}, tracer=follower) as host:
        page = await host.take_up("one")
        await page.resume(Counter.Add(1)).settled()
        await wait_all_tasks_blocked()
    assert follower.lines[:4] == [
        "one of Counting",
        "Counting.Counter as count",
        "Counting.Counter asks Ask(total=1) #1",
        "#1 answered Add(number=1)",
    ]
    assert follower.lines[-2:] == [
        "Counting.Counter cancelled: it was put away (stopped)",
        "one ended: it was put away (stopped)",
    ]
    assert follower.open == []
    assert "one has ended: it was put away" in caplog.text
