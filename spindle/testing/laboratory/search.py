"""The search: which runs of a scenario are made, until one goes wrong or the budget is spent.

1. The plain run, in which nothing is done to the program and tasks run as they were started.
2. Schedules in order, each once, with at most so many delays: a delay is a task that could have
   run and did not. Few delays find most bugs: Emmi, Qadeer, Rakamarić, "Delay-Bounded Scheduling",
   POPL 2011.
3. Each injection at each point of the plain run, or evenly at fewer where the budget is small.
4. Runs by priorities and by chance, most of them with one injection, some with two.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import name_of
from spindle.testing.laboratory.experiment import Experiment, Scenario
from spindle.testing.laboratory.guides import Chance, Follow, Guide, Priorities
from spindle.testing.laboratory.leftovers import collect, swept_quickly
from spindle.testing.laboratory.origins import ORIGINS
from spindle.testing.laboratory.report import Report, Violation
from spindle.testing.laboratory.run import Run
from spindle.testing.laboratory.schedule import Injection, Schedule
from spindle.testing.laboratory.seams import watching
from spindle.testing.laboratory.shrinking import shrunk

if TYPE_CHECKING:
    from spindle.testing.laboratory.seams import Watcher
    from spindle.testing.laboratory.settings import Settings

__all__ = ["Budget", "Search"]

__tracebackhide__ = hides_frames

DEPTH: Final = 3
"""Of the bugs that runs by priorities look for."""
WITHOUT_PAGES: Final = frozenset({"host", "deadline", "neighbour", "nursery"})
"""What can be done to a program that opens no page."""


@dataclass(frozen=True)
class Budget:
    """How much is tried."""

    runs: int = 1000
    delays: int | None = 2
    """How many delays a schedule that is tried in order has at most; None for any number."""
    cancel: Sequence[str] | None = None
    """What is done to the program; None for all there is."""
    seed: int = 0


class Search:
    """The search of one scenario."""

    def __init__(self, scenario: Scenario, budget: Budget, settings: Settings) -> None:
        """Prepare it.

        Raises:
            UsageError: an origin is not known.
        """
        self._scenario = scenario
        self._budget = budget
        self._settings = settings
        self._plain = Run(Schedule())
        self._report = Report(name_of(scenario), delays=budget.delays)
        self._draw = random.Random(budget.seed)
        self._watcher: Watcher

    def run(self) -> Report:
        """Search until something is found or the budget is spent.

        Raises:
            Violation: something does not hold; the run is shrunk.
            UsageError: what is to be done to the program is not known.
        """
        began = perf_counter()
        with watching() as self._watcher, swept_quickly():
            for kind, run in self._runs():
                self._report.runs[kind] += 1
                self._report.pages += run.pages
                if run.faults:
                    self._fail(run)
        self._report.seconds = perf_counter() - began
        return self._report

    def replay(self, token: str) -> Run:
        """Make the run of a token, with its transcript.

        Raises:
            UsageError: it is not a token.
        """
        schedule = Schedule.parse(token)
        self._settings = replace(self._settings, interleaving=schedule.interleaving)
        with watching() as self._watcher, swept_quickly():
            run = self._follow(schedule, tell=True)
        for injection in schedule.injections:
            if injection.origin not in (*ORIGINS, *run.offers):
                raise UsageError(
                    f"{token!r} has {injection.origin!r} done to the program, which it does not "
                    f"offer: offer it again under that name, or search for a new token"
                )
        return run

    def _fail(self, run: Run) -> None:
        smallest = shrunk(run, self._follow)
        told = self._follow(smallest.schedule, tell=True)
        again = bool(told.faults) and told.faults[0].kind == smallest.faults[0].kind
        shown = told if again else smallest
        tried = self._report.total
        raise Violation(self._report.scenario, shown, tried, again=again) from shown.error

    def _follow(self, schedule: Schedule, *, tell: bool = False) -> Run:
        return self._make(Follow(schedule.picks), schedule.injections, tell=tell)

    def _make(
        self, guide: Guide, injections: Sequence[Injection] = (), *, tell: bool = False
    ) -> Run:
        experiment = Experiment(
            self._scenario, guide, injections, self._settings, self._watcher, tell=tell
        )
        try:
            run = experiment.play()
        except BaseException:
            experiment.forget()
            collect([])
            raise
        if run.faults:
            held: list[object] = [experiment]
            del experiment
            collect(held)
        return run

    # --- which runs -----------------------------------------------------------------------------

    def _runs(self) -> Iterator[tuple[str, Run]]:
        self._plain = self._make(Follow({}))
        yield "schedules", self._plain
        self._report.points = self._plain.points
        self._report.origins = self._origins()
        runs = self._budget.runs
        yield from self._schedules(runs - 1 if self._budget.delays is None else runs // 4)
        yield from self._injections(runs // 2)
        if self._report.complete and not self._report.origins:
            return
        while self._report.total < runs:
            yield "random", self._random()

    def _origins(self) -> tuple[str, ...]:
        """What is done to the program, of what is asked for and makes a difference."""
        known = (*ORIGINS, *self._plain.offers)
        cancel = self._budget.cancel
        if isinstance(cancel, str):
            raise UsageError(f"cancel= takes the names one by one: write cancel=[{cancel!r}]")
        wanted = known if cancel is None else tuple(cancel)
        for name in wanted:
            if name not in known:
                raise UsageError(
                    f"cancel= names {name!r}, which is no origin of a cancellation: there are "
                    f"{', '.join(known)}; the scenario may offer others, trial.offer(name, action)"
                )
        if self._plain.pages:
            return wanted
        return tuple(name for name in wanted if name in WITHOUT_PAGES or name not in ORIGINS)

    def _schedules(self, most: int) -> Iterator[tuple[str, Run]]:
        """Schedules in order, each the last one with its last choice changed that can be."""
        taken = self._plain.choices
        for _ in range(most):
            picks = self._next(taken)
            if picks is None:
                self._report.exhausted = True
                return
            run = self._make(Follow(dict(enumerate(picks))))
            taken = run.choices
            yield "schedules", run

    def _next(self, taken: list[tuple[int, int, bool]]) -> list[int] | None:
        """The next schedule in order, that has no more delays than it may."""
        bound, before = self._budget.delays, [0]
        for pick, _, delays in taken:
            before.append(before[-1] + pick * delays)
        for number in reversed(range(len(taken))):
            pick, options, delays = taken[number]
            if pick + 1 == options:
                continue
            if bound is None or before[number] + (pick + 1) * delays <= bound:
                return [*(each for each, *_ in taken[:number]), pick + 1]
            self._report.bounded = True
        return None

    def _injections(self, most: int) -> Iterator[tuple[str, Run]]:
        """Each origin at each point, or at every so many, another one each time."""
        origins, points = self._report.origins, self._plain.points
        if not origins or not most:
            return
        self._report.stride = stride = max(1, -(-len(origins) * points // most))
        for offset, origin in enumerate(origins):
            for point in range(1 + offset % stride, points + 1, stride):
                yield "injections", self._make(Follow({}), [Injection(point, origin)])

    def _random(self) -> Run:
        draw, choices = self._draw, len(self._plain.choices)
        guide = Priorities(draw, DEPTH, choices) if draw.random() < 0.7 else Chance(draw)
        return self._make(guide, self._drawn_injections())

    def _drawn_injections(self) -> list[Injection]:
        origins, draw = self._report.origins, self._draw
        if not origins:
            return []
        how_many = draw.choices((0, 1, 2), (2, 6, 2))[0]
        return [
            Injection(draw.randint(1, self._plain.points + 1), draw.choice(origins))
            for _ in range(how_many)
        ]
