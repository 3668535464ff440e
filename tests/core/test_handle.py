"""Handles: the outcome of a spindle or fiber, asked by whom and as often as one likes."""

from __future__ import annotations

import traceback

import pytest

from spindle import (
    Cancelled,
    Completed,
    Errored,
    Handle,
    TooSlow,
    UsageError,
    WasCancelled,
    await_all,
    await_any,
    fiber,
    fork,
    sleep,
    timeout,
)
from tests.core.fibers import fail_after, notes_of, return_after
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ask_once, ring_once


@under("hand", "hosted", "task")
async def test_F7_an_outcome_may_be_asked_twice_and_after_the_end(page: Stage) -> None:
    async def asks() -> list[object]:
        bell = await fork(Bell, return_after, 1, "rung")
        return [await bell.result(), await bell.result(), bell.outcome]

    page.start(Desk, asks)
    await page.advance(1)
    assert page.said() == [
        "Bell returned 'rung'",
        "Desk returned ['rung', 'rung', Completed(value='rung')]",
    ]


@under("hand", "hosted", "task")
async def test_F7_several_join_one_and_all_get_its_outcome(page: Stage) -> None:
    async def joins(handle: Handle[int]) -> int:
        return await handle.result()

    bell = page.start(Bell, ring_once)
    for name in ("early", "late"):
        page.start(Desk, joins, bell, instance=name)
        await page.settle()
    page.resume(Bell.Rung(3))
    await page.settle()
    page.start(Desk, joins, bell, instance="after the end")
    assert await page.hears() == [
        "Bell asks Wait() #1",
        "Bell returned 3",
        "Desk[early] returned 3",
        "Desk[late] returned 3",
        "Desk[after the end] returned 3",
    ]
    assert bell.outcome == Completed(3)


@under("hand", "hosted", "task")
async def test_F7_a_failure_raised_to_many_tells_once_where_it_is_from(page: Stage) -> None:
    lengths: list[int] = []

    async def joins(handle: Handle[None]) -> None:
        for _ in range(20):
            try:
                await handle.result()
            except LookupError as error:
                lengths.append(len(list(traceback.walk_tb(error.__traceback__))))

    handle = page.start(Bell, fail_after, 1)
    for number in range(5):
        page.start(Desk, joins, handle, instance=str(number))
    await page.advance(1)
    assert len(lengths) == 100
    assert lengths[-20:] == lengths[:20], "the last joiner sees nothing of the others"
    assert len(set(lengths[1:20])) == 1, "asking again adds nothing"
    assert isinstance(handle.outcome, Errored)
    assert notes_of(handle.outcome.error) == ["raised in Talk.Bell"]


@under("hand", "hosted", "task")
async def test_F7_a_traceback_goes_from_the_joiner_to_where_it_was_raised(page: Stage) -> None:
    async def joins() -> None:
        handle = await fiber(fail_after, 1)
        for _ in range(3):
            try:
                await handle.result()
            except LookupError:
                await Desk.Said("caught")
        await handle.result()

    handle = page.start(Desk, joins)
    await page.advance(1)
    assert isinstance(handle.outcome, Errored)
    functions = [
        frame.f_code.co_name
        for frame, _ in traceback.walk_tb(handle.outcome.error.__traceback__)
        if frame.f_code.co_filename in (__file__, fail_after.__code__.co_filename)
    ]
    assert functions == ["joins", "fail_after"]


@under("hand", "hosted", "task")
async def test_F7_joining_a_cancelled_one_says_so(page: Stage) -> None:
    async def joins() -> str:
        handle = await fiber(return_after, 5, 1)
        await handle.cancel("not needed")
        try:
            await handle.result()
        except WasCancelled as error:
            return str(error)
        return "no error"

    page.start(Desk, joins)
    assert await page.hears() == [
        "Desk returned 'return_after of Talk.Desk was cancelled (not needed)'"
    ]


@under("hand", "hosted", "task")
async def test_F7_an_exception_that_can_do_anything_is_joined(page: Stage) -> None:
    class Hostile(Exception):
        @property
        def __notes__(self) -> list[str]:
            raise RuntimeError

        @property
        def __traceback__(self) -> None:  # type: ignore[override]
            raise RuntimeError

        def __repr__(self) -> str:
            raise RuntimeError

    async def fails() -> None:
        raise Hostile

    async def joins() -> str:
        handle = await fiber(fails)
        for _ in range(3):
            with pytest.raises(Hostile):
                await handle.result()
        return "still here"

    page.start(Desk, joins)
    assert await page.hears() == ["Desk returned 'still here'"]


@under("hand", "hosted", "task")
async def test_joining_itself_or_an_owner_is_refused(page: Stage) -> None:
    said: list[str] = []
    handles: list[Handle[None]] = []

    async def tries(handle: Handle[None]) -> None:
        for operation in (
            handle.result(),
            await_any(Desk.Ask(), handle.result()),
            await_all(handle),
        ):
            try:
                await operation
            except UsageError as error:
                said.append(str(error))

    async def inner() -> None:
        for handle in handles:
            await tries(handle)

    async def outer() -> None:
        handles.append(await fiber(inner))
        await handles[-1].result()

    async def starts() -> None:
        handles.append(Handle(page.kernel.live[Desk]))
        handles.append(await fiber(outer))
        await sleep(1)

    page.start(Desk, starts)
    await page.advance(1)
    assert page.said() == ["Desk returned None"]
    never = "inner of Talk.Desk would wait for {}: that ends after it, so it never would"
    assert said == [
        line
        for who in (
            "Talk.Desk, which it belongs to",
            "outer of Talk.Desk, which it belongs to",
            "itself",
        )
        for line in [never.format(who)] * 3
    ]


@under("hand", "hosted", "task")
async def test_cancelling_the_wait_leaves_it_alone(page: Stage) -> None:
    async def joins() -> int:
        bell = await fork(Bell, ring_once)
        try:
            async with timeout(1):
                await bell.result()
        except TooSlow:
            await Desk.Said("too slow")
        return await bell.result()

    page.start(Desk, joins)
    await page.advance(2)
    assert page.said() == ["Bell asks Wait() #1", "Desk says Said(word='too slow')"]
    page.resume(Bell.Rung(4))
    assert await page.hears() == ["Bell returned 4", "Desk returned 4"]
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_A4_a_failed_handle_wins_with_its_error(page: Stage) -> None:
    async def races() -> str:
        failing = await fiber(fail_after, 1)
        try:
            await await_any(Desk.Ask(), failing.result())
        except LookupError as error:
            first = str(error)
        try:
            await await_any(failing.result(), Desk.Ask(2))
        except LookupError:
            return first + " and again"
        return "no error"

    page.start(Desk, races)
    await page.advance(1)
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk returned 'failed and again'",
    ]


@under("hand", "hosted", "task")
async def test_A4_a_handle_that_loses_runs_on_untouched(page: Stage) -> None:
    async def races() -> tuple[int, object]:
        handle = await fiber(return_after, 2, "slow")
        won = await await_any(handle.result(), sleep(1))
        await Desk.Said(str(won))
        return await await_any(handle.result(), handle.result(), sleep(5))

    page.start(Desk, races)
    await page.advance(5)
    assert page.said() == ["Desk says Said(word='(1, None)')", "Desk returned (0, 'slow')"]


@under("hand", "hosted", "task")
async def test_a_handle_says_what_it_is_and_where(page: Stage) -> None:
    handle = page.start(Desk, ask_once, instance="left")
    await page.settle()
    assert repr(handle) == "<Talk.Desk['left'], waiting>"
    assert (handle.source.block, handle.source.instance) == (Desk, "left")
    assert handle.outcome is None
    handle.cancel_nowait("enough")
    await page.settle()
    assert repr(handle) == "<Talk.Desk['left'], done>"
    assert isinstance(handle.outcome, Cancelled)


@under("hand", "hosted", "task")
async def test_one_that_has_ended_is_cancelled_without_effect(page: Stage) -> None:
    handle = page.start(Desk, return_after, 0, "done")
    await page.settle()
    handle.cancel_nowait("too late")
    await page.settle()
    assert handle.outcome == Completed("done")


@under("hand", "hosted", "task")
async def test_the_first_reason_of_several_counts(page: Stage) -> None:
    handle = page.start(Desk, ask_once)
    await page.settle()
    handle.cancel_nowait("first")
    handle.cancel_nowait("second")
    assert (await page.hears())[-1] == "Desk was cancelled: first (handle)"
