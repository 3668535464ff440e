"""What a hosted or hand-stepped spindle may not await: trio's things, refused where they stand."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Errored, ForeignAwait, cleanup, open_page, perform
from tests.drivers import Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ring_once


async def sleeps() -> None:
    await trio.sleep(1)


async def sleeps_forever() -> None:
    await trio.sleep_forever()


async def checkpoints() -> None:
    await trio.lowlevel.checkpoint()


async def moves_on() -> None:
    with trio.move_on_after(1):
        await Desk.Ask()


async def fails_after() -> None:
    with trio.fail_after(1):
        await Desk.Ask()


async def opens_a_scope() -> None:
    with trio.CancelScope():
        await Desk.Ask()


async def opens_a_nursery() -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, 1)


FOREIGN = [
    sleeps,
    sleeps_forever,
    checkpoints,
    moves_on,
    fails_after,
    opens_a_scope,
    opens_a_nursery,
]


@pytest.mark.parametrize("does", FOREIGN, ids=lambda fn: fn.__name__)
@under("hand", "hosted", seeds=1)
async def test_K3_refused_at_its_line_with_the_remedy(page: Stage, does) -> None:
    handle = page.start(Desk, does)
    await page.settle()
    assert isinstance(handle.outcome, Errored)
    error = handle.outcome.error
    assert isinstance(error, ForeignAwait)
    assert str(error).startswith("Talk.Desk ")
    assert "hosted=False" in str(error)
    frames = []
    traceback = (error.__cause__ or error).__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert does.__name__ in frames, "the traceback shows the spindle's line"


@pytest.mark.parametrize("does", FOREIGN, ids=lambda fn: fn.__name__)
@on_trio(2)
async def test_K3_the_views_task_is_untouched(does) -> None:
    with trio.CancelScope() as views_scope:
        async with open_page(Talk, hosted=True) as page:
            page.start(Bell, ring_once)
            page.start(Desk, does)
            # Nothing bound to this task: no deadline hits it, no scope is left on its stack.
            await trio.sleep(10)
            with trio.move_on_after(1) as scope:
                await trio.sleep_forever()
            assert scope.cancelled_caught
            page.resume(Bell.Rung(3))
            await page.wait()
            assert trio.lowlevel.current_task() is not None
    assert not views_scope.cancelled_caught


@under("hand", "hosted")
async def test_W4_a_foreign_await_is_an_error_the_spindle_may_catch(page: Stage) -> None:
    seen: list[str] = []

    async def tries() -> str:
        try:
            await trio.lowlevel.checkpoint()
        except ForeignAwait as error:
            seen.append(str(error))
        return (await Desk.Ask()).word

    page.start(Desk, tries)
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    page.resume(Desk.Told("on"))
    assert await page.hears() == ["Desk returned 'on'"]
    assert seen[0].startswith("Talk.Desk awaited something that is not an operation (")
    assert "put the call into a port, or write `await perform(fn, ...)`" in seen[0]


@under("hand", "hosted")
async def test_W4_in_a_cleanup_too(page: Stage) -> None:
    seen: list[type] = []

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(1):
                try:
                    await trio.lowlevel.checkpoint()
                except ForeignAwait as error:
                    seen.append(type(error))

    page.start(Desk, cleans)
    await page.settle()
    await page.cancel("x")
    assert page.said()[-1] == "Desk was cancelled: x (requested)"
    assert seen == [ForeignAwait]


@under("hand", "hosted")
async def test_W4_trios_own_refusal_may_be_caught_too(page: Stage) -> None:
    """Trio looks for its task before it waits: inside the spindle the error is trio's."""

    async def tries() -> str:
        try:
            await trio.sleep(1)
        except RuntimeError as error:
            return str(error)
        return "slept"

    page.start(Desk, tries)
    assert await page.hears() == ["Desk returned 'must be called from async context'"]


@under("hosted")
async def test_K3_what_a_port_does_is_nobodys_business(page: Stage) -> None:
    async def busy() -> str:
        with trio.move_on_after(1):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.sleep_forever)
        return "done"

    async def calls() -> str:
        return await perform(busy)

    page.start(Desk, calls)
    await page.settle()
    await trio.sleep(2)
    assert page.said() == ["Desk returned 'done'"]


@under("hosted")
async def test_K3_what_needs_no_task_works(page: Stage) -> None:
    """Setting an event or asking for the time does not wait, so it is no await."""
    event = trio.Event()

    async def sets() -> float:
        event.set()
        return trio.current_time() - began

    began = trio.current_time()
    page.start(Desk, sets)
    assert await page.hears() == ["Desk returned 0.0"]
    assert event.is_set()


@under("hand", "hosted")
async def test_an_await_of_neither_kind(page: Stage) -> None:
    class Strange:
        def __await__(self):
            return (yield 42)

    async def awaits() -> None:
        await Strange()

    handle = page.start(Desk, awaits)
    assert await page.hears() == ["Desk failed: ForeignAwait"]
    assert "not an operation (int)" in str(handle.outcome.error)
