"""What a hosted or hand-stepped spindle may not await: trio's things, refused where they stand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Errored,
    ForeignAwait,
    cleanup,
    fiber,
    open_page,
    perform,
)
from spindle import Coroutine as ByHand
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


async def sleeps_in_asyncio() -> None:
    await asyncio.sleep(1)


async def passes_in_asyncio() -> None:
    await asyncio.sleep(0)


async def limits_in_asyncio() -> None:
    async with asyncio.timeout(1):
        await Desk.Ask()


async def asks_for_the_loop() -> None:
    asyncio.get_running_loop()


async def opens_a_task_group() -> None:
    async with asyncio.TaskGroup() as group:
        await Desk.Ask()
        group.create_task(asyncio.sleep(1))


FOREIGN = [
    sleeps,
    sleeps_forever,
    checkpoints,
    moves_on,
    fails_after,
    opens_a_scope,
    opens_a_nursery,
    sleeps_in_asyncio,
    passes_in_asyncio,
    limits_in_asyncio,
    opens_a_task_group,
]
Does = Callable[[], Coroutine[object, object, None]]


async def in_a_fiber(does: Does) -> None:
    await (await fiber(does)).result()


async def in_a_fiber_nobody_joins(does: Does) -> None:
    await fiber(does)
    await Bell.Wait()


async def itself(does: Does) -> None:
    await does()


WHERE = [itself, in_a_fiber, in_a_fiber_nobody_joins]


def refused_at_its_line(outcome: object, does: Does, name: str) -> None:
    assert isinstance(outcome, Errored)
    error = outcome.error
    assert isinstance(error, ForeignAwait)
    assert name in str(error)
    assert "hosted=False" in str(error)
    frames = []
    traceback = (error.__cause__ or error).__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert does.__name__ in frames, "the traceback shows the spindle's line"


@pytest.mark.parametrize("does", FOREIGN, ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("where", [itself, in_a_fiber], ids=lambda fn: fn.__name__)
@under("hand", "hosted", seeds=2)
async def test_K3_refused_at_its_line_with_the_remedy(page: Stage, does: Does, where) -> None:
    handle = page.start(Desk, where, does)
    await page.settle()
    refused_at_its_line(handle.outcome, does, "Talk.Desk ")


@pytest.mark.parametrize("does", FOREIGN, ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("where", [itself, in_a_fiber], ids=lambda fn: fn.__name__)
async def test_K3_by_hand_the_test_that_steps_is_untouched_on_trio(does: Does, where) -> None:
    with trio.CancelScope() as tests_scope:
        refused_at_its_line(ByHand(where, does).run(), does, where.__name__)
        with trio.move_on_after(0.01) as scope:
            await trio.sleep_forever()
        assert scope.cancelled_caught
    assert not tests_scope.cancelled_caught


@pytest.mark.parametrize("does", FOREIGN, ids=lambda fn: fn.__name__)
def test_K3_by_hand_the_test_that_steps_is_untouched_on_asyncio(does: Does) -> None:
    async def test() -> str:
        refused_at_its_line(ByHand(does).run(), does, does.__name__)
        assert asyncio.get_running_loop().is_running()
        async with asyncio.timeout(10):
            await asyncio.sleep(0.001)
        return "untouched"

    assert asyncio.run(test()) == "untouched"


@under("task")
async def test_K3_asyncios_own_words_stand_where_trio_runs_the_spindle(page: Stage) -> None:
    """The remedy of other drivers would be none here; a note has this one's."""
    for does in sleeps_in_asyncio, asks_for_the_loop:
        handle = page.start(Desk, does)
        await page.settle()
        assert repr(handle.outcome.error) == "RuntimeError('no running event loop')"
        assert handle.outcome.error.__notes__ == [
            "functions of asyncio need its event loop, and this runs on trio: "
            "`await sleep(...)`, or a function of trio's, does it here"
        ]


@under("task")
async def test_an_error_that_only_reads_like_it_gets_no_note(page: Stage) -> None:
    async def fails(error: Exception) -> None:
        raise error

    class Same:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None

    text = "no running event loop"
    for error in RuntimeError(text, 1), ValueError(text), RuntimeError(Same()), RuntimeError():
        handle = page.start(Desk, fails, error)
        await page.settle()
        assert not hasattr(handle.outcome.error, "__notes__")


@under("hand", "hosted")
async def test_sleep_is_named_first_of_what_takes_the_place_of_trios(page: Stage) -> None:
    for does in sleeps, sleeps_in_asyncio:
        handle = page.start(Desk, does)
        await page.settle()
        assert "stepped by hand uses sleep(), timeout(), cleanup()" in str(handle.outcome.error)


@pytest.mark.parametrize("does", FOREIGN, ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("where", WHERE, ids=lambda fn: fn.__name__)
@on_trio(2)
async def test_K3_the_views_task_is_untouched(does: Does, where) -> None:
    with trio.CancelScope() as views_scope:
        async with open_page(Talk, hosted=True) as page:
            page.start(Bell, ring_once)
            page.start(Desk, where, does)
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
    assert seen[0].endswith("; or open the page with hosted=False, where spindles are trio tasks")


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


@on_trio(3)
async def test_K7_a_hosted_spindle_that_tries_a_foreign_await_again_stops_nobody() -> None:
    tries: list[int] = []

    async def retries() -> None:
        while True:
            try:
                await trio.lowlevel.cancel_shielded_checkpoint()
            except ForeignAwait:
                tries.append(len(tries))

    async with open_page(Talk, hosted=True) as page:
        handle = page.start(Desk, retries)
        for _ in range(5):
            await trio.lowlevel.checkpoint()
        # How many fit before the page rests depends on the machine.
        assert len(tries) > 10
    # Cancelled, it sees that instead.
    assert isinstance(handle.outcome, Cancelled)
