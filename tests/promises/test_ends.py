"""What is there when a page has ended, however it was interrupted: nothing, and cleaned up once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import trio
import trio.testing

from spindle import PageMachine, open_page
from spindle.testing import Recording
from tests.drivers import HOSTED, play, run_on_trio
from tests.laboratory.injection import AtStep
from tests.promises.fair import Desk, Fair, Slow, Visit, left_in
from tests.stage import Stage, TrioStage

pytestmark = pytest.mark.bulk

ROUNDS = 6


class Interrupted:
    """A visit that something happens to at one step of trio's."""

    def __init__(self, visitor: int, step: int, what: str, *, hosted: bool) -> None:
        # The last ones make calls, which are tasks of their own on a hosted page.
        self.visit = Visit(visitor, Slow() if visitor % 2 else None, rounds=ROUNDS)
        self.hosted = hosted
        self.around = trio.CancelScope()
        self.at = AtStep(step, "after", lambda: INTERRUPTIONS[what](self))
        self.page: PageMachine
        self.stage: Stage
        self.tasks_left = 0
        run_on_trio(self._main, visitor, [self.at])

    async def _main(self) -> None:
        await trio.testing.wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living
        with self.around:
            async with (
                trio.open_nursery() as outside,
                open_page(Fair, hosted=self.hosted) as self.page,
            ):
                outside.start_soon(looks_on, self.page.changes(Desk.served))
                self.stage = TrioStage(self.page, "", Recording())
                self.at.armed = True
                await self.visit.play(self.stage)
        self.at.armed = False
        await trio.testing.wait_all_tasks_blocked()
        self.tasks_left = trio.lowlevel.current_statistics().tasks_living - before

    def left(self) -> list[str]:
        found = left_in(self.page._driver.kernel, self.visit.grounds)
        return found + [f"{self.tasks_left} tasks"] * bool(self.tasks_left)


async def looks_on(served: trio.abc.ReceiveChannel[int]) -> None:
    """Follows the page from outside until it has ended."""
    async for _ in served:
        pass


INTERRUPTIONS: dict[str, Callable[[Interrupted], None]] = {
    "the page is cancelled": lambda run: run.page.cancel_nowait("by somebody"),
    "the task around is cancelled": lambda run: run.around.cancel(),
    "its spindle is cancelled": lambda run: run.visit.handle.cancel_nowait("by somebody"),
    "a deadline passes": lambda run: setattr(run.around, "deadline", trio.current_time()),
}


def interrupted(*, hosted: bool) -> Iterator[tuple[str, Interrupted]]:
    for number, what in enumerate(INTERRUPTIONS):
        for visitor in (number, number + 3):
            step = 1 + number
            while True:
                run = Interrupted(visitor, step, what, hosted=hosted)
                if run.at.steps < step:
                    break
                yield f"{what} after step {step}, visitor {visitor}", run
                step += 2


@HOSTED
def test_no_task_channel_watcher_or_timer_left_after_a_page_ends(hosted: bool) -> None:
    runs = 0
    for name, run in interrupted(hosted=hosted):
        assert not run.left(), name
        runs += 1
    assert runs > 100


def test_no_channel_watcher_or_timer_left_after_a_page_by_hand_ends() -> None:
    for visitor in range(60):
        visit = Visit(visitor)
        assert not left_in(play("hand", visit.play, Fair).kernel, visit.grounds), visitor


@HOSTED
def test_cleanup_runs_exactly_once(hosted: bool) -> None:
    cleanups: Counter[str] = Counter()
    for name, run in interrupted(hosted=hosted):
        grounds = run.visit.grounds
        assert Counter(grounds.cleaned) == Counter(grounds.began), name
        cleanups.update(grounds.cleaned)
    assert min(cleanups[who] for who in ("desk", "stamps", "board", "glances", "look")) > 20, (
        cleanups
    )


def test_cleanup_runs_exactly_once_by_hand() -> None:
    for visitor in range(60):
        visit = Visit(visitor)
        play("hand", visit.play, Fair)
        assert Counter(visit.grounds.cleaned) == Counter(visit.grounds.began), visitor
