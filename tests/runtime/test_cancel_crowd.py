"""Cancel at every step, for what spindles share: fibers, scopes, races, cells, channels, restarts.

One page of three spindles and their forks and fibers is played again and again, each time with one
thing done to it before or after one step of one task. After each run the items of the channels, the
values of the cells, the events, the order of ends and what is left are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.laboratory.crowd.crowd import Crowd
from tests.laboratory.crowd.meddling import HOSTED_MEDDLING, MEDDLING
from tests.laboratory.crowd.search import search
from tests.tally import TALLY

pytestmark = pytest.mark.search


def each(meddling: Iterable[str]) -> pytest.MarkDecorator:
    """One test a kind of meddling."""
    return pytest.mark.parametrize("meddling", meddling)


@each(MEDDLING)
def test_a_page_of_tasks_is_meddled_with_at_every_seventh_step(meddling: str) -> None:
    assert _runs(search([meddling], hosted=False, stride=7)) > 20


@each(HOSTED_MEDDLING)
def test_a_hosted_page_is_meddled_with_at_every_fourth_step(meddling: str) -> None:
    assert _runs(search([meddling], hosted=True, stride=4)) > 20


@pytest.mark.soak
@pytest.mark.timeout(900)
@each(MEDDLING)
def test_a_page_of_tasks_is_meddled_with_at_every_step(meddling: str) -> None:
    """Five schedules, every step: buys the rare coincidence of cancel, hand-over and deadline."""
    assert _runs(search([meddling], hosted=False, seeds=range(5))) > 500


@pytest.mark.soak
@pytest.mark.timeout(900)
@each(HOSTED_MEDDLING)
def test_a_hosted_page_is_meddled_with_at_every_step(meddling: str) -> None:
    """Five schedules, every step: buys the rare coincidence of cancel, hand-over and deadline."""
    assert _runs(search([meddling], hosted=True, seeds=range(5))) > 200


def _runs(search: Iterable[Crowd]) -> int:
    runs = sum(1 for _ in search)
    TALLY["runs of a crowd meddled with at one step"] += runs
    return runs


def test_the_runs_reach_what_they_are_for() -> None:
    """A search that cannot find anything proves nothing."""
    seen: Counter[str] = Counter()
    for run in search(["cancel_fibers", "fail_fibers", "cancel_native"], hosted=False, stride=10):
        seen += _sights(run)
    for sight in SIGHTS:
        assert seen[sight] > 5, f"{sight}: {seen}"


SIGHTS = (
    "left the scope",
    "left the timeout",
    "left the cleanup",
    "left trio's scope",
    "mapped",
    "put item",
    "Take gave item",
    "Change gave",
    "won, of Race",
    "withdrawn",
    "replaced by",
    "was made to fail",
    "dead-lettered",
    "TooSlow",
    "RestartsSpent",
)


def _sights(run: Crowd) -> Counter[str]:
    return Counter({sight: sum(sight in line for line in run.world.log) for sight in SIGHTS})
