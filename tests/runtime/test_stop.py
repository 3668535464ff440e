"""Stopping in two phases: a time of grace, then the cancellation."""

from __future__ import annotations

import math

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Channel,
    Origin,
    PageClosed,
    PageClosing,
    Restart,
    UsageError,
    await_any,
    cancel_reason,
    cleanup,
    fork,
    open_host,
    open_page,
    sleep,
)
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

STOPPED = Cancelled("update", Origin.STOPPED)


async def sleeps(seconds: float) -> str:
    await sleep(seconds)
    return "slept"


@under("hand", "hosted", "task")
async def test_E10_pending_yields_are_told_and_the_page_ends_at_once_if_they_make_way(
    page: Stage,
) -> None:
    handle = page.start(Desk, ask_once)
    page.start(Bell, ring_once)
    await page.settle()
    page.said()
    await page.stop("update", 30)
    assert page.said() == [
        "Desk withdraws Ask(number=1) #1",
        "Bell withdraws Wait() #1",
        "Desk was cancelled: update (stopped)",
        "Bell was cancelled: update (stopped)",
    ]
    assert handle.outcome == STOPPED
    assert page.kernel.now == 0


@under("hand", "hosted", "task")
async def test_E10_who_catches_it_brings_its_work_to_an_end(page: Stage) -> None:
    said: list[str] = []

    async def saves() -> str:
        try:
            await Desk.Ask()
        except PageClosing as closing:
            said.append(str(closing))
            assert await cancel_reason() is None, "it is not cancelled yet"
            await Desk.Said("saving")
            await sleep(2)
            return "saved"
        return "answered"

    page.start(Desk, saves)
    await page.settle()
    page.said()
    await page.stop("update", 30)
    assert said == ["nobody will answer: the page is being stopped (update)"]
    assert page.said()[1:] == ["Desk says Said(word='saving')", "Desk returned 'saved'"]
    assert page.kernel.now == 2


@under("hand", "hosted", "task")
async def test_E10_yields_to_come_raise_at_once_also_in_a_race(page: Stage) -> None:
    caught: list[int] = []
    channel = Channel[int](1)

    async def asks() -> None:
        await sleep(1)
        for operation in (Desk.Ask(), await_any(channel.take(), Desk.Take(), Desk.Ask(2))):
            try:
                await operation
            except PageClosing:
                caught.append(len(caught))
        await Desk.Ask(3)

    async def races() -> None:
        await await_any(Desk.Take(), channel.take(), Desk.Ask(4))

    page.start(Desk, asks)
    page.start(Desk, races, instance="races")
    await page.settle()
    page.said()
    await page.stop("update", 30)
    assert caught == [0, 1]
    assert page.said() == [
        "Desk[races] withdraws Take() #1",
        "Desk[races] withdraws Ask(number=4) #2",
        "Desk[races] was cancelled: update (stopped)",
        "Desk was cancelled: update (stopped)",
    ]
    assert channel.takers in (None, {})


@under("hand", "hosted", "task")
async def test_E10_after_the_time_of_grace_the_rest_is_cancelled(page: Stage) -> None:
    reasons: list[Cancelled | None] = []

    async def lasts() -> None:
        try:
            await sleep(100)
        finally:
            reasons.append(await cancel_reason())
            async with cleanup(5):
                await sleep(1)
            reasons.append(await cancel_reason())

    page.start(Bell, sleeps, 10)
    page.start(Desk, lasts)
    page.start(Desk, sleeps, 3, instance="in time")
    await page.settle()
    await page.stop("update", 10)
    # A deadline at the very end of the grace fires before it.
    assert page.said() == [
        "Desk[in time] returned 'slept'",
        "Bell returned 'slept'",
        "Desk was cancelled: update (stopped)",
    ]
    assert reasons == [STOPPED, STOPPED]
    assert page.kernel.now == 11
    assert page.kernel.timers.next_at() is None


@under("hand", "hosted", "task")
async def test_E10_without_grace_they_get_as_far_as_they_get_at_once(page: Stage) -> None:
    async def says() -> None:
        try:
            await Desk.Ask()
        except PageClosing:
            await Desk.Said("bye")
            await sleep(1)
            await Desk.Said("never")

    page.start(Desk, says)
    await page.settle()
    page.said()
    await page.stop("update", 0)
    assert page.said()[1:] == [
        "Desk says Said(word='bye')",
        "Desk was cancelled: update (stopped)",
    ]


@under("hand", "hosted", "task")
async def test_E10_nothing_new_starts_and_no_event_is_taken(page: Stage) -> None:
    log: list[str] = []

    async def forks() -> None:
        await sleep(1)
        for policy in (None, "replace"):
            try:
                await fork(Desk, ask_once, instance="new", replace=policy is not None)
            except PageClosing as closing:
                log.append(str(closing))
        try:
            page.start(Desk, ask_once, instance="new")
        except PageClosing as closing:
            log.append(str(closing))
        refused.append(page.resume(Desk.Queued(1), instance="busy"))
        refused.append(page.resume(Desk.Told("a"), instance="nobody"))
        await fork(Desk, ask_once, instance="new")

    refused: list[object] = []
    page.start(Bell, forks)
    page.start(Desk, sleeps, 5, instance="busy")
    await page.settle()
    await page.stop("update", 30)
    assert (
        log
        == [
            "Talk.Desk['new'] was not started: the page is being stopped (update)",
        ]
        * 3
    )
    assert [receipt.reason for receipt in refused] == [
        "the page is being stopped (update)",
        "no spindle: Talk.Desk['nobody'] is not running (it has ended, or was never started)",
    ]
    assert page.said() == [
        "Bell was cancelled: update (stopped)",
        "Desk[busy] returned 'slept'",
    ]
    with pytest.raises(PageClosed, match="the page is ending"):
        page.start(Desk, ask_once)


@under("hand", "hosted", "task")
async def test_E10_neither_a_restart_nor_a_successor_starts_any_more(page: Stage) -> None:
    log: list[str] = []

    async def fails() -> None:
        log.append("run")
        raise LookupError

    async def fails_later() -> None:
        await sleep(1)
        raise LookupError

    async def lingers() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(9):
                await sleep(2)

    async def replaces() -> None:
        await fork(Desk, ask_once, instance="replaced", replace=True)

    page.start(Desk, fails, policy=Restart(delay=1, jitter=0))
    page.start(Desk, fails_later, instance="later", policy=Restart(delay=0))
    page.start(Desk, lingers, instance="replaced")
    page.start(Bell, replaces)
    await page.settle()
    page.said()
    await page.stop("update", 30)
    assert page.said() == [
        "Desk was cancelled: update (stopped)",
        "Desk[replaced] was cancelled: update (stopped)",
        "Desk[later] failed: LookupError",
        "Desk[replaced] was cancelled: replaced by another one (replaced)",
    ]
    assert log == ["run"]
    assert page.kernel.now == 2


@HOSTED
@on_trio()
async def test_E10_cancelling_the_stop_cancels_the_page_at_once(hosted: bool) -> None:
    log: list[str] = []

    async def lasts() -> None:
        try:
            await sleep(100)
        finally:
            async with cleanup(5):
                await sleep(2)
                log.append("cleaned")

    async with open_page(Talk, hosted=hosted) as page:
        began = trio.current_time()
        handle = page.start(Desk, lasts)
        await trio.testing.wait_all_tasks_blocked()
        with trio.move_on_after(1) as scope:
            await page.stop("update", grace=50)
        assert scope.cancelled_caught
        assert not page.ended
        await page.wait()
        assert page.ended
        assert trio.current_time() == began + 3
    assert log == ["cleaned"]
    assert handle.outcome == STOPPED


@HOSTED
@on_trio()
async def test_E10_a_second_stop_and_a_cancel_in_the_time_of_grace(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page, trio.open_nursery() as nursery:
        began = trio.current_time()
        handle = page.start(Desk, sleeps, 100)
        nursery.start_soon(lambda: page.stop("update", grace=50))
        await trio.sleep(1)
        nursery.start_soon(lambda: page.stop("hurry", grace=3))
        await trio.sleep(1)
        assert not page.ended
        await trio.sleep(2.5)
        assert page.ended
        assert handle.outcome.origin is Origin.STOPPED
    assert trio.current_time() == began + 4.5

    async with open_page(Talk, hosted=hosted) as page, trio.open_nursery() as nursery:
        handle = page.start(Desk, sleeps, 100)
        nursery.start_soon(lambda: page.stop("update", grace=50))
        await trio.sleep(1)
        await page.cancel("now")
        assert handle.outcome == Cancelled("now", Origin.REQUESTED)
    assert trio.current_time() == began + 5.5


@pytest.mark.bulk
@HOSTED
@on_trio()
async def test_E10_a_view_that_does_not_read_holds_up_no_stop(hosted: bool) -> None:
    async def talks() -> None:
        while True:
            await Desk.Said("again")
            await sleep(0.001)

    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, talks)
        await trio.sleep(10)
        began = trio.current_time()
        await page.stop("update", grace=5)
        assert page.ended
        assert trio.current_time() == began + 5


@on_trio()
async def test_E10_the_page_of_a_host_is_stopped_alone() -> None:
    async with open_host() as host:
        page, other = host.open(Talk), host.open(Talk)
        handle = page.start(Desk, sleeps, 100)
        other.start(Bell, ring_once)
        await page.stop("update", grace=5)
        assert page.ended
        assert handle.outcome == STOPPED
        assert host.pages == 1
        assert len(other.pending()) == 1


@on_trio()
async def test_E10_stopped_from_inside_by_a_spindle() -> None:
    async def stops() -> None:
        await page.stop("update", grace=5)

    async with open_page(Talk) as page:
        asking = page.start(Desk, ask_once)
        stopping = page.start(Bell, stops)
        await page.wait()
        assert page.ended
        assert asking.outcome == STOPPED
        assert stopping.outcome == STOPPED


@HOSTED
@on_trio(1)
async def test_a_time_of_grace_is_a_number_of_seconds(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, ask_once)
        for wrong in (-1, math.nan, "5"):
            with pytest.raises(UsageError, match="stop"):
                await page.stop("update", grace=wrong)
        await trio.testing.wait_all_tasks_blocked()
        assert len(page.pending()) == 1
