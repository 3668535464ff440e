"""Trio's own shields, and cleanups, inside spindles that are tasks."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, Errored, UsageError, cleanup, open_page, perform
from tests.drivers import on_trio
from tests.talk import Bell, Desk, Talk, ring_once


async def ask_in_a_shield(asleep: float) -> None:
    with trio.CancelScope(shield=True):
        if asleep:
            await trio.sleep(asleep)
        await Desk.Ask()


@pytest.mark.parametrize("asleep", [0, 1, 10])
@pytest.mark.parametrize("cancelled_at", [0, 2])
@on_trio()
async def test_trios_shield_around_a_yield_does_not_keep_a_page(
    asleep: float, cancelled_at: float
) -> None:
    """It cannot hold an operation: the kernel ends it, and says what to use instead."""
    async with open_page(Talk) as page:
        handle = page.start(Desk, ask_in_a_shield, asleep)
        neighbour = page.start(Bell, ring_once)
        if cancelled_at:
            await trio.sleep(cancelled_at)
        with trio.fail_after(100):
            await page.cancel("closing time")
    assert isinstance(handle.outcome, Errored)
    assert isinstance(handle.outcome.error, UsageError)
    assert "cleanup(" in str(handle.outcome.error)
    assert neighbour.outcome == Cancelled("closing time")


@on_trio()
async def test_a_call_in_a_shield_of_trios_is_waited_for_and_received() -> None:
    got: list[str] = []

    async def call() -> str:
        await trio.sleep(5)
        return "value"

    async def shields() -> None:
        with trio.CancelScope(shield=True):
            got.append(await perform(call))
        await Desk.Said("not any more")

    async with open_page(Talk) as page:
        handle = page.start(Desk, shields)
        await trio.sleep(1)
        with trio.fail_after(100):
            await page.cancel("closing time")
    assert got == ["value"]
    assert handle.outcome == Cancelled("closing time")


@on_trio()
async def test_a_cleanup_inside_a_shield_of_trios_works() -> None:
    log: list[str] = []

    async def shields() -> None:
        try:
            await Desk.Ask()
        finally:
            with trio.CancelScope(shield=True):
                async with cleanup(2):
                    await perform(trio.sleep, 1)
                    log.append("cleaned")
                async with cleanup(2):
                    await perform(trio.sleep_forever)
                log.append("cut")

    async with open_page(Talk) as page:
        handle = page.start(Desk, shields)
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        await page.cancel("closing time")
        assert trio.current_time() - began == 3
    assert log == ["cleaned", "cut"]
    assert handle.outcome == Cancelled("closing time")


@on_trio()
async def test_a_cleanup_budget_counts_from_its_entry_on_trios_clock() -> None:
    log: list[str] = []

    async def cleans() -> None:
        await trio.sleep(5)
        async with cleanup(2):
            await trio.sleep(1)
            log.append("within the budget")
        async with cleanup(2):
            await trio.sleep(3)
            log.append("beyond the budget")
        log.append(f"at {trio.current_time() - began:g}")

    async with open_page(Talk) as page:
        began = trio.current_time()
        page.start(Desk, cleans)
        await page.wait()
    assert log == ["within the budget", "at 8"]


@on_trio()
async def test_a_shielded_wait_of_trios_is_waited_for() -> None:
    log: list[str] = []

    async def shields() -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(5)
            log.append("slept")
        await Desk.Said("not any more")

    async with open_page(Talk) as page:
        handle = page.start(Desk, shields)
        await trio.sleep(1)
        await page.cancel("closing time")
    assert log == ["slept"]
    assert handle.outcome == Cancelled("closing time")
