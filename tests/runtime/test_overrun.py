"""Spindles that are still there long after they were cancelled: named, once, with their stack."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
import trio.testing

from spindle import PageLimits, cleanup, fiber, now, open_host, open_page, perform, scope, sleep
from spindle._core.kernel.snapshot import tree
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once, ring_once


async def lingers(seconds: float) -> None:
    try:
        await Desk.Ask()
    finally:
        async with cleanup(100):
            await sleep(seconds)


async def lingers_as_a_fiber(seconds: float) -> None:
    await fiber(lingers, seconds)
    await Desk.Take()


async def lingers_in_a_scope(seconds: float) -> None:
    async with scope():
        await fiber(lingers, seconds)


def named(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The first line of each report."""
    assert all((each.name, each.levelno) == ("spindle", logging.ERROR) for each in caplog.records)
    return [each.getMessage().partition("\n")[0] for each in caplog.records]


STILL = "is still there 10 s after it was cancelled (closing time): waiting for sleep until 32"


@HOSTED
@on_trio()
async def test_E10_it_is_named_once_when_its_time_is_up(hosted: bool, caplog) -> None:
    caplog.clear()
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, lingers, 30)
        page.start(Desk, lingers, 5, instance="in time")
        await trio.sleep(2)
        page.cancel_nowait("closing time")
        await trio.sleep(9.9)
        assert named(caplog) == []
        assert page.overrunners() == ()
        await trio.sleep(0.2)
        assert named(caplog) == [f"Talk.Desk {STILL}"]
        (line,) = str(page.tree()).splitlines()
        assert line == (
            "Talk.Desk: waiting for sleep until 32 (10.1 s), cancelled (closing time), overruns"
        )
        await trio.sleep(10)
        (overrunner,) = page.overrunners()
        assert overrunner.name == "Talk.Desk"
        assert overrunner.source.block is Desk
        assert overrunner.cancelled.reason == "closing time"
        assert overrunner.waits == ("sleep until 32",)
        await page.wait()
        assert page.overrunners() == ()
        assert page._driver.kernel.timers.next_at() is None
    assert len(named(caplog)) == 1


@HOSTED
@on_trio()
async def test_E10_it_stays_named_when_another_one_ends_in_time(hosted: bool, caplog) -> None:
    caplog.clear()
    async with open_page(Talk, hosted=hosted) as page:
        late = page.start(Desk, lingers, 30)
        other = page.start(Bell, ring_once)
        await trio.testing.wait_all_tasks_blocked()
        late.cancel_nowait("closing time")
        await trio.sleep(11)
        other.cancel_nowait("closing time")
        await other.wait()
        assert [each.name for each in page.overrunners()] == ["Talk.Desk"]
        await late.wait()
        assert page.overrunners() == ()
    assert len(named(caplog)) == 1


@HOSTED
@on_trio()
async def test_E10_its_stack_shows_where_it_stands(hosted: bool, caplog) -> None:
    caplog.clear()

    async def dawdle() -> None:
        await sleep(30)

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(50):
                await dawdle()

    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, cleans)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    (record,) = caplog.records
    _, *stack = record.getMessage().splitlines()
    assert [line.partition(" ")[2] for line in map(str.strip, stack)][:2] == [
        "test_E10_its_stack_shows_where_it_stands.<locals>.cleans",
        "test_E10_its_stack_shows_where_it_stands.<locals>.dawdle",
    ]
    assert all(re.fullmatch(r"  .*\.py:\d+ [\w.<>]+", line) for line in stack)
    assert f"{__file__}:" in stack[0]


Cancel = Callable[[Stage, Any], Coroutine[Any, Any, None]]


async def by_a_stop(page: Stage, handle: Any) -> None:
    await page.stop("closing time", 5)


async def by_its_handle(page: Stage, handle: Any) -> None:
    handle.cancel_nowait("closing time")
    await page.advance(50)


@pytest.mark.parametrize("how", [by_a_stop, by_its_handle])
@pytest.mark.parametrize("fn", [lingers, lingers_as_a_fiber, lingers_in_a_scope])
@under("hand", "hosted", "task")
async def test_E10_whoever_cancels_it_and_whose_fiber_it_is(
    page: Stage, how: Cancel, fn: Callable[..., Any], monkeypatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(type(page.turns), "overran", lambda _, who: heard.append(who.name))
    handle = page.start(Desk, fn, 30)
    await page.advance(1)
    await how(page, handle)
    assert heard == ["Talk.Desk" if fn is lingers else "lingers of Talk.Desk"]
    assert page.kernel.timers.next_at() is None
    assert page.kernel.overruns is None


@under("hand", "hosted", "task")
async def test_E10_by_hand_a_snapshot_shows_it(page: Stage) -> None:
    handle = page.start(Desk, lingers_as_a_fiber, 30)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(10)
    lines = str(tree(page.kernel)).splitlines()
    assert lines == [
        "Talk.Desk: ending (10 s), cancelled (enough)",
        "  lingers of Talk.Desk: waiting for sleep until 30 (10 s), cancelled (enough), overruns",
    ]


@under("hand", "hosted", "task")
async def test_E10_the_owner_is_named_when_it_is_its_own_fault(page: Stage, monkeypatch) -> None:
    heard: list[tuple[str, float]] = []
    monkeypatch.setattr(
        type(page.turns),
        "overran",
        lambda driver, who: heard.append((who.name, driver.kernel.now)),
    )

    async def waits_then_lingers() -> None:
        try:
            async with scope():
                await fiber(lingers, 15)
        finally:
            async with cleanup(100):
                await sleep(40)

    handle = page.start(Desk, waits_then_lingers)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(100)
    assert heard == [("lingers of Talk.Desk", 10), ("Talk.Desk", 20)]
    assert page.kernel.timers.next_at() is None


@under("hand", "hosted", "task")
async def test_E10_a_cancellation_that_has_done_its_work_leaves_no_deadline(page: Stage) -> None:
    for number in range(3):
        handle = page.start(Desk, ask_once)
        await page.settle()
        handle.cancel_nowait(f"round {number}")
        await page.settle()
        assert page.kernel.timers.next_at() is None
        assert page.kernel.overruns is None


@on_trio()
async def test_E10_a_hosted_page_that_ends_at_once_needs_no_timekeeper() -> None:
    async with open_page(Talk, hosted=True) as page:
        page.start(Desk, ask_once)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("x")
        assert page._driver._keeper is None


@HOSTED
@on_trio()
async def test_E10_the_limit_is_the_pages_and_a_call_is_named(hosted: bool, caplog) -> None:
    caplog.clear()

    async def stubborn() -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(20)

    async def calls() -> None:
        await perform(stubborn)

    async with open_page(Talk, hosted=hosted, limits=PageLimits(overrun_seconds=3)) as page:
        page.start(Desk, calls)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    (first,) = named(caplog)
    assert first.startswith(
        "Talk.Desk is still there 3 s after it was cancelled (closing time): away for the call "
    )


@HOSTED
@pytest.mark.parametrize(
    ("lingering", "seconds_busy", "late"),
    [((5,), 7, 1), ((5, 1), 7, 1), ((1,), 4, 0), ((5,), 2, 1), ((5, 2), 7, 1)],
)
def test_E10_it_is_named_beside_one_that_always_has_something_to_do(
    lingering: tuple[int, ...], seconds_busy: int, late: int, hosted: bool, caplog
) -> None:
    """The page is never idle as long as that goes on."""
    caplog.clear()
    clock = trio.testing.MockClock()
    steps = 0
    enough: int | None = 0

    async def busy() -> None:
        nonlocal steps
        while enough is not None:
            await now()
            steps += 1

    async def main() -> None:
        nonlocal enough
        limits = PageLimits(overrun_seconds=3)
        async with open_page(Talk, hosted=hosted, limits=limits) as page:
            handles = {
                each: page.start(Desk, lingers, each, instance=f"{each}") for each in lingering
            }
            await trio.testing.wait_all_tasks_blocked()
            if 2 in handles:  # it is watched before
                handles[2].cancel_nowait("enough")
                await trio.testing.wait_all_tasks_blocked()
            page.start(Bell, busy)
            await trio.lowlevel.checkpoint()
            for handle in handles.values():
                handle.cancel_nowait("enough")
            for _ in range(seconds_busy):
                enough = steps + 3000  # a few turns
                while steps < enough:
                    await trio.lowlevel.checkpoint()
                clock.jump(1)
            enough = None
            for _ in range(7):
                await trio.testing.wait_all_tasks_blocked()
                clock.jump(1)
            await page.wait()
            assert page._driver.kernel.overruns is None
            assert page._driver.kernel.timers.next_at() is None

    trio.run(main, clock=clock)
    assert len(named(caplog)) == late
    for each in named(caplog):
        assert re.match(r"Talk.Desk\['5'\] is still there [345]\S* s after it was", each)


@on_trio()
async def test_E10_a_foreign_await_is_named_with_all_its_frames(caplog) -> None:
    caplog.clear()

    async def waits() -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(20)

    async with open_page(Talk) as page:
        page.start(Desk, waits)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    (record,) = caplog.records
    functions = [line.rpartition(" ")[2] for line in record.getMessage().splitlines()[1:]]
    assert functions[0].endswith("waits")
    assert functions[1] == "sleep"
    assert functions[-1].startswith("wait_task_rescheduled") or len(functions) > 3


@on_trio()
async def test_E10_a_page_of_a_host_is_watched_too(caplog) -> None:
    caplog.clear()
    async with open_host() as host:
        page, other = host.open(Talk), host.open(Talk)
        page.start(Desk, lingers, 30)
        other.start(Bell, sleep_long)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
        assert [each.partition(" is ")[0] for each in named(caplog)] == ["Talk.Desk"]
        assert len(other._driver.kernel.live) == 1


async def sleep_long() -> None:
    await sleep(1e4)
