"""Pages in the laboratory: nothing that is done to them at any point breaks an invariant."""

from __future__ import annotations

import logging

import pytest

from spindle.testing.laboratory import Report, search
from tests.tally import TALLY
from tests.testing.laboratory.scenarios import CASES, MAY_RAISE, SCENARIOS

pytestmark = pytest.mark.search

each = pytest.mark.parametrize(
    ("name", "hosted"), [pytest.param(*case, id="-".join(map(str, case))) for case in CASES]
)


def tallied(report: Report) -> Report:
    """Count the runs in, and show what was tried."""
    TALLY["runs in the laboratory"] += report.total
    print(report)
    return report


@each
def test_a_page_under_every_schedule_cancelled_everywhere(name: str, hosted: bool) -> None:
    scenario = SCENARIOS[name](hosted)
    tallied(search(scenario, runs=200, may_raise=MAY_RAISE, bound=10))


@each
def test_a_page_whose_tasks_are_interleaved_freely(name: str, hosted: bool) -> None:
    scenario = SCENARIOS[name](hosted)
    tallied(search(scenario, runs=75, interleaving="free", may_raise=MAY_RAISE, bound=10, seed=1))


@pytest.mark.soak
@pytest.mark.timeout(900)
@each
def test_a_page_searched_for_long(
    name: str, hosted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Twenty thousand runs of each: buys the coincidence of a schedule and two injections."""
    # What pytest keeps of the log would keep tracebacks, and with them what spindles had in hand.
    caplog.set_level(logging.CRITICAL, "spindle")
    for interleaving in ("batches", "free"):
        scenario = SCENARIOS[name](hosted)
        tallied(
            search(
                scenario,
                runs=10_000,
                delays=3,
                interleaving=interleaving,  # type: ignore[arg-type]
                may_raise=MAY_RAISE,
                bound=10,
                seed=2,
            )
        )
