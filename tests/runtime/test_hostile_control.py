"""E2, T4 to T8: what a spindle does to cancellations, races and its own end."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio

from spindle import (
    Cancelled,
    Channel,
    ChannelClosed,
    Completed,
    Errored,
    Origin,
    UsageError,
    await_any,
    cleanup,
    fiber,
    scope,
    sleep,
    timeout,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.runtime.hostile import street
from tests.talk import Bell, Desk, ring_once

# --- T4: a cancellation that is swallowed -------------------------------------------------------


async def swallows_for_ever() -> None:
    while True:
        with contextlib.suppress(BaseException):
            await Desk.Ask()


async def swallows_in_a_fiber() -> None:
    await fiber(swallows_for_ever)
    while True:
        with contextlib.suppress(BaseException):
            await Desk.Ask()


async def swallows_in_a_scope() -> None:
    async with scope():
        await fiber(swallows_for_ever)
        while True:
            with contextlib.suppress(BaseException):
                await Desk.Ask()


@pytest.mark.parametrize(
    "swallows",
    [swallows_for_ever, swallows_in_a_fiber, swallows_in_a_scope],
    ids=lambda fn: fn.__name__,
)
@HOSTED
@on_trio(3)
async def test_E2_T4_a_spindle_that_swallows_for_ever_is_closed(swallows, hosted: bool) -> None:
    async with street(hosted) as around:
        outcome = await around.cancelled(around.start(swallows))
        assert isinstance(outcome, Errored)
        assert isinstance(outcome.error, UsageError)
        assert "again and again and was closed" in str(outcome.error)


@HOSTED
@on_trio(3)
async def test_E2_T4_one_that_swallows_a_few_times_ends_with_what_it_comes_to(hosted: bool) -> None:
    async def swallows() -> str:
        for _ in range(5):
            with contextlib.suppress(BaseException):
                await Desk.Ask()
        return "swallowed"

    async with street(hosted) as around:
        handle = around.start(swallows)
        assert await around.cancelled(handle) == Completed("swallowed")


@HOSTED
@on_trio(3)
async def test_E2_T4_neighbours_answer_while_one_swallows(hosted: bool) -> None:
    async def swallows() -> None:
        for _ in range(15):
            with contextlib.suppress(BaseException):
                await Desk.Ask()
            with contextlib.suppress(BaseException):
                async with cleanup(1):
                    await sleep(0.5)

    async with street(hosted) as around:
        handle = around.start(swallows)
        await around.all_answer()
        handle.cancel_nowait("enough")
        while handle.outcome is None:
            await around.all_answer()
            await trio.sleep(0.1)
        assert handle.outcome == Completed(None)


# --- T6: what leaves a block is not replaced ----------------------------------------------------


@asynccontextmanager
async def closing(channel: Channel[int]) -> AsyncGenerator[Channel[int]]:
    """Close a channel as the block is left, which is an operation on the way out."""
    try:
        yield channel
    finally:
        async with cleanup(1):
            await channel.close()


@HOSTED
@pytest.mark.parametrize("cancelled", [False, True])
@on_trio(5)
async def test_E2_T6_an_error_that_leaves_blocks_is_seen_although_it_is_cancelled(
    cancelled: bool, hosted: bool
) -> None:
    async def fails() -> None:
        async with closing(Channel[int]()) as channel, timeout(5), scope(), cleanup(5):
            await fiber(takes, channel)
            try:
                await sleep(1)
            finally:
                raise LookupError("first")

    async def takes(channel: Channel[int]) -> None:
        with contextlib.suppress(ChannelClosed):
            await channel.take()

    async with street(hosted) as around:
        handle = around.start(fails)
        await around.all_answer()
        if cancelled:
            handle.cancel_nowait("enough")
        outcome = await around.end_of(handle)
        assert isinstance(outcome, Errored)
        assert repr(outcome.error) == "LookupError('first')"


# --- T7: racing receives ------------------------------------------------------------------------


async def both_in_one_tick(hosted: bool) -> None:
    first, second = Channel[str](1), Channel[str](1)

    async def races() -> tuple[int, str]:
        return await await_any(first.take(), second.take())

    async def fills() -> None:
        await second.put("b")
        await first.put("a")

    async with street(hosted) as around:
        handle = around.start(races)
        around.start(fills, instance="fills")
        assert await around.end_of(handle) == Completed((1, "b"))
        assert (first.statistics().items, second.statistics().items) == (1, 0)
        again = around.start(races)
        assert await around.end_of(again) == Completed((0, "a"))
        assert (first.statistics().items, second.statistics().items) == (0, 0)


@pytest.mark.bulk
@HOSTED
@on_trio(500)
async def test_E2_T7_of_two_channels_filled_in_one_tick_one_is_emptied(hosted: bool) -> None:
    await both_in_one_tick(hosted)


@pytest.mark.bulk
@HOSTED
@on_trio(100)
async def test_E2_T7_filled_from_outside_in_one_tick(hosted: bool) -> None:
    first, second = Channel[str](1), Channel[str](1)

    async def races() -> tuple[int, str]:
        return await await_any(first.take(), second.take())

    async with street(hosted) as around, trio.open_nursery() as nursery:
        handle = around.start(races)
        await around.all_answer()
        nursery.start_soon(around.page.sender(first).send, "a")
        nursery.start_soon(around.page.sender(second).send, "b")
        outcome = await around.end_of(handle)
        assert outcome in (Completed((0, "a")), Completed((1, "b")))
        assert first.statistics().items + second.statistics().items == 1


# --- T5, T8: starts that are cancelled, and cleanups ---------------------------------------------


@under("hand", "hosted", "task", seeds=20)
async def test_E2_T5_a_fork_is_started_or_not_and_never_half(page: Stage) -> None:
    log: list[str] = []

    async def started() -> None:
        log.append("began")
        try:
            await Desk.Ask()
        finally:
            log.append("ended")

    async def starts() -> str:
        first = await fiber(started)
        await first.cancel("at once")
        second = await fiber(started)
        await sleep(1)
        await second.cancel("later")
        return "done"

    page.start(Desk, starts)
    await page.advance(1)
    assert page.said()[-1] == "Desk returned 'done'"
    assert log == ["began", "ended"]


@under("hand", "hosted", "task", seeds=10)
async def test_E2_T8_an_await_in_finally_is_cut_at_once_and_a_cleanup_when_it_is_over(
    page: Stage,
) -> None:
    log: list[str] = []

    async def unshielded() -> None:
        try:
            await Desk.Ask()
        finally:
            log.append("unshielded")
            await sleep(1000)
            log.append("never")

    async def unbounded() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(2):
                log.append("unbounded")
                await sleep(math_inf)
            log.append("cut")
            await sleep(1000)
            log.append("never")

    math_inf = 1e9
    handles = [
        page.start(Desk, unshielded, instance="unshielded"),
        page.start(Desk, unbounded, instance="unbounded"),
    ]
    page.start(Bell, ring_once)
    await page.settle()
    for handle in handles:
        handle.cancel_nowait("enough")
    await page.settle()
    assert isinstance(handles[0].outcome, Cancelled)
    assert handles[1].outcome is None
    page.resume(Bell.Rung(7))
    await page.settle()
    assert page.said()[-1] == "Bell returned 7"
    await page.advance(2)
    assert handles[1].outcome == Cancelled("enough", Origin.HANDLE)
    assert log == ["unshielded", "unbounded", "cut"]
