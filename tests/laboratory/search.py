"""Every step of a run, each with every injection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import get_args

from tests.laboratory.checks import violations
from tests.laboratory.injection import INJECTIONS, When
from tests.laboratory.run import Run

__all__ = ["HOSTED_INJECTIONS", "Violation", "all_violations", "search"]

HOSTED_INJECTIONS = [name for name in INJECTIONS if "native" not in name]


class Violation(AssertionError):
    """Something did not hold after a run; says what, and which run it was."""


def search(
    injections: Iterable[str],
    *,
    hosted: bool,
    slow_view: bool = False,
    seeds: Iterable[int] = (0,),
    stride: int = 1,
) -> Iterator[Run]:
    """Play a run for each step of each injection, before and after it.

    Raises:
        Violation: something did not hold.
    """
    for run in _runs(injections, hosted, slow_view, seeds, stride):
        run.play()
        found = violations(run)
        if found:
            run.forget()
            raise Violation("\n  ".join([f"{run}:", *found]) + f"\n\n{run.conversation}")
        yield run


def all_violations(
    *injections: str, hosted: bool = False, slow_view: bool = False, seeds: int = 1, stride: int = 1
) -> str:
    """Search to the end; return what was found, a line each."""
    found: list[str] = []
    for run in _runs(injections, hosted, slow_view, range(seeds), stride):
        run.play()
        these = violations(run)
        if these:
            found += [f"{run}: {each}" for each in these]
            run.forget()
    return "\n".join(found)


def _runs(
    injections: Iterable[str], hosted: bool, slow_view: bool, seeds: Iterable[int], stride: int
) -> Iterator[Run]:
    """One run after the other, each to be played before the next is asked for."""
    for injection in injections:
        for when in get_args(When):
            for seed in seeds:
                for at in count(1 + seed % stride, stride):
                    run = Run(injection, at, when, seed, hosted=hosted, slow_view=slow_view)
                    yield run
                    if not run.instrument.acted:
                        break
