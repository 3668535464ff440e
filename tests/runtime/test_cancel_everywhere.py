"""Cancel at every step: whatever ends a page, at whatever moment, nothing is lost and nothing left.

A page with three spindles, their calls, cleanups and, where they are tasks, trio's own scopes
around their waits is run again and again, each time with one thing done to it before or after one
step of one task. After each run `tests.laboratory.checks` looks at what is left, at the books, and
at what the spindles have seen themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.laboratory.injection import INJECTIONS
from tests.laboratory.run import Run
from tests.laboratory.search import HOSTED_INJECTIONS, search
from tests.tally import TALLY

pytestmark = pytest.mark.search

VIEWS = pytest.mark.parametrize("slow_view", [False, True], ids=["fast view", "slow view"])


def each(injections: Iterable[str]) -> pytest.MarkDecorator:
    """One test an injection."""
    return pytest.mark.parametrize("injection", injections)


@VIEWS
@each(INJECTIONS)
def test_a_page_of_tasks_is_interrupted_at_every_fifth_step(injection: str, slow_view) -> None:
    assert _runs(search([injection], hosted=False, slow_view=slow_view, stride=5)) > 20


@VIEWS
@each(HOSTED_INJECTIONS)
def test_a_hosted_page_is_interrupted_at_every_fifth_step(injection: str, slow_view) -> None:
    runs = search([injection], hosted=True, slow_view=slow_view, stride=5, seeds=[1])
    assert _runs(runs) > 20


@pytest.mark.soak
@pytest.mark.timeout(900)
@VIEWS
@each(INJECTIONS)
def test_a_page_of_tasks_is_interrupted_at_every_step(injection: str, slow_view) -> None:
    """Three schedules, every step: buys the rare coincidence of cancel, event and deadline."""
    runs = search([injection], hosted=False, slow_view=slow_view, seeds=range(3))
    assert _runs(runs) > 300


@pytest.mark.soak
@pytest.mark.timeout(900)
@VIEWS
@each(HOSTED_INJECTIONS)
def test_a_hosted_page_is_interrupted_at_every_step(injection: str, slow_view) -> None:
    """Three schedules, every step: buys the rare coincidence of cancel, event and deadline."""
    runs = search([injection], hosted=True, slow_view=slow_view, seeds=range(3))
    assert _runs(runs) > 300


def test_the_runs_reach_what_they_are_for() -> None:
    """A search that cannot find anything proves nothing."""
    seen: Counter[str] = Counter()
    for run in search(["burst", "native_burst", "cancel_native"], hosted=False, stride=5):
        seen += _sights(run)
    for sight in (
        "completed",
        "cancelled",
        "handled",
        "refused",
        "cancelled while it handled",
        "ended before it took",
        "withdrawn",
        "scope around a wait cancelled",
    ):
        assert seen[sight] > 5, f"{sight}: {seen}"


def _sights(run: Run) -> Counter[str]:
    lines = run.recording.lines()
    return Counter(
        {
            "completed": sum("-> completed" in line for line in lines),
            "cancelled": sum("-> cancelled" in line for line in lines),
            "handled": run.page.ledger.handled,
            "refused": run.page.ledger.refused,
            "cancelled while it handled": sum(
                "was cancelled while" in letter.reason for letter in run.letters
            ),
            "ended before it took": sum("ended before" in letter.reason for letter in run.letters),
            "withdrawn": sum("withdrawn" in line for line in lines),
            "scope around a wait cancelled": run.scopes_cancelled,
        }
    )


def _runs(search) -> int:
    """Play them all; the number shows with -s or when something fails."""
    runs = sum(1 for _ in search)
    print(f"{runs} runs")
    TALLY["runs interrupted at one step"] += runs
    return runs
