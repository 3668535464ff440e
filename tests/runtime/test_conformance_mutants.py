"""The comparison of `test_conformance` bites: where the order of things is wrong, pages differ."""

from __future__ import annotations

import pytest

from spindle._core.kernel import cells
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.meanings.table import MEANINGS
from spindle._core.kernel.record import READY
from spindle._core.kernel.timers import Timer
from spindle._core.operations.cell import PutCell
from spindle._runtime.tasks import Tasks
from tests.laboratory.programs.comparison import check_equal
from tests.laboratory.programs.maker import Calls, script_of_seed

pytestmark = [pytest.mark.search, pytest.mark.mutant]


def differs(calls: Calls = "none", pages: int = 300) -> bool:
    """Whether any page is not the same under every driver."""
    for seed in range(pages):
        try:
            check_equal(script_of_seed(seed, calls), hosted=0, task=2)
        except AssertionError:
            return True
    return False


def test_a_task_that_is_woken_goes_first(monkeypatch) -> None:
    wake = Tasks.resume

    def last_first(self: Tasks, record) -> None:
        ready = self.kernel.ready
        if ready and ready[-1].state is READY:
            ready.append(record)
            record = ready[-2]
            del ready[-2]
        wake(self, record)

    monkeypatch.setattr(Tasks, "resume", last_first)
    assert differs()


def test_deadlines_of_one_instant_in_another_order_as_tasks(monkeypatch) -> None:
    set_timer = Kernel.set_timer

    def backwards(self: Kernel, seconds: float, do, *args: object) -> Timer:
        timer = set_timer(self, seconds, do, *args)
        if isinstance(self.driver, Tasks):
            timer.number = -timer.number
        return timer

    monkeypatch.setattr(Kernel, "set_timer", backwards)
    assert differs()


def test_a_cancellation_that_reaches_the_oldest_first_as_tasks(monkeypatch) -> None:
    cancel = Kernel.cancel_page

    def turned(self: Kernel, cancelled) -> None:
        if isinstance(self.driver, Tasks) and self.stopping is None:
            self.live = dict(reversed(self.live.items()))
        cancel(self, cancelled)

    monkeypatch.setattr(Kernel, "cancel_page", turned)
    assert differs()


def test_a_cell_that_wakes_the_newest_watcher_first_as_tasks(monkeypatch) -> None:
    put = cells.put

    def turned(kernel, record, operation) -> object:
        state = (kernel.cells or {}).get(operation.cell)
        if state is not None and isinstance(kernel.driver, Tasks):
            state.waiting = dict(reversed(state.waiting.items()))
        return put(kernel, record, operation)

    monkeypatch.setitem(MEANINGS, PutCell, turned)
    assert differs()


@pytest.mark.parametrize("seconds", [0.001])
def test_a_clock_of_tasks_that_runs_ahead(monkeypatch, seconds: float) -> None:
    arrive = Kernel.arrive

    def ahead(self: Kernel, at: float) -> None:
        arrive(self, at + seconds * isinstance(self.driver, Tasks))

    monkeypatch.setattr(Kernel, "arrive", ahead)
    assert differs()
