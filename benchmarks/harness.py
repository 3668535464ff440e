"""Measure contenders against a floor: all of them every round, in random order, minima compared.

Machines are noisy and differ; the minima of a run repeat to within about a tenth, and their ratio
travels. Absolute times do not.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Bench", "Result", "measure"]

Case = Callable[[int], float]
"""Does n operations and returns what they cost, in the unit of its bench."""


@dataclass
class Bench:
    """Contenders for one figure; the first one is the floor."""

    name: str
    unit: str
    n: int
    rounds: int
    cases: dict[str, Case] = field(default_factory=dict)

    def case(self, contender: str) -> Callable[[Case], Case]:
        """Register a contender."""

        def add(case: Case) -> Case:
            self.cases[contender] = case
            return case

        return add

    @property
    def floor(self) -> str:
        return next(iter(self.cases))


@dataclass(frozen=True)
class Result:
    """The smallest value of one contender, and its ratio to the floor's."""

    name: str
    contender: str
    value: float
    unit: str
    floor: float
    ratio: float


def measure(benches: list[Bench]) -> list[Result]:
    """Run every case once a round, in a new random order, after one round to warm up."""
    values: dict[tuple[str, str], list[float]] = {}
    for number in range(1 + max(bench.rounds for bench in benches)):
        due = [
            (bench, contender)
            for bench in benches
            if number <= bench.rounds
            for contender in bench.cases
        ]
        random.shuffle(due)
        for bench, contender in due:
            gc.collect()
            cost = bench.cases[contender](bench.n) / bench.n
            if number:
                values.setdefault((bench.name, contender), []).append(cost)
    return [_result(bench, contender, values) for bench in benches for contender in bench.cases]


def _result(bench: Bench, contender: str, values: dict[tuple[str, str], list[float]]) -> Result:
    value = min(values[bench.name, contender])
    floor = min(values[bench.name, bench.floor])
    return Result(bench.name, contender, value, bench.unit, floor, value / floor)


def stopwatch() -> Callable[[], float]:
    """Start a clock of this thread's processor time; call it for the microseconds gone.

    Processor time, because nothing measured here sleeps, and a shared machine's wall clock also
    counts what it gave to others.
    """
    began = time.thread_time_ns()
    return lambda: (time.thread_time_ns() - began) / 1000
