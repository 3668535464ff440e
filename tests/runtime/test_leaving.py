"""The block of a page is left: at its end, by an error, cancelled from outside."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, Origin, open_page
from tests.drivers import HOSTED, on_trio
from tests.runtime.workers import ALL, Worker
from tests.talk import Bell, Desk, Talk, ask_once


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


@pytest.mark.bulk
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
