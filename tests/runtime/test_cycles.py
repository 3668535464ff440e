"""What a spindle held is let go when it is over, not when the garbage collector comes by."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import pytest

from spindle import CellEmpty, Channel, ChannelClosed, NotOwner, TooSlow, fiber, timeout
from tests.board import Board, Reader, Writer
from tests.drivers import Stage, under


@contextmanager
def no_cycles() -> Generator[None, None, None]:
    """Hold that the block leaves no frame and no exception to the garbage collector."""
    gc.collect()
    gc.garbage.clear()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield
        gc.collect()
        found = [each for each in gc.garbage if isinstance(each, (FrameType, BaseException))]
    finally:
        gc.set_debug(0)
        gc.enable()
        gc.garbage.clear()
    assert not found


@under("hand", "hosted", "task", seeds=2, contract=Board)
async def test_a_cancelled_wait_leaves_no_cycle(page: Stage) -> None:
    async def waits() -> None:
        await (await Writer.count.watch()).take()

    handle = page.start(Reader, waits)
    await page.settle()
    with no_cycles():
        handle.cancel_nowait("x")
        await page.settle()


@under("hand", "hosted", "task", seeds=2, contract=Board)
async def test_an_error_of_an_operation_leaves_no_cycle(page: Stage) -> None:
    channel = Channel[int]()

    async def closes() -> None:
        await channel.close()

    async def is_refused() -> None:
        with pytest.raises(CellEmpty):
            await Writer.count.get()
        with pytest.raises(NotOwner):
            await Writer.count.put(1)
        with pytest.raises(TooSlow):
            async with timeout(1):
                await channel.take()
        await fiber(closes)
        with pytest.raises(ChannelClosed):
            await channel.take()
        await Reader.Said("done")

    page.start(Reader, is_refused)
    with no_cycles():
        await page.settle()
        await page.advance(1)
    assert page.said()[0] == "Reader says Said(word='done')"
