"""`page.cancel`, `page.wait`, and a page that has ended."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, Origin, PageClosed, open_page
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.runtime.workers import ALL, Worker
from tests.talk import Bell, Desk, Talk, ask_once


def page_tasks() -> list[str]:
    """The names of the tasks in the nursery of the page that this task holds."""
    (nursery,) = trio.lowlevel.current_task().child_nurseries
    return [task.name for task in nursery.child_tasks]


@HOSTED
@on_trio()
async def test_E4_page_cancel_returns_when_nothing_is_left(hosted: bool) -> None:
    worker = Worker()
    async with open_page(Talk, hosted=hosted) as page:
        handles = worker.start(page)
        await trio.testing.wait_all_tasks_blocked()
        assert not page.ended
        await page.cancel("closing time")
        assert page.ended
        assert page_tasks() == []
        assert sorted(worker.log) == ALL
        # The youngest unwinds first; c has to see its call end before.
        assert worker.log.index("b unwinds") < worker.log.index("a unwinds")
        for handle in handles:
            assert handle.outcome == Cancelled("closing time", Origin.REQUESTED)
        await page.cancel("again")
        await page.wait()
    told = [message async for _, message in page.outbox]
    assert len(told) == page.outbox.statistics().peak


@HOSTED
@on_trio()
async def test_E4_started_and_cancelled_in_one_tick_it_runs_to_its_first_operation(
    hosted: bool,
) -> None:
    log: list[str] = []

    async def begins(name: str) -> None:
        log.append(f"{name} begins")
        try:
            await Desk.Ask()
        finally:
            log.append(f"{name} unwinds")

    async with open_page(Talk, hosted=hosted) as page:
        handles = [page.start(Desk, begins, name, instance=name) for name in "ab"]
        await page.cancel("at once")
    assert log == ["a begins", "b begins", "b unwinds", "a unwinds"]
    assert {handle.outcome for handle in handles} == {Cancelled("at once")}


@HOSTED
@on_trio()
async def test_two_tasks_cancel_one_page(hosted: bool) -> None:
    worker = Worker()
    ended: list[float] = []

    async with open_page(Talk, hosted=hosted) as page:
        handles = worker.start(page)
        await trio.testing.wait_all_tasks_blocked()

        async def cancels(reason: str) -> None:
            await page.cancel(reason)
            ended.append(trio.current_time())
            assert page.ended

        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for reason in ("one", "other"):
                nursery.start_soon(cancels, reason)
        assert ended == [began + 1] * 2
    assert len({handle.outcome.reason for handle in handles}) == 1
    assert sorted(worker.log) == ALL


@HOSTED
@on_trio()
async def test_cancelling_the_wait_for_the_end_does_not_undo_the_cancel(hosted: bool) -> None:
    worker = Worker()
    async with open_page(Talk, hosted=hosted) as page:
        worker.start(page)
        await trio.testing.wait_all_tasks_blocked()
        with trio.move_on_after(0.5):
            await page.cancel("given up on")
        assert not page.ended
        with pytest.raises(PageClosed, match=r"was not started: the page is ending \(given up on"):
            page.start(Bell, ask_once, instance="late")
        await page.wait()
        assert page.ended
    assert sorted(worker.log) == ALL


@on_trio()
async def test_a_spindle_of_a_task_page_may_cancel_its_page() -> None:
    worker = Worker()

    async def cancels() -> None:
        try:
            await page.cancel("from inside")
        finally:
            worker.log.append("c unwinds")

    async with open_page(Talk) as page:
        handles = worker.start(page)[:2]
        handles.append(page.start(Bell, cancels, instance="inside"))
        await page.wait()
        assert page.ended
    assert {handle.outcome for handle in handles} == {Cancelled("from inside")}


@under("hosted")
async def test_a_hosted_spindle_that_cancels_its_page_is_told_how(page: Stage) -> None:
    async def cancels() -> None:
        await page.cancel("from inside")

    page.start(Desk, ask_once)
    handle = page.start(Bell, cancels)
    await page.settle()
    # The page ends all the same; only waiting for it is not possible in there.
    assert page.page.ended
    assert "awaited something that is not an operation" in str(handle.outcome.error)


@HOSTED
@on_trio()
async def test_start_and_resume_after_the_end(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        pass
    assert page.ended
    with pytest.raises(PageClosed, match=r"Talk.Desk was not started: .*\(the page was left\)"):
        page.start(Desk, ask_once)
    receipt = page.resume(Desk.Told())
    assert receipt.reason == "the page has ended (the page was left)"
    assert page.pending() == []
    await page.wait()
    await page.cancel("again")


@HOSTED
@on_trio(1)
async def test_a_handle_tells_what_it_is_of(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        handle = page.start(Desk, ask_once, instance="left")
        await trio.testing.wait_all_tasks_blocked()
        source = handle.source
        assert (source.block, source.instance, source.yield_id) == (Desk, "left", None)
        assert repr(handle) == "<Talk.Desk['left'], waiting>"
        page.resume(Desk.Told("a"), instance="left")
        await page.wait()
        assert repr(handle) == "<Talk.Desk['left'], done>"


@HOSTED
@on_trio()
async def test_wait_for_spindles_that_end_by_themselves(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        with trio.testing.assert_checkpoints():
            await page.wait()
        page.start(Desk, ask_once)
        with trio.move_on_after(1) as scope:
            await page.wait()
        assert scope.cancelled_caught
        page.resume(Desk.Told("bye"))
        await page.wait()
        # Nobody has ended the page: it takes another one.
        assert not page.ended
        page.start(Desk, ask_once)
