"""Operations awaited where no spindle is."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import trio
import trio.testing

from spindle import OutsideSpindle, cleanup, open_page, perform, use
from spindle._core.operations.operation import Operation
from tests.drivers import on_trio
from tests.talk import Clerk, Desk, Talk, ask_once


async def every_operation() -> list[str]:
    """Await one of each kind; return what each was refused with."""
    refusals = []
    for operation in (Desk.Ask(), Desk.Said("x"), use(Clerk), perform(trio.sleep, 0), Operation()):
        with pytest.raises(OutsideSpindle) as refused:
            await operation
        refusals.append(str(refused.value))
    with pytest.raises(OutsideSpindle) as refused:
        async with cleanup(1):
            raise AssertionError("not reached")
    return [*refusals, str(refused.value)]


def named(refusals: list[str]) -> list[str]:
    return [refusal.split(" was awaited outside a spindle: ")[0] for refusal in refusals]


NAMES = ["Talk.Desk.Ask", "Talk.Desk.Said", "Use", "Call", "Operation", "EnterScope"]


@on_trio()
async def test_Y10_a_plain_child_task_cannot_await_operations() -> None:
    refusals: list[str] = []

    async def child() -> None:
        refusals.extend(await every_operation())

    async def has_children() -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child)
            # The spindle itself can, meanwhile.
            return (await Desk.Ask()).word

    async with open_page(Talk) as page:
        handle = page.start(Desk, has_children)
        await trio.testing.wait_all_tasks_blocked()
        assert len(page.pending()) == 1
        page.resume(Desk.Told("fine"))
        await page.wait()
        assert handle.outcome.value == "fine"
    assert named(refusals) == NAMES
    for refusal in refusals:
        assert "not a plain task, not even one it started itself" in refusal
        assert "Await " in refusal


@on_trio()
async def test_Y10_the_program_around_cannot_either() -> None:
    assert named(await every_operation()) == NAMES
    async with open_page(Talk) as page:
        assert named(await every_operation()) == NAMES
        assert not page.ended


class Unspeakable:
    def __repr__(self) -> str:
        raise ValueError("no repr")


@on_trio(1)
async def test_Y10_an_operation_that_cannot_be_printed_is_refused_too() -> None:
    """Trio prints what it does not know, inside its run loop."""
    async with open_page(Talk) as page:
        handle = page.start(Desk, ask_once)
        for operation in (Desk.Said(Unspeakable()), perform(trio.sleep, Unspeakable())):
            with pytest.raises(OutsideSpindle):
                await operation
        await trio.testing.wait_all_tasks_blocked()
        page.resume(Desk.Told("unhurt"))
        await page.wait()
        assert handle.outcome.value == "unhurt"


def test_Y10_asyncio_cannot_either() -> None:
    # In a thread: the browser tests of the same run keep a loop of asyncio's in the main one.
    with ThreadPoolExecutor(1) as thread:
        said = thread.submit(lambda: asyncio.run(every_operation())).result()
    assert named(said) == NAMES


def test_Y10_a_port_cannot_either() -> None:
    """In a task of the page a port's code runs in the spindle's own task: refused all the same."""

    async def port() -> str:
        with pytest.raises(OutsideSpindle):
            await Desk.Said("from a port")
        return "still here"

    async def calls() -> str:
        return await perform(port)

    async def main() -> None:
        for hosted in (True, False):
            async with open_page(Talk, hosted=hosted) as page:
                handle = page.start(Desk, calls)
                await page.wait()
                assert handle.outcome.value == "still here"

    trio.run(main)


@on_trio(1)
async def test_errors_that_are_the_programs_own_pass_an_await_unchanged() -> None:
    """Only what a loop says of an unknown trap is translated."""
    for error in (TypeError("mine"), RuntimeError("mine")):

        async def fails(error: Exception = error) -> None:
            raise error

        async def calls(fails=fails) -> None:
            await perform(fails)

        async with open_page(Talk) as page:
            handle = page.start(Desk, calls)
            await page.wait()
            assert handle.outcome.error is error
