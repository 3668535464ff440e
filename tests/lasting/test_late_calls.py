"""Calls under way whose time ran out while nobody had their page."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from spindle import TooSlow, cleanup, open_durable_host, timeout, use
from spindle._lasting.looks import until_kept
from spindle.durable import MemoryStore
from tests.lasting.counter import Counter, Counting, Shop, Till
from tests.lasting.make_golden import copied


async def gives_back(seconds: float) -> int:
    try:
        await Counter.Ask(0)
    finally:
        async with cleanup(seconds=seconds):
            await (await use(Shop)).order(1)
    return 0


async def orders(seconds: float) -> int:
    await Counter.Ask(0)
    try:
        async with timeout(seconds):
            await (await use(Shop)).order(1)
    except TooSlow:
        return -1
    return 1


async def looks(seconds: float) -> int:
    await Counter.Ask(0)
    try:
        async with timeout(seconds):
            await (await use(Shop)).price()
    except TooSlow:
        return -1
    return 1


@pytest.mark.parametrize(
    ("fn", "down", "calls"),
    [
        (gives_back, 1, ["order 1", "order 1"]),
        (gives_back, 4, ["order 1"]),
        (orders, 1, ["order 1", "order 1"]),
        (orders, 6, ["order 1", "order 1"]),  # it may run on for `PageLimits.call_seconds`
        (orders, 9, ["order 1"]),
        (looks, 1, ["price", "price"]),
        (looks, 9, ["price", "price"]),  # the second is cut at once
    ],
)
async def test_D1_a_write_whose_time_ran_out_meanwhile_is_not_made_again(
    autojump_clock: MockClock, fn: object, down: float, calls: list[str]
) -> None:
    store, till = MemoryStore(clock=trio.current_time), Till(slow=True)
    left = MemoryStore(clock=trio.current_time)
    hosts = {"provide": {Shop: till}, "wake": None, "wall_clock": trio.current_time, "grace": 0}
    async with open_durable_host(store, **hosts) as host:
        page = await host.create(Counting, "page")
        page.start(Counter, fn, 3)
        if fn is gives_back:
            page.cancel_nowait("enough")
        else:
            page.resume(Counter.Done())
        await trio.sleep(1)
        await until_kept(page)
        await copied(await store.look("page"), left)
    await trio.sleep(down)
    async with open_durable_host(left, **hosts) as host:
        page = await host.take_up("page")
        await page.wait()
        assert till.calls == calls
