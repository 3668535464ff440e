"""One run: waves of visitors, one after the other, and what has to be true between two of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import trio

from spindle.stress.page_visits import open_page_visits
from spindle.stress.patience import Patience
from spindle.stress.process import resident_after_collection, tasks_living
from spindle.stress.site_load import SiteLoad
from spindle.stress.site_visits import open_site_visits
from spindle.stress.watchdog import Watchdog
from spindle.stress.wave import Wave

if TYPE_CHECKING:
    from spindle.stress.inspector import Inspector
    from spindle.stress.length import Length
    from spindle.stress.page_load import PageLoad
    from spindle.stress.progress import Progress
    from spindle.stress.report import Report

__all__ = ["Run", "Settings"]

WARM_UP: Final = 0.25
"""The share of the run after which the memory is taken for the first time."""
STORMS: Final = 2
"""Every so many waves, those that came together go at one moment."""
WAVE: Final = 0.5
"""Seconds for which visitors open one page after the other, where it is no storm."""
IN_A_ROW: Final = 40
"""How many pages each visitor opens in a wave of storms, at most."""
OTHERS: Final = 4
"""A load beside the first has so much less of everything: sockets take most of the time."""
LINGER: Final = 10.0
"""Seconds in which the tasks of a wave have to be gone."""
STILL: Final = 0.2
"""Seconds for which the number of tasks has to stand still to be taken as the usual one."""
LOOK: Final = 0.01
"""Seconds from one look at the tasks to the next, when they were looked at often enough already."""
TICKS: Final = 100


@dataclass(frozen=True)
class Settings:
    """How a run is done.

    Args:
        length: how long.
        at_once: visitors of a wave, of each kind of load.
        seed: of what the visitors do. The clock is real: a run does not repeat another.
        patience: seconds, on average, for which a visitor listens before acting unasked.
        hang: seconds without the end of a page that count as a hang.
    """

    length: Length
    at_once: int = 16
    seed: int = 0
    patience: float = 0.005
    hang: float = 60.0


class Visits(Protocol):
    """Visitors of one load."""

    @property
    def inspector(self) -> Inspector:
        """Knows the pages that are open."""
        ...

    def visitors(self, wave: Wave) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """Make the visitors of a wave, to be run at the same time."""
        ...


class Run:
    """Opens, talks to and ends pages until its length is reached.

    Args:
        loads: what is visited.
        settings: how.
        report: is told.
        progress: is shown.
        give_up: says what there is to say when a run that hangs has to end its process.
    """

    def __init__(
        self,
        loads: Sequence[PageLoad | SiteLoad],
        settings: Settings,
        report: Report,
        progress: Progress,
        give_up: Callable[[], object],
    ) -> None:
        self._loads = loads
        self._settings = settings
        self._report = report
        self._progress = progress
        self._give_up = give_up
        self._draw = random.Random(settings.seed)
        self._patience = Patience(settings.patience)
        self._visits: list[Visits] = []
        self._tasks = 0
        self._began = 0.0

    async def go(self) -> None:
        """Do it; cancelling ends all pages.

        Raises:
            Unmakeable: no answer can be made for an event of a contract.
            UsageError: an address to be opened shows no page.
        """
        with trio.CancelScope() as scope:
            async with AsyncExitStack() as stack:
                for load in self._loads:
                    self._visits.append(await stack.enter_async_context(self._opened(load)))
                watchdog = stack.enter_context(
                    Watchdog(
                        self._report, self._settings.hang, self._snapshots, scope, self._give_up
                    )
                )
                try:
                    await self._go_on(watchdog)
                finally:
                    self._report.seconds = trio.current_time() - self._began

    def _opened(self, load: PageLoad | SiteLoad) -> Any:
        if isinstance(load, SiteLoad):
            return open_site_visits(load, self._report, self._draw, self._patience)
        return open_page_visits(load, self._report, self._draw, self._patience)

    async def _go_on(self, watchdog: Watchdog) -> None:
        report = self._report
        self._began = trio.current_time()
        if self._settings.length.seconds is not None:
            self._patience.ends = self._began + self._settings.length.seconds
        # What is started once, by whoever comes first, is there before the tasks are counted.
        await self._wave(stormy=False, over=lambda: True)
        self._tasks = report.tasks_first = report.tasks_end = await _usual_tasks(watchdog)
        share = 0.0
        while share < 1:
            await self._usual_wave()
            await self._expect_tasks(watchdog)
            share = self._share()
            if not report.memory_warm and share >= WARM_UP:
                report.memory_warm = resident_after_collection()
        report.memory_end = resident_after_collection()
        report.judge_memory()
        report.over = True

    async def _usual_wave(self) -> None:
        ends = trio.current_time() + WAVE

        def over() -> bool:
            return self._share() >= 1 or trio.current_time() >= ends

        await self._wave(stormy=self._report.waves % STORMS == 0, over=over)

    async def _wave(self, *, stormy: bool, over: Callable[[], bool]) -> None:
        """Run several visitors at a time, of each load."""
        at_once = self._settings.at_once
        self._report.waves += 1
        async with trio.open_nursery() as nursery:
            for visits in self._visits:
                first = visits is self._visits[0]
                wave = Wave(
                    at_once if first else max(1, at_once // OTHERS),
                    storms=stormy * (IN_A_ROW if first else IN_A_ROW // OTHERS),
                    over=over,
                )
                for visitor in visits.visitors(wave):
                    nursery.start_soon(visitor)

    def _share(self) -> float:
        """How much of the run is done."""
        self._report.seconds = trio.current_time() - self._began
        share = self._settings.length.share(self._report)
        self._progress.tell(self._report, share)
        return share

    async def _expect_tasks(self, watchdog: Watchdog) -> None:
        """See that the tasks are as many as they were before the first wave."""
        latest = trio.current_time() + LINGER
        looks = 0
        while (living := tasks_living()) > self._tasks and trio.current_time() < latest:
            looks += 1
            watchdog.alive()
            await trio.sleep(0 if looks < TICKS else LOOK)
        self._report.tasks_end = living
        if living > self._tasks:
            self._report.violated(f"{living - self._tasks} tasks left after a wave of pages")
            self._tasks = living
        await trio.lowlevel.checkpoint()

    def _snapshots(self) -> str:
        return "\n\n".join(text for visits in self._visits for text in visits.inspector.snapshots())


async def _usual_tasks(watchdog: Watchdog) -> int:
    """Count the tasks when their number stands still, or does not come to that."""
    await trio.lowlevel.checkpoint()
    usual = tasks_living()
    since = trio.current_time()
    latest = since + LINGER
    while (now := trio.current_time()) - since < STILL and now < latest:
        watchdog.alive()
        await trio.sleep(LOOK)
        if tasks_living() != usual:
            usual, since = tasks_living(), trio.current_time()
    return usual
