"""Async generators: one that is dropped half-way is closed, whoever drives the spindle."""

from __future__ import annotations

import contextlib
import gc
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from contextvars import ContextVar

import pytest

from spindle import Coroutine, OutsideSpindle, cleanup, fiber, open_page
from spindle._core.kernel.generators import CLOSE_BOUND
from tests.drivers import Stage, run_on_trio, under
from tests.runtime.dropping import REFUSED, break_out, drop_by_name, numbers
from tests.talk import Bell, Desk, Talk, ring_once

# It is right that a dropped generator is warned of, in trio's words or ours. What is printed
# besides (an exception nobody can see) is an error in these tests as in all others.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


async def drop_after_a_wait(log: list[str]) -> None:
    counting = numbers(log)
    await anext(counting)
    await Desk.Ask()
    await anext(counting)
    del counting
    log.append("went on")
    await Desk.Ask()


async def drop_in_a_fiber(log: list[str]) -> None:
    await (await fiber(drop_by_name, log)).result()


DROPPING = [break_out, drop_by_name, drop_after_a_wait, drop_in_a_fiber]


@pytest.mark.parametrize("drops", DROPPING, ids=lambda fn: fn.__name__)
@under("hand", "hosted", "task")
async def test_K6_a_dropped_generator_is_closed_in_every_driver(
    page: Stage, drops: Callable[..., object], caplog: pytest.LogCaptureFixture
) -> None:
    log: list[str] = []
    page.start(Desk, drops, log)
    page.start(Bell, ring_once)
    await page.settle()
    page.resume(Desk.Told())
    page.resume(Bell.Rung(3))
    await page.settle()
    # At once where a page steps it; a tick later where trio does it in a task of its own.
    if page.driver == "task":
        log.remove("went on")
        assert log == REFUSED
    else:
        assert log == [*REFUSED, "went on"]
    [record] = caplog.records
    assert isinstance(record.exc_info[1], OutsideSpindle)
    assert "numbers" in record.getMessage()
    caplog.clear()


@under("hand", "hosted", "task")
async def test_K6_one_that_a_cancelled_spindle_held_is_closed(
    page: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    log: list[str] = []

    async def asks_within() -> None:
        async for _ in numbers(log):
            await Desk.Ask()

    page.start(Desk, asks_within)
    await page.settle()
    await page.cancel("gone")
    await page.settle()
    assert log == REFUSED


@under("hand", "hosted", "task")
async def test_K6_aclosing_closes_it_in_the_spindle_where_operations_work(page: Stage) -> None:
    log: list[str] = []

    async def closes() -> str:
        async with aclosing(numbers(log)) as counting:
            async for _ in counting:
                break
        log.append("went on")
        return "done"

    page.start(Desk, closes)
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    assert log == ["closing"]
    page.resume(Desk.Told())
    assert await page.hears() == ["Desk returned 'done'"]
    assert log == ["closing", "closed", "went on"]


@under("hand", "hosted", "task")
async def test_K6_every_await_of_its_finally_is_refused(page: Stage) -> None:
    log: list[str] = []

    async def stubborn() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            for _ in range(3):
                try:
                    async with cleanup(1):
                        await Desk.Said("never")
                except OutsideSpindle as error:
                    log.append(str(error).partition(" was awaited")[0])

    async def drops() -> str:
        async for _ in stubborn():
            break
        return "done"

    page.start(Desk, drops)
    assert await page.hears() == ["Desk returned 'done'"]
    assert log == ["EnterScope"] * 3


@under("hand", "hosted", seeds=1)
async def test_K6_the_refusal_names_the_generator_and_the_remedy(page: Stage) -> None:
    said: list[str] = []

    async def careless() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            try:
                await Desk.Ask()
            except OutsideSpindle as error:
                said.append(str(error))

    async def drops() -> None:
        async for _ in careless():
            break

    page.start(Desk, drops)
    await page.settle()
    assert said == [
        "Talk.Desk.Ask was awaited outside a spindle: careless was dropped half-way and is being "
        "closed, so nobody runs it any more. Write `async with aclosing(careless(...))` around its "
        "use, which closes it in time"
    ]


async def raises() -> AsyncGenerator[int]:
    try:
        yield 1
    finally:
        raise LookupError("in the finally")


async def exits() -> AsyncGenerator[int]:
    try:
        yield 1
    finally:
        raise SystemExit(3)


async def yields_again() -> AsyncGenerator[int]:
    try:
        yield 1
    finally:
        yield 2


async def awaits_on() -> AsyncGenerator[int]:
    try:
        yield 1
    finally:
        for _ in range(CLOSE_BOUND + 1):
            with contextlib.suppress(OutsideSpindle):
                await Desk.Said("still here")


@pytest.mark.parametrize(
    "generator", [raises, exits, yields_again, awaits_on], ids=lambda fn: fn.__name__
)
@under("hand", "hosted", "task", seeds=2)
async def test_K6_what_closing_raises_is_logged_and_hurts_nobody(
    page: Stage, generator: Callable[[], AsyncGenerator[int]], caplog: pytest.LogCaptureFixture
) -> None:
    async def drops() -> str:
        async for _ in generator():
            break
        return (await Desk.Ask()).word

    page.start(Desk, drops)
    page.start(Bell, ring_once)
    await page.settle()
    page.resume(Desk.Told("on"))
    page.resume(Bell.Rung(3))
    assert (await page.hears())[2:] == ["Desk returned 'on'", "Bell returned 3"]
    logger = "trio.async_generator_errors" if page.driver == "task" else "spindle.generators"
    quiet = generator is awaits_on and page.driver == "task"  # trio refuses as long as it awaits
    assert [record.name for record in caplog.records] == ([] if quiet else [logger])
    caplog.clear()


@under("hand", "hosted", "task")
async def test_K5_K6_its_finally_sees_a_copy_of_context_variables(page: Stage) -> None:
    seen: list[str] = []

    async def sets() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            WHO.set("generator")

    async def drops(name: str) -> None:
        WHO.set(name)
        async for _ in sets():
            break
        await Desk.Ask()
        seen.append(WHO.get())

    WHO.set("view")
    page.start(Desk, drops, "spindle")
    await page.settle()
    page.resume(Desk.Told())
    await page.settle()
    assert (seen, WHO.get()) == (["spindle"], "view")


@pytest.mark.parametrize("driver", ["hand", "hosted"])
def test_K6_one_in_a_cycle_is_closed_by_the_collector(driver: str) -> None:
    log: list[str] = []

    async def quiet() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            log.append(WHO.get())
            WHO.set("generator")

    async def drops() -> None:
        ring: list[object] = [quiet()]
        ring.append(ring)
        await anext(ring[0])  # type: ignore[arg-type]

    def collect() -> None:
        WHO.set("whoever collects")
        gc.collect()
        assert WHO.get() == "whoever collects"

    gc.disable()
    try:
        if driver == "hand":
            Coroutine(drops).run()
            collect()
        else:

            async def main() -> None:
                async with open_page(Talk, hosted=True) as page:
                    page.start(Desk, drops)
                    assert log == []
                    collect()

            run_on_trio(main, 0)
    finally:
        gc.enable()
    assert log == ["whoever collects"]


def test_K6_generators_that_are_used_up_leave_nothing() -> None:
    async def short() -> AsyncGenerator[int]:
        yield 1

    async def uses(times: int) -> None:
        for _ in range(times):
            async for _ in short():
                pass

    async def main() -> None:
        async with open_page(Talk, hosted=True) as page:
            page.start(Desk, uses, 10)
            await page.wait()
            before = len(gc.get_objects())
            page.start(Desk, uses, 1000)
            await page.wait()
            assert len(gc.get_objects()) - before < 100

    run_on_trio(main, 0)


def test_K6_dropping_a_coroutine_by_hand_closes_what_it_held() -> None:
    log: list[str] = []

    async def holds() -> None:
        async for _ in numbers(log):
            await Desk.Ask()

    logging.disable()
    try:
        coroutine = Coroutine(holds)
        coroutine.run()
        del coroutine
    finally:
        logging.disable(logging.NOTSET)
    assert log == REFUSED
