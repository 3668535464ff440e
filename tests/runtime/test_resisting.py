"""Spindles that swallow every cancellation and resist being closed, and what that costs others."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
import trio.testing

from spindle import PageLimits, open_page, scope, sleep, timeout
from tests.drivers import HOSTED, on_trio
from tests.runtime.stubborn import SAID, neighbour
from tests.talk import Bell, Desk, Talk

Swallows = Callable[..., Coroutine[Any, Any, None]]


async def swallows_yields(log: list[str]) -> None:
    try:
        while True:
            with contextlib.suppress(BaseException):
                await Desk.Ask()
            if log.count("round") < 50:
                log.append("round")
    finally:
        log.append("never")


async def resists(log: list[str]) -> None:
    while True:
        with contextlib.suppress(BaseException):
            log.append("goes on")
            await sleep(1)


async def resists_with_scopes(log: list[str]) -> None:
    while True:
        with contextlib.suppress(BaseException):
            await sleep(1)
        with contextlib.suppress(BaseException), trio.CancelScope():
            log.append("goes on")
            await trio.sleep(1)


async def resists_trio(log: list[str]) -> None:
    with trio.CancelScope():
        async with timeout(1000), scope():
            while True:
                with contextlib.suppress(BaseException):
                    log.append("goes on")
                    await trio.sleep(100)


@pytest.mark.parametrize("fn", [resists, resists_with_scopes, resists_trio])
@on_trio(3)
async def test_E6_one_that_resists_being_closed_is_given_up(fn: Swallows) -> None:
    log: list[str] = []
    async with open_page(Talk) as page:
        handle = page.start(Desk, fn, log)
        page.start(Bell, neighbour, log)
        await trio.testing.wait_all_tasks_blocked()
        await page.cancel("closing time")
    assert str(handle.outcome.error).startswith(SAID)
    rounds = len(log)
    gc.collect()
    assert len(log) == rounds, "it is kept, and runs no more"


SCRIPT = """
import logging
import trio, trio.testing
from spindle import open_page
from tests.talk import Desk, Talk

async def resists():
    while True:
        try:
            await trio.sleep(1)
        except BaseException:
            pass

async def main():
    async with open_page(Talk) as page:
        handle = page.start(Desk, resists)
        await trio.testing.wait_all_tasks_blocked()
        page.cancel_nowait("closing time")
    print(handle.outcome)

logging.disable()
trio.run(main)
"""


def test_E6_the_interpreter_ends_in_spite_of_one_that_was_given_up() -> None:
    """Collected at the end, where every call in it raises, it would loop for ever."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True
    )
    assert SAID in done.stdout
    assert done.stderr == ""


async def in_a_nursery(log: list[str], until: float) -> None:
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 40)
            while trio.current_time() < until:
                with contextlib.suppress(BaseException):
                    await Desk.Ask()
    finally:
        log.append("left")


async def in_a_nursery_with_trio(log: list[str], until: float) -> None:
    with trio.CancelScope():
        async with timeout(1000), trio.open_nursery():
            while trio.current_time() < until:
                with contextlib.suppress(BaseException):
                    await trio.sleep(100)
    log.append("left")


@pytest.mark.parametrize("fn", [in_a_nursery, in_a_nursery_with_trio])
@on_trio(3)
async def test_E6_where_closing_is_not_safe_the_page_waits_and_names_it(
    fn: Swallows, caplog
) -> None:
    """All else of the page ends within its bound, and the program is not kept busy."""
    caplog.clear()
    log: list[str] = []
    async with open_page(Talk, limits=PageLimits(overrun_seconds=2)) as page:
        began = trio.current_time()
        handle = page.start(Desk, fn, log, began + 5)
        other = page.start(Bell, neighbour, log)
        await trio.testing.wait_all_tasks_blocked()
        page.cancel_nowait("closing time")
        await other.wait()
        assert trio.current_time() - began == pytest.approx(1, abs=0.01)
        await page.wait()
        assert trio.current_time() - began == pytest.approx(5, abs=0.01)
    (record,) = caplog.records
    assert record.getMessage().startswith("Talk.Desk is still there 2")
    assert fn.__name__ in record.getMessage()
    assert log == ["neighbour cleaned", "left"]
    assert handle.outcome is not None


@HOSTED
@on_trio(3)
async def test_E6_pages_beside_it_are_served_meanwhile(hosted: bool) -> None:
    log: list[str] = []
    async with open_page(Talk, hosted=hosted) as bad, open_page(Talk) as good:
        bad.start(Desk, resists, log)
        bad.start(Desk, swallows_yields, log, instance="other")
        good.start(Bell, neighbour, log)
        await trio.testing.wait_all_tasks_blocked()
        await bad.cancel("closing time")
        assert bad.ended
        assert len(good.pending()) == 1
