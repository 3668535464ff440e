"""The ends of a page: cancelled, left, failed, cancelled from outside."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, Origin, PageClosed, cleanup, open_page, perform
from tests.drivers import Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once

HOSTED = pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "task"])


class Worker:
    """Spindles that clean up and tell of it."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def ask(self, name: str) -> None:
        try:
            await Desk.Ask()
        finally:
            self.log.append(f"{name} unwinds")
            async with cleanup(5):
                await perform(trio.sleep, 1)
                self.log.append(f"{name} has cleaned")

    async def call(self, name: str) -> None:
        try:
            await perform(trio.sleep_forever)
        finally:
            self.log.append(f"{name} unwinds")

    def start(self, page) -> list:
        handles = [page.start(Desk, self.ask, name, instance=name) for name in "ab"]
        return [*handles, page.start(Bell, self.call, "c")]


ALL = ["a has cleaned", "a unwinds", "b has cleaned", "b unwinds", "c unwinds"]


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
async def test_E4_leaving_the_block_cancels_the_page(hosted: bool) -> None:
    worker = Worker()
    async with open_page(Talk, hosted=hosted) as page:
        handles = worker.start(page)
        await trio.testing.wait_all_tasks_blocked()
    assert sorted(worker.log) == ALL
    assert {handle.outcome for handle in handles} == {
        Cancelled("the page was left", Origin.BODY_LEFT)
    }


@HOSTED
@on_trio()
async def test_E4_the_task_around_is_cancelled(hosted: bool) -> None:
    worker = Worker()
    with trio.CancelScope() as scope:
        async with open_page(Talk, hosted=hosted) as page:
            handles = worker.start(page)
            await trio.testing.wait_all_tasks_blocked()
            scope.cancel()
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert sorted(worker.log) == ALL
    assert {handle.outcome for handle in handles} == {
        Cancelled("the program around the page was cancelled", Origin.HOST_CANCELLED)
    }


@HOSTED
@on_trio()
async def test_E4_the_task_around_is_cancelled_while_the_body_has_a_nursery(hosted: bool) -> None:
    """Then a group of cancellations leaves the body."""
    worker = Worker()
    with trio.CancelScope() as scope:
        async with open_page(Talk, hosted=hosted) as page:
            handles = worker.start(page)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.sleep_forever)
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()
    assert scope.cancelled_caught
    assert sorted(worker.log) == ALL
    assert {handle.outcome for handle in handles} == {
        Cancelled("the program around the page was cancelled", Origin.HOST_CANCELLED)
    }


@HOSTED
@on_trio()
async def test_E4_a_deadline_around_the_page(hosted: bool) -> None:
    worker = Worker()
    began = trio.current_time()
    with trio.move_on_after(10) as scope:
        async with open_page(Talk, hosted=hosted) as page:
            handles = worker.start(page)
            await page.wait()
    assert scope.cancelled_caught
    assert trio.current_time() - began == 11
    assert sorted(worker.log) == ALL
    assert {handle.outcome.origin for handle in handles} == {Origin.HOST_CANCELLED}


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


async def leave_with(
    error: BaseException, hosted: bool, worker: Worker, handles: list, *, settled: bool = True
) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        handles += worker.start(page)
        if settled:
            await trio.testing.wait_all_tasks_blocked()
        raise error


@HOSTED
@on_trio()
async def test_K4_an_error_in_the_body_comes_out_as_it_is(hosted: bool) -> None:
    worker = Worker()
    for error in (ValueError("body"), ExceptionGroup("own", [KeyError("k")]), SystemExit(2)):
        worker.log.clear()
        handles = []
        with pytest.raises(type(error)) as raised:
            await leave_with(error, hosted, worker, handles)
        assert raised.value is error
        assert sorted(worker.log) == ALL
        reason = f"{type(error).__name__} in the body of the page"
        assert {handle.outcome for handle in handles} == {Cancelled(reason, Origin.BODY_FAILED)}


@HOSTED
@on_trio()
async def test_K4_an_error_in_the_body_before_anything_ran(hosted: bool) -> None:
    handles = []
    with pytest.raises(ValueError, match="body"):
        await leave_with(ValueError("body"), hosted, Worker(), handles, settled=False)
    assert {type(handle.outcome) for handle in handles} == {Cancelled}


@HOSTED
@on_trio()
async def test_K4_the_body_is_cancelled_while_the_page_ends(hosted: bool) -> None:
    """The cleanup is not cut off by it, and the cancel is not lost."""
    worker = Worker()
    with trio.CancelScope() as scope:
        async with open_page(Talk, hosted=hosted) as page:
            worker.start(page)
            await trio.testing.wait_all_tasks_blocked()
            scope.deadline = trio.current_time() + 0.5
        await trio.lowlevel.checkpoint()
        pytest.fail("the cancel was lost")
    assert scope.cancelled_caught
    assert sorted(worker.log) == ALL


@HOSTED
@on_trio()
async def test_K4_in_a_cancelled_scope(hosted: bool) -> None:
    worker = Worker()
    with trio.CancelScope() as scope:
        scope.cancel()
        async with open_page(Talk, hosted=hosted) as page:
            handles = worker.start(page)
        await trio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert {handle.outcome for handle in handles} == {
        Cancelled("the page was left", Origin.BODY_LEFT)
    }


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
@on_trio(1)
async def test_a_fault_of_the_page_itself_is_not_hidden(hosted: bool) -> None:
    """Nothing of a spindle's gets into the nursery; what does is a fault of ours."""

    async def breaks() -> None:
        raise LookupError("ours")

    async def open_it() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, ask_once)
            page._driver.nursery.start_soon(breaks)
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup) as raised:
        await open_it()
    assert [type(error) for error in raised.value.exceptions] == [LookupError]


@HOSTED
@on_trio()
async def test_pages_in_pages(hosted: bool) -> None:
    outer_worker, inner_worker = Worker(), Worker()
    async with open_page(Talk, hosted=hosted) as outer:
        outer_worker.start(outer)
        async with open_page(Talk, hosted=not hosted) as inner:
            inner_worker.start(inner)
            await trio.testing.wait_all_tasks_blocked()
        assert sorted(inner_worker.log) == ALL
        assert outer_worker.log == []
        assert not outer.ended
    assert sorted(outer_worker.log) == ALL


@on_trio()
async def test_a_task_spindle_may_hold_a_page_of_its_own() -> None:
    worker = Worker()

    async def holds() -> str:
        async with open_page(Talk) as inner:
            worker.start(inner)
            word = (await Desk.Ask()).word
        assert inner.ended
        return word

    async with open_page(Talk) as page:
        first = page.start(Desk, holds)
        second = page.start(Desk, holds, instance="second")
        await trio.testing.wait_all_tasks_blocked()
        page.resume(Desk.Told("done"))
        await trio.testing.wait_all_tasks_blocked()
        await trio.sleep(2)
        assert first.outcome.value == "done"
    assert isinstance(second.outcome, Cancelled)
    assert sorted(worker.log) == sorted(ALL * 2)


@HOSTED
@on_trio(1)
async def test_two_hundred_pages_leave_nothing(hosted: bool) -> None:
    before = trio.lowlevel.current_statistics().tasks_living
    for _ in range(200):
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, ask_once)
            page.start(Bell, Worker().call, "c")
            await trio.lowlevel.checkpoint()
    assert trio.lowlevel.current_statistics().tasks_living == before


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


@HOSTED
def test_closing_an_async_generator_that_holds_a_page(hosted: bool) -> None:
    worker = Worker()

    async def holds():
        async with open_page(Talk, hosted=hosted) as page:
            worker.start(page)
            await trio.testing.wait_all_tasks_blocked()
            yield page

    async def main() -> None:
        pages = holds()
        page = await anext(pages)
        await pages.aclose()
        assert page.ended

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert sorted(worker.log) == ALL
