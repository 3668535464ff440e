"""A cleanup that uses up its budget is cut, and the log says so: the code itself cannot know."""

from __future__ import annotations

import logging

import pytest
import trio

from spindle import cleanup, fiber, open_page, sleep, timeout
from spindle._runtime.life_log import LIFE
from tests.drivers import HOSTED, on_trio
from tests.talk import Desk, Talk


async def stays(seconds: float, budget: float) -> None:
    try:
        await Desk.Ask()
    finally:
        async with cleanup(budget):
            await sleep(seconds)


async def has_a_fiber_that_stays() -> None:
    await fiber(stays, 30, 2)
    await Desk.Ask()


async def releases_by_trio() -> None:
    try:
        await Desk.Ask()
    finally:
        async with cleanup(2):
            await trio.sleep(30)


async def is_limited() -> None:
    async with timeout(1):
        await Desk.Ask()


def heads(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The first line of each warning."""
    return [
        each.getMessage().partition("\n")[0]
        for each in caplog.records
        if (each.name, each.levelno) == (LIFE.name, logging.WARNING)
    ]


@HOSTED
@on_trio()
async def test_a_cleanup_over_its_budget_is_a_warning(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    async with open_page(Talk, hosted=hosted, name="shop #3") as page:
        page.start(Desk, stays, 30, 2)
        await trio.sleep(1)
        await page.cancel("the tab was closed")
    assert heads(caplog) == ["Talk.Desk is cut in its cleanup(2), waiting for sleep until 31"]
    (record,) = (each for each in caplog.records if each.levelno == logging.WARNING)
    assert vars(record)["page"] == "shop #3"
    assert vars(record)["spindle"] == "Talk.Desk"
    assert record.getMessage().splitlines()[1].endswith(" stays")


@HOSTED
@on_trio()
async def test_a_fiber_is_named_by_its_function(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, has_a_fiber_that_stays)
        await trio.sleep(1)
        await page.cancel("over")
    (head,) = heads(caplog)
    assert head == "stays of Talk.Desk is cut in its cleanup(2), waiting for sleep until 31"


@on_trio()
async def test_what_is_awaited_of_trio_is_told_by_the_stack(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    async with open_page(Talk) as page:
        page.start(Desk, releases_by_trio)
        await trio.sleep(1)
        await page.cancel("over")
    assert heads(caplog) == ["Talk.Desk is cut in its cleanup(2)"]
    assert "releases_by_trio" in caplog.text


@HOSTED
@on_trio()
async def test_nothing_is_said_within_the_budget_nor_of_a_timeout(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, stays, 1, 2)
        page.start(Desk, is_limited, instance="limited")
        await trio.sleep(1)
        await page.cancel("over")
    assert heads(caplog) == []
