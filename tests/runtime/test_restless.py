"""A coroutine that does operations and never pauses keeps its page busy for ever: the log tells."""

from __future__ import annotations

import logging

import pytest
import trio

from spindle import Channel, Yielded, fiber, open_page
from spindle._core.kernel import restless
from spindle._runtime.life_log import LIFE
from tests.core.test_restless import Board, forgets_to_wait, line_of
from tests.drivers import HOSTED, on_trio
from tests.talk import Desk, Talk

STRETCH = 10_000
"""Here, and not the tenfold."""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restless, "STRETCH", STRETCH)


def warnings(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [
        each for each in caplog.records if (each.name, each.levelno) == (LIFE.name, logging.WARNING)
    ]


@HOSTED
@on_trio(1)
async def test_one_that_never_pauses_is_told_of_once(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    async with open_page(Board, hosted=hosted, name="shop #3") as page:
        page.outbox.close()
        page.start(Board, forgets_to_wait)
        while not warnings(caplog):
            await trio.lowlevel.checkpoint()
        for _ in range(200):
            await trio.lowlevel.checkpoint()
        (record,) = warnings(caplog)
    assert record.getMessage() == (
        f"Board goes on and on: it did not pause in 10,000 operations, and stands at "
        f"{line_of(forgets_to_wait, 'Shown')} forgets_to_wait. Is an `await` missing, as in "
        f"`match await Board.Waiting(...):`?"
    )
    assert (vars(record)["page"], vars(record)["spindle"]) == ("shop #3", "Board")


@pytest.mark.bulk
@HOSTED
@on_trio(1)
async def test_nothing_is_said_of_those_that_pause(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Two keep a page busy for long, and wait for each other all the time."""
    caplog.clear()
    items = Channel[int]()

    async def puts() -> None:
        for number in range(STRETCH + 2000):
            await items.put(number)

    async def takes() -> None:
        await fiber(puts)
        for _ in range(STRETCH + 2000):
            await items.take()
        await Desk.Ask()

    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, takes)
        _, message = await page.outbox.receive()
        assert message == Yielded(Desk.Ask())
    assert warnings(caplog) == []


@pytest.mark.bulk
@HOSTED
@on_trio(1)
async def test_a_pause_begins_the_count_anew(
    hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()

    async def works() -> None:
        for _ in range(3):
            for _ in range(STRETCH - 2000):
                await Desk.Said("x")
            await Desk.Ask()

    async with open_page(Talk, hosted=hosted) as page:
        page.outbox.close()
        page.start(Desk, works)
        for _ in range(3):
            while not page.pending():
                await trio.lowlevel.checkpoint()
            page.resume(Desk.Told())
    assert warnings(caplog) == []
