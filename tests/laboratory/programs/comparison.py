"""One script under several drivers: it has to be the same page."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

from tests.laboratory.programs.checks import faults
from tests.laboratory.programs.performance import Performance
from tests.laboratory.programs.script import Script

__all__ = ["check_equal"]


def check_equal(script: Script, *, hosted: int = 1, task: int = 3) -> None:
    """Play a script by hand, hosted and as tasks, under so many seeds of the scheduler each.

    Raises:
        AssertionError: something does not hold after one of them, or two of them differ.
    """
    expected = _played(script, "hand", 0)
    for driver, seeds in (("hosted", hosted), ("task", task)):
        for seed in range(seeds):
            for what, value in _played(script, driver, seed).items():
                differs = "\n".join(_difference(expected[what], value))
                assert not differs, f"{what} of {driver}, seed {seed}:\n{differs}\n\n{script}"


def _played(script: Script, driver: str, seed: int) -> dict[str, Any]:
    performance = Performance(script, driver, seed).play()
    wrong = faults(performance)
    assert not wrong, f"{driver}, seed {seed}: {wrong}\n\n{script}"
    return performance.outcome()


def _difference(expected: Any, value: Any) -> list[str]:
    """The lines that differ, with some around them; empty if all is equal."""
    if expected == value:
        return []
    left, right = map(str, expected), map(str, value)
    return list(unified_diff(list(left), list(right), "by hand", "here", lineterm="", n=8))
