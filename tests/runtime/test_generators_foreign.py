"""Async generators that are dropped half-way, where an event loop does not do what trio does."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator

import pytest

from spindle import ForeignAwait, open_page
from tests.drivers import Stage, on_trio, under
from tests.talk import Desk, Talk

# It is right that a dropped generator is warned of.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@under("hand", "hosted", seeds=1)
async def test_K6_what_is_no_operation_is_refused_as_such(page: Stage) -> None:
    said: list[str] = []

    class Strange:
        def __await__(self):
            return (yield 42)

    async def careless() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            try:
                await Strange()
            except ForeignAwait as error:
                said.append(str(error))

    async def drops() -> None:
        async for _ in careless():
            break

    page.start(Desk, drops)
    await page.settle()
    assert said == [
        "careless awaited something (int) while it was closed. It was dropped half-way, so nobody "
        "runs it any more. Write `async with aclosing(careless(...))` around its use, which closes "
        "it in time"
    ]


@on_trio(1)
async def test_K6_where_nobody_takes_care_of_generators_all_are_closed() -> None:
    """As Python would, if there were no hooks at all."""
    log: list[str] = []

    async def views() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            log.append("closed")

    sys.set_asyncgen_hooks(None, None)  # trio sets back what was there before the run
    async with open_page(Talk, hosted=True):
        async for _ in views():
            break
        assert log == ["closed"]
