"""A spindle that never suspends stops neither its page nor the program."""

from __future__ import annotations

import contextlib

import pytest
import trio

from spindle import Cancelled, Port, SpindleError, open_page, perform, read, use
from tests.drivers import on_trio
from tests.talk import Desk, Talk

HOSTED = pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "task"])


class Clock(Port):
    @read
    async def now(self) -> int: ...


class StoppedClock(Clock):
    async def now(self) -> int:
        return 0


async def uses() -> None:
    while True:
        await use(str)


async def says() -> None:
    while True:
        await Desk.Said("x")


async def polls() -> None:
    clock = await use(Clock)
    while await clock.now() == 0:
        pass


async def performs() -> None:
    while True:
        await perform(trio.lowlevel.cancel_shielded_checkpoint)


async def fails_to_use() -> None:
    while True:
        with contextlib.suppress(SpindleError):
            await use(int)


BUSY = pytest.mark.parametrize(
    "busy", [uses, says, polls, performs, fails_to_use], ids=lambda fn: fn.__name__
)


@HOSTED
@BUSY
@on_trio(3)
async def test_K7_the_program_goes_on_and_the_page_can_be_cancelled(busy, hosted: bool) -> None:
    provide = {Clock: StoppedClock(), str: "text"}
    async with open_page(Talk, provide=provide, hosted=hosted) as page:
        page.outbox.close()
        handle = page.start(Desk, busy)
        for _ in range(20):
            await trio.lowlevel.checkpoint()
        assert handle.outcome is None
        await page.cancel("enough")
    assert handle.outcome == Cancelled("enough")


@HOSTED
@BUSY
@on_trio(3)
async def test_K7_a_busy_page_ends_with_the_program_around(busy, hosted: bool) -> None:
    handles = []
    with trio.CancelScope() as program:
        async with open_page(
            Talk, provide={Clock: StoppedClock(), str: "text"}, hosted=hosted
        ) as page:
            page.outbox.close()
            handles.append(page.start(Desk, busy))
            await trio.lowlevel.checkpoint()
            program.cancel()
            await trio.lowlevel.checkpoint()
    assert isinstance(handles[0].outcome, Cancelled)
