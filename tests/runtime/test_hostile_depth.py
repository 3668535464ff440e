"""E2, T1: what is nested a thousand deep ends like anything else, and hurts nobody."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import trio

from spindle import (
    Cancelled,
    Completed,
    Errored,
    LimitReached,
    Origin,
    PageLimits,
    TooSlow,
    cleanup,
    fiber,
    fork,
    now,
    scope,
    sleep,
    timeout,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.runtime.hostile import street
from tests.talk import Desk

pytestmark = pytest.mark.search

DEEP = 1000


async def fails_at_the_bottom() -> None:
    raise LookupError("at the bottom")


async def waits_at_the_bottom() -> None:
    await Desk.Ask()


async def fibers(deep: int, bottom: Callable[[], Any]) -> None:
    if deep == 0:
        await bottom()
    else:
        await (await fiber(fibers, deep - 1, bottom)).result()


async def unjoined_fibers(deep: int, bottom: Callable[[], Any]) -> None:
    if deep == 0:
        await bottom()
    else:
        await fiber(unjoined_fibers, deep - 1, bottom)
        await Desk.Ask()


async def fibers_in_scopes(deep: int, bottom: Callable[[], Any]) -> None:
    if deep == 0:
        await bottom()
    else:
        async with scope():
            await fiber(fibers_in_scopes, deep - 1, bottom)


async def forks(deep: int, bottom: Callable[[], Any]) -> None:
    if deep == 0:
        await bottom()
    else:
        await (await fork(Desk, forks, deep - 1, bottom, instance=f"{deep}")).result()


async def blocks(make: Callable[[], Any], deep: int, bottom: Callable[[], Any]) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(deep):
            await stack.enter_async_context(make())
        await bottom()


async def timeouts(deep: int, bottom: Callable[[], Any]) -> None:
    await blocks(lambda: timeout(1000), deep, bottom)


async def cleanups(deep: int, bottom: Callable[[], Any]) -> None:
    await blocks(lambda: cleanup(1), deep, bottom)


async def scopes(deep: int, bottom: Callable[[], Any]) -> None:
    await blocks(scope, deep, bottom)


async def within_a_timeout(deep: int, bottom: Callable[[], Any]) -> None:
    async with timeout(1):
        await fibers_in_scopes(deep, bottom)


ALL = [fibers, fibers_in_scopes, forks, timeouts, cleanups, scopes, within_a_timeout]


@HOSTED
@pytest.mark.parametrize("nests", ALL, ids=lambda fn: fn.__name__)
@on_trio(2)
async def test_E2_T1_an_error_at_the_bottom(nests: Any, hosted: bool) -> None:
    async with street(hosted) as around:
        outcome = await around.end_of(around.start(nests, DEEP, fails_at_the_bottom))
        assert isinstance(outcome, Errored)
        assert isinstance(outcome.error, LookupError)


@HOSTED
@pytest.mark.parametrize(
    "nests",
    [*(nests for nests in ALL if nests is not cleanups), unjoined_fibers],
    ids=lambda fn: fn.__name__,
)
@on_trio(2)
async def test_E2_T1_a_cancellation_from_above(nests: Any, hosted: bool) -> None:
    async with street(hosted) as around:
        handle = around.start(nests, DEEP, waits_at_the_bottom)
        assert await around.cancelled(handle) == Cancelled("enough", Origin.HANDLE)


class Limited:
    """A block with a limit, which notes that its time was up and waits for that of the one around.

    A class, since functions that nest so deep would be too many for Python's stack.
    """

    def __init__(self, seconds: float, told: list[float]) -> None:
        self.seconds = seconds
        self.limit = timeout(seconds)
        self.told = told

    async def __aenter__(self) -> None:
        await self.limit.__aenter__()

    async def __aexit__(self, *error: Any) -> bool:
        try:
            await self.limit.__aexit__(*error)
        except TooSlow:
            self.told.append(self.seconds)
            await sleep(1e5 if self.seconds < DEEP else 0)
            return True
        return False


@HOSTED
@on_trio(2)
async def test_E2_T1_a_thousand_deadlines_that_pass_at_once(hosted: bool) -> None:
    """Each fiber of a chain has one of its own, and each is told once, at that moment."""
    told: list[tuple[int, float]] = []

    async def limited(level: int) -> None:
        if level < DEEP:
            await fiber(limited, level + 1)
        try:
            async with timeout(1):
                await sleep(1e5)
        except TooSlow:
            told.append((level, await now()))
        await sleep(1)  # its end would cut those below

    async with street(hosted) as around:
        assert await around.end_of(around.start(limited, 1)) == Completed(None)
    assert sorted(told) == [(level, 1) for level in range(1, DEEP + 1)]


@HOSTED
@on_trio(2)
async def test_E2_T1_a_thousand_deadlines_around_one_wait_that_pass_at_once(hosted: bool) -> None:
    """The oldest is the outermost, which cuts all the others."""
    told: list[float] = []

    async def limited() -> None:
        async with AsyncExitStack() as stack:
            for seconds in range(DEEP, 0, -1):
                await stack.enter_async_context(Limited(seconds, told))
                await sleep(1 if seconds > 1 else 0)
            await waits_at_the_bottom()

    async with street(hosted) as around:
        assert await around.end_of(around.start(limited)) == Completed(None)
    assert told == [DEEP]


@HOSTED
@on_trio(2)
async def test_E2_T1_a_thousand_deadlines_around_one_wait_that_pass_in_turn(hosted: bool) -> None:
    """Each cuts what the one inside it has come to, and none that is further out."""
    told: list[float] = []

    async def limited() -> float:
        async with AsyncExitStack() as stack:
            for seconds in range(DEEP, 0, -1):
                await stack.enter_async_context(Limited(seconds, told))
            await waits_at_the_bottom()
        return await now()

    async with street(hosted) as around:
        assert await around.end_of(around.start(limited)) == Completed(DEEP)
    assert told == list(range(1, DEEP + 1))


@under("hand", "hosted", "task", seeds=2)
async def test_E2_T1_what_is_deep_says_the_same_under_every_driver(page: Stage) -> None:
    async def comes_back() -> None:
        await sleep(0)

    handles = []
    for nests in (fibers, fibers_in_scopes, forks, timeouts, scopes):
        handles.append(page.start(Desk, nests, 300, comes_back, instance=nests.__name__))
        await page.settle()  # a start that came meanwhile would be let in after a thousand steps
    assert [handle.outcome for handle in handles] == [Completed(None)] * len(handles)


@HOSTED
@on_trio(2)
async def test_E2_T1_deeper_than_the_limit_is_refused_where_it_is_asked(hosted: bool) -> None:
    async with street(hosted, PageLimits(depth=50)) as around:
        outcome = await around.end_of(around.start(fibers, DEEP, waits_at_the_bottom))
        assert isinstance(outcome, Errored)
        assert isinstance(outcome.error, LimitReached)


@HOSTED
@on_trio(2)
async def test_E2_T1_the_program_around_is_cancelled(hosted: bool) -> None:
    with trio.CancelScope() as program:
        async with street(hosted) as around:
            handle = around.start(fibers_in_scopes, DEEP, waits_at_the_bottom)
            await around.all_answer()
            program.cancel()
            await trio.sleep_forever()
    assert program.cancelled_caught
    assert isinstance(handle.outcome, Cancelled)
