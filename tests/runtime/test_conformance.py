"""One source, one conversation: whole random pages, the same under every driver.

A page is a script of bursts of inputs, and programs of every operation there is, as plain data. It
is played by hand, hosted and as tasks, with several seeds of trio's scheduler. What is said, what
the journal is told, how each event and each coroutine ended and what the spindles' own code saw, in
which order, is equal to the letter; and nothing is left.

Calls are compared for the same order of their ends: the fakes end at moments of their own. Those
that end at once do so in the turn of their spindle by hand and as tasks, but a tick later hosted;
so they are made where the page settles after each input, and not hosted.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.laboratory.programs.comparison import check_equal
from tests.laboratory.programs.performance import Performance
from tests.laboratory.programs.script import Script
from tests.laboratory.programs.strategies import scripts

LIMITS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
NORMAL = settings(max_examples=80, derandomize=True, **LIMITS)
SOAK = settings(max_examples=4000, **LIMITS)


@NORMAL
@given(scripts())
def test_K1_W6_random_pages_of_operations(script: Script) -> None:
    check_equal(script)


@NORMAL
@given(scripts("late"))
def test_K1_W6_random_pages_with_calls(script: Script) -> None:
    check_equal(script)


@NORMAL
@given(scripts("quick"))
def test_K1_W6_random_pages_with_calls_that_end_at_once(script: Script) -> None:
    check_equal(script, hosted=0)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@SOAK
@given(scripts())
def test_K1_W6_many_random_pages_of_operations(script: Script) -> None:
    """Thousands of pages, other ones every time: buys the rare order of things."""
    check_equal(script, hosted=2, task=4)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@SOAK
@given(scripts("late"))
def test_K1_W6_many_random_pages_with_calls(script: Script) -> None:
    """Thousands of pages, other ones every time: buys the rare order of things."""
    check_equal(script, hosted=2, task=4)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@SOAK
@given(scripts("quick"))
def test_K1_W6_many_random_pages_with_calls_that_end_at_once(script: Script) -> None:
    """Thousands of pages, other ones every time: buys the rare order of things."""
    check_equal(script, hosted=0, task=4)


def test_the_pages_reach_what_they_are_for() -> None:
    """Random pages that do nothing would be equal, too."""
    seen: Counter[str] = Counter()

    @settings(NORMAL, max_examples=250)
    @given(scripts("late"))
    def look(script: Script) -> None:
        log = Performance(script, "hand").play().world.log
        seen.update({sight: any(sight in line for line in log) for sight in SIGHTS})

    look()
    for sight in SIGHTS:
        assert seen[sight] > 0, f"{sight}: {seen}"


SIGHTS = (
    "Fork gave",
    "Fiber gave",
    "left the scope",
    "left the timeout",
    "left the cleanup",
    "mapped",
    "put item",
    "Take gave item",
    "Change gave",
    "Watch gave",
    "Join gave",
    "AwaitAll gave",
    "source 0 won",
    "source 1 won",
    "swallowed a cancellation",
    "replaced by",
    "handled",
    "stale",
    "dead-lettered",
    "was cut",
    "TooSlow",
    "ChannelClosed",
    "WasCancelled",
    "NotOwner",
    "PageClosing",
    "RestartsSpent",
    "from outside",
    "failed: ",
)
