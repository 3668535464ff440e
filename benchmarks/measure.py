"""Measure cases: all of them every round, in random order, minima compared.

Machines are noisy and differ; the minima of a run repeat to within about a tenth, and their ratio
travels. Absolute times do not.
"""

from __future__ import annotations

import gc
import random
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import trio

from benchmarks.figure import Case

__all__ = ["Measured", "measure", "on_trio", "stopwatch"]

LONGEST = 120
"""After so many seconds a run on trio is taken to hang."""


@dataclass(frozen=True)
class Measured:
    """The smallest value of a case, and of its floor."""

    case: Case
    value: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.value / self.floor


def measure(cases: list[Case]) -> tuple[list[Measured], list[Case]]:
    """Run each case and its floor once a round, in a new random order, after one to warm up.

    Returns:
        What was measured, floors first, and the cases that failed or whose floor did; why is
        printed.
    """
    cases = _with_floors(cases)
    values: dict[Case, list[float]] = {case: [] for case in cases}
    failed: set[Case] = set()
    for number in range(1 + max((case.figure.rounds for case in cases), default=0)):
        due = [case for case in cases if case not in failed and _due(case, number)]
        random.shuffle(due)
        for case in due:
            try:
                value = case.run(case.n)
            except Exception:
                traceback.print_exc()
                failed.add(case)
                continue
            if number:
                values[case].append(value)
    lost = [case for case in cases if case in failed or case.floor in failed]
    return [_measured(case, values) for case in cases if case not in lost], lost


def _with_floors(cases: list[Case]) -> list[Case]:
    floors = [case.floor for case in cases if case.floor is not None and case.floor not in cases]
    return [*dict.fromkeys(floors), *cases]


def _due(case: Case, number: int) -> bool:
    return number <= case.figure.rounds and not (number == 0 and case.figure.fresh)


def _measured(case: Case, values: dict[Case, list[float]]) -> Measured:
    return Measured(case, min(values[case]), min(values[case.floor or case]))


def on_trio(main: Callable[[], Awaitable[float]]) -> float:
    """Run `main` in a trio program of its own.

    Raises:
        trio.TooSlowError: it hangs.
    """

    async def limited() -> float:
        with trio.fail_after(LONGEST):
            return await main()

    return trio.run(limited)


def stopwatch(n: int) -> Callable[[], float]:
    """Start a clock of this thread's processor time; call it for the microseconds gone, over `n`.

    Processor time, because nothing measured with it sleeps, and a shared machine's wall clock also
    counts what it gave to others. Garbage made so far is collected first, for it is not part of
    what is measured.
    """
    gc.collect()
    began = time.thread_time_ns()
    return lambda: (time.thread_time_ns() - began) / 1000 / n
