"""Ctrl-C in the middle of a spindle: it leaves the page, and the page has ended by then."""

from __future__ import annotations

import signal

import pytest
import trio
import trio.testing

from spindle import Coroutine, Errored, Suspended, cleanup, open_page, perform, sleep
from tests.drivers import HOSTED
from tests.talk import Bell, Desk, Talk


async def interrupts() -> None:
    await Desk.Ask()
    raise KeyboardInterrupt


async def interrupts_at_once() -> None:
    raise KeyboardInterrupt


async def interrupts_in_a_call() -> None:
    await Desk.Ask()
    await perform(interrupts_at_once)


async def interrupts_in_a_group() -> None:
    await Desk.Ask()
    raise BaseExceptionGroup("several", [ValueError("v"), KeyboardInterrupt()])


async def interrupts_while_unwinding() -> None:
    await Desk.Ask()
    try:
        await Desk.Ask(2)
    finally:
        raise KeyboardInterrupt


CODE = [
    interrupts,
    interrupts_at_once,
    interrupts_in_a_call,
    interrupts_in_a_group,
    interrupts_while_unwinding,
]


@HOSTED
@pytest.mark.parametrize("code", CODE, ids=lambda fn: fn.__name__)
def test_an_interrupt_in_a_spindle_leaves_the_page(code, hosted: bool) -> None:
    log: list[str] = []
    pages = []

    async def neighbour() -> None:
        try:
            await Bell.Wait()
        finally:
            async with cleanup(1):
                await perform(trio.sleep, 0.5)
                log.append("neighbour cleaned")

    async def main() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            pages.append(page)
            page.start(Bell, neighbour)
            await trio.testing.wait_all_tasks_blocked()
            page.start(Desk, code)
            await trio.testing.wait_all_tasks_blocked()
            page.resume(Desk.Told())
            await trio.testing.wait_all_tasks_blocked()
        raise AssertionError("not reached")

    with pytest.raises(KeyboardInterrupt):
        trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert log == ["neighbour cleaned"]
    (page,) = pages
    assert page.ended
    assert page.ledger.pending == 0


@HOSTED
def test_a_real_interrupt_while_a_page_waits(hosted: bool) -> None:
    log: list[str] = []

    async def waits() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(1):
                await perform(trio.lowlevel.checkpoint)
                log.append("cleaned")

    async def main() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, waits)
            await trio.testing.wait_all_tasks_blocked()
            signal.raise_signal(signal.SIGINT)
            await trio.sleep_forever()

    with pytest.raises(KeyboardInterrupt):
        trio.run(main)
    assert log == ["cleaned"]


@HOSTED
def test_a_real_interrupt_while_a_spindle_runs(hosted: bool) -> None:
    """Hosted code is guarded: the interrupt comes when the step is over."""
    log: list[str] = []

    async def busy() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            log.append("step over")
            await Desk.Ask()
        finally:
            log.append("unwound")

    async def main() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, busy)
            await trio.testing.wait_all_tasks_blocked()
            await trio.sleep_forever()

    with pytest.raises(KeyboardInterrupt):
        trio.run(main)
    assert log[-1] == "unwound"
    assert log.count("unwound") == 1
    assert hosted == ("step over" in log)


@HOSTED
@pytest.mark.parametrize("times", [1, 2])
def test_real_interrupts_while_a_page_is_being_left(times: int, hosted: bool) -> None:
    """Its cleanup needs deadlines still, and whoever keeps them is to be told of the end."""
    log: list[str] = []

    async def lingers() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(10):
                await sleep(5)
                log.append("cleaned")

    async def presses() -> None:
        for _ in range(times):
            await trio.sleep(1)
            signal.raise_signal(signal.SIGINT)
            log.append("pressed")

    async def main() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, lingers)
            await trio.testing.wait_all_tasks_blocked()
            # A task of trio's own: the interrupt is raised where the program waits.
            trio.lowlevel.spawn_system_task(presses)
        raise AssertionError("not reached")

    with pytest.raises(KeyboardInterrupt):
        trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    assert log == ["pressed"] * times + ["cleaned"]


def test_an_interrupt_by_hand_comes_out_of_run() -> None:
    fiber = Coroutine(interrupts)
    assert fiber.run() == Suspended(Desk.Ask())
    with pytest.raises(KeyboardInterrupt):
        fiber.run(Desk.Told())
    assert isinstance(fiber.state, Errored)
    assert "interrupted from the keyboard" in str(fiber.state.error)
