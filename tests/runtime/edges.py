"""What the tests of a page's edges have in common."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

import trio
import trio.testing

from spindle import (
    Channel,
    PageMachine,
    open_page,
)
from tests.board import Board
from tests.drivers import HOSTED, run_on_trio

SEEDS = 6


def on_both(scenario: Callable) -> Callable:
    """Play with a hosted page and one of tasks, each with several seeds of trio's scheduler."""

    @HOSTED
    def test(hosted: bool) -> None:
        for seed in range(SEEDS):
            run_on_trio(partial(_played, scenario, hosted), seed)

    test.__name__ = test.__qualname__ = scenario.__name__
    test.__doc__ = scenario.__doc__
    return test


async def _played(scenario: Callable, hosted: bool) -> None:
    async with board(hosted) as page:
        await scenario(page)
        await settled()
        nobody_visits(page)
    assert page.ended


@asynccontextmanager
async def board(hosted: bool) -> AsyncGenerator[PageMachine, None]:
    async with open_page(Board, hosted=hosted) as page:
        yield page


settled = trio.testing.wait_all_tasks_blocked


def nobody_visits(page: PageMachine) -> None:
    kernel = page._driver.kernel
    assert not kernel.outside
    assert kernel.coroutines == sum(1 for _ in kernel.live), "no coroutine is left over"
    for state in (kernel.cells or {}).values():
        assert not state.waiting
        assert not state.watchers


def waiting(channel: Channel) -> tuple[int, int, int]:
    now = channel.statistics()
    return now.items, now.waiting_to_put, now.waiting_to_take


async def takes(channel: Channel[int], times: int, took: list[int]) -> None:
    for _ in range(times):
        item = await channel.take()
        took.append(item)


async def collect(receiver: trio.abc.ReceiveChannel[int], into: list[int]) -> None:
    """Receive until it ends; cancelled before that, what came is there all the same."""
    while True:
        try:
            item = await receiver.receive()
        except trio.EndOfChannel:
            return
        into.append(item)


async def puts(channel: Channel[int], *items: int) -> None:
    for item in items:
        await channel.put(item)


async def closes(channel: Channel[int]) -> None:
    await channel.close()


async def fails(channel: Channel[int], error: Exception) -> None:
    await channel.fail(error)
