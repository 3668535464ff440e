"""Many visitors of pages in the process: as tasks, hosted, and on one host."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import trio

from spindle._core.contracts.contract import Spindle, describe
from spindle._core.operations.clock import sleep
from spindle._runtime.host import PageHost, open_host
from spindle._runtime.page import open_page
from spindle.stress.inspector import Inspector
from spindle.stress.making.maker import Maker
from spindle.stress.page_visit import IN_A_BLOCK, ON_A_HOST, PageVisit

if TYPE_CHECKING:
    from spindle._runtime.page import PageMachine
    from spindle.stress.page_load import PageLoad
    from spindle.stress.patience import Patience
    from spindle.stress.report import Report
    from spindle.stress.wave import Wave

__all__ = ["PageVisits", "open_page_visits"]

MOMENT: Final = 0.001


class PageVisits:
    """Makes visitors of the pages of a load.

    Args:
        load: says what is visited.
        host: of the hosted ones.
        report: is told.
        draw: the chance of the run.
        patience: of each visitor, see `PageVisit`.
    """

    def __init__(
        self,
        load: PageLoad,
        host: PageHost,
        report: Report,
        draw: random.Random,
        patience: Patience,
    ) -> None:
        self.inspector = Inspector(report, load.left)
        self._load = load
        self._host = host
        self._report = report
        self._draw = draw
        self._patience = patience
        self._maker = Maker(draw, load.values)
        self._maker.check(describe(load.contract).events)

    def visitors(self, wave: Wave) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """Make the visitors of a wave, to be run at the same time."""
        return [partial(self._visit, number, wave) for number in range(wave.visitors)]

    async def _visit(self, number: int, wave: Wave) -> None:
        await trio.lowlevel.checkpoint()
        for storm in wave.visits():
            draw = random.Random(self._draw.random())
            visit = PageVisit(self._load, self._maker, draw, self._patience, storm, self._report)
            match number % 3 if self._load.hosted else 0:
                case 0:
                    await self._in_block(visit, draw.choice(IN_A_BLOCK), hosted=False)
                case 1:
                    await self._in_block(visit, draw.choice(IN_A_BLOCK), hosted=True)
                case _:
                    await self._on_host(visit, draw.choice(ON_A_HOST))

    async def _in_block(self, visit: PageVisit, how: str, *, hosted: bool) -> None:
        """Visit a page in a block of its own."""
        opened = "hosted" if hosted else "as tasks"
        around = trio.CancelScope()
        error: Exception | None = None
        await trio.lowlevel.checkpoint()
        try:
            with around:
                async with open_page(
                    self._load.contract, provide=self._load.provide, hosted=hosted
                ) as page:
                    self._has_opened(visit, page, opened, how)
                    await visit.converse()
                    await visit.end(how, around)
        except Exception as raised:
            error = raised
            visit.break_off()
        self._has_ended(visit, opened, error)

    async def _on_host(self, visit: PageVisit, how: str) -> None:
        """Visit a page of the host."""
        opened = "on a host"
        page = self._host.open(self._load.contract, provide=self._load.provide)
        self._has_opened(visit, page, opened, how)
        error: Exception | None = None
        try:
            await visit.converse()
            await visit.end(how, trio.CancelScope())
        except Exception as raised:
            error = raised
            visit.break_off()
            await page.cancel("its visitor failed")
        self._has_ended(visit, opened, error)

    def _has_opened(self, visit: PageVisit, page: PageMachine, opened: str, how: str) -> None:
        visit.page = page
        self.inspector.opened(page, f"page {opened}, ended by {how}")

    def _has_ended(self, visit: PageVisit, opened: str, error: Exception | None) -> None:
        now = trio.current_time()
        visit.hear_the_rest()
        if error is not None:
            self._report.raised(error, f"raised by a page {opened}")
        self.inspector.has_ended(
            visit.page,
            opened=opened,
            took=None if visit.asked_at is None else now - visit.asked_at,
            receipts=visit.receipts,
        )


class _Nap(Spindle):
    pass


async def _nap() -> None:
    await sleep(MOMENT)


async def _nap_on(host: PageHost, report: Report) -> None:
    """Let a deadline pass on a host: from the first one on it has a task that is no visitor's."""
    page = host.open(_Nap)
    try:
        page.start(_Nap, _nap, significant=True)
        await page.wait()
    except Exception as error:
        report.raised(error, "raised by the first page of a host")
    await page.cancel("it has slept")


@asynccontextmanager
async def open_page_visits(
    load: PageLoad, report: Report, draw: random.Random, patience: Patience
) -> AsyncGenerator[PageVisits, None]:
    """Make visitors for the length of an `async with` block, on a host of their own.

    Raises:
        Unmakeable: no answer can be made for an event of the contract.
    """
    async with open_host() as host:
        await _nap_on(host, report)
        yield PageVisits(load, host, report, draw, patience)
