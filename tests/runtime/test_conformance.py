"""One source, one conversation: whole random pages, the same under every driver."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.laboratory.programs.checks import faults
from tests.laboratory.programs.performance import Performance
from tests.laboratory.programs.script import Script
from tests.laboratory.programs.strategies import scripts

COMMON = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}
NORMAL = settings(max_examples=100, derandomize=True, database=None, **COMMON)
SOAK = settings(max_examples=5000, database=None, **COMMON)


def equal_under(script: Script, *others: tuple[str, int]) -> None:
    """Demand that a script is played alike by hand and under every one of these drivers."""
    by_hand = Performance(script, "hand").play()
    assert faults(by_hand) == []
    expected = by_hand.outcome()
    for driver, seeds in others:
        for seed in range(seeds):
            played = Performance(script, driver, seed).play()
            assert faults(played) == [], (driver, seed)
            outcome = played.outcome()
            for what, value in expected.items():
                assert outcome[what] == value, (driver, seed, what)


@given(scripts())
@NORMAL
def test_K1_W6_random_programs_of_operations(script: Script) -> None:
    equal_under(script, ("hosted", 1), ("task", 3))


@given(scripts("late"))
@NORMAL
def test_K1_W6_random_programs_with_calls(script: Script) -> None:
    equal_under(script, ("hosted", 2), ("task", 3))


@given(scripts("quick"))
@NORMAL
def test_K1_W6_random_programs_with_calls_that_end_at_once(script: Script) -> None:
    equal_under(script, ("task", 3))
