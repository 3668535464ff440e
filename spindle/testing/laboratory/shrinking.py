"""Making a schedule that violates something as small as it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from spindle.testing.laboratory.schedule import Injection, Schedule

if TYPE_CHECKING:
    from spindle.testing.laboratory.run import Run

__all__ = ["shrunk"]

MOST_RUNS: Final = 400
"""How many runs are made for it at most."""


def shrunk(run: Run, again: Callable[[Schedule], Run]) -> Run:
    """The smallest run found that has the first fault of `run`.

    Fewer injections first, then fewer choices that are not the first, then smaller numbers.

    Args:
        run: one with a fault.
        again: makes the run of a schedule.
    """
    kind = run.faults[0].kind
    left = MOST_RUNS
    best, smaller = run, True
    while smaller and left > 0:
        smaller = False
        for candidate in islice(_smaller(best.schedule), left):
            left -= 1
            tried = again(candidate)
            fails = bool(tried.faults) and tried.faults[0].kind == kind
            if fails and _size(tried.schedule) < _size(best.schedule):
                best, smaller = tried, True
                break
    return best


def _size(schedule: Schedule) -> tuple[int, int, int, int]:
    picks = schedule.picks
    points = sum(each.point for each in schedule.injections)
    return len(schedule.injections), len(picks), sum(picks.values()) + sum(picks), points


def _smaller(schedule: Schedule) -> Iterator[Schedule]:
    """Schedules that say less, those that say least first."""
    injections, picks = schedule.injections, dict(schedule.picks)
    for index in range(len(injections)):
        yield replace(schedule, injections=injections[:index] + injections[index + 1 :])
    numbers = sorted(picks)
    part = len(numbers)
    while part:
        for begin in range(0, len(numbers), part):
            dropped = set(numbers[begin : begin + part])
            yield replace(schedule, picks={at: picks[at] for at in numbers if at not in dropped})
        part //= 2
    for number in numbers:
        for pick in range(1, picks[number]):
            yield replace(schedule, picks={**picks, number: pick})
    for index, each in enumerate(injections):
        for point in _earlier(each.point):
            moved = [*injections[:index], Injection(point, each.origin), *injections[index + 1 :]]
            yield replace(schedule, injections=tuple(sorted(moved)))


def _earlier(point: int) -> Iterator[int]:
    step = point // 2
    while step:
        yield point - step
        step //= 2
