"""The laboratory's doors: a decorator for tests, and functions for everybody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial, wraps
from inspect import Signature, iscoroutine, iscoroutinefunction, signature
from types import FunctionType
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import trio

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import name_of, shown
from spindle.testing.laboratory.report import Report, Violation
from spindle.testing.laboratory.scheduler import check_version
from spindle.testing.laboratory.search import Budget, Search
from spindle.testing.laboratory.settings import Settings

if TYPE_CHECKING:
    from spindle.testing.laboratory.experiment import Scenario
    from spindle.testing.laboratory.run import Run
    from spindle.testing.laboratory.schedule import Interleaving
    from spindle.testing.laboratory.trial import Trial

__all__ = ["explore", "replay", "search"]

__tracebackhide__ = hides_frames

P = ParamSpec("P")


def search(
    scenario: Scenario,
    *,
    runs: int = 1000,
    delays: int | None = 2,
    cancel: Sequence[str] | None = None,
    interleaving: Interleaving = "batches",
    may_raise: tuple[type[Exception], ...] = (),
    bound: float | None = None,
    seed: int = 0,
    steps: int = 10_000,
) -> Report:
    """Run a scenario again and again, under other schedules, until something does not hold.

    Blocks for as long as that takes: starts a run of trio for each run of the scenario.

    Args:
        scenario: an async function of a `Trial`. It does the same whenever it is run, uses no real
            time, chance, thread or network, and awaits anything of trio and Spindle.
        runs: how many runs are made, about.
        delays: schedules are tried in order up to so many delays: tasks that could have run next,
            and did not. None tries all, if `runs` is enough.
        cancel: what is done to the program at each point of its run, by name: `host` (the scope
            around it is cancelled), `deadline` (its deadline passes), `neighbour` (a task beside it
            fails), `nursery` (a task fails in the nursery of the one that takes a step); for its
            pages `page`, `stop`, `spindle` and `fiber`; and what it offers. All of them if none is
            given; `()` for nothing.
        interleaving: how far tasks are interleaved: `batches`, as trio does it, or `free`, where a
            task may take any number of steps before another takes one.
        may_raise: what the scenario and its spindles may raise. Where something was cancelled they
            may also raise what Spindle and trio say then, such as `PageClosed` and `WasCancelled`.
        bound: within how many seconds of the run's clock a page has to be gone when its end was
            asked for.
        seed: of the runs by chance.
        steps: how many steps of tasks a run may take before it counts as one that does not end.

    Returns:
        What was tried.

    Raises:
        Violation: something does not hold; says what, and how to have that run again.
        UsageError: an argument is wrong, or trio's version is not known.
    """
    _check_scenario("search", scenario)
    _check_counts(runs=runs, delays=0 if delays is None else delays, steps=steps)
    settings = Settings(interleaving, may_raise, bound, steps).checked()
    return Search(scenario, Budget(runs, delays, cancel, seed), settings).run()


def replay(
    scenario: Scenario,
    token: str,
    *,
    may_raise: tuple[type[Exception], ...] = (),
    bound: float | None = None,
    steps: int = 10_000,
) -> Run:
    """Make one run again, the one of a token; arguments as for `search`.

    Returns:
        The run, with its transcript, one line a step.

    Raises:
        Violation: what did not hold then does not hold now.
        UsageError: `token` is none, or names something that the scenario does not offer.
    """
    _check_scenario("replay", scenario)
    _check_counts(steps=steps)
    settings = Settings(may_raise=may_raise, bound=bound, steps=steps).checked()
    run = Search(scenario, Budget(), settings).replay(token)
    if run.faults:
        raise Violation(name_of(scenario), run, 1) from run.error
    return run


def explore(
    misused: None = None,
    /,
    *,
    runs: int = 1000,
    delays: int | None = 2,
    cancel: Sequence[str] | None = None,
    interleaving: Interleaving = "batches",
    may_raise: tuple[type[Exception], ...] = (),
    bound: float | None = None,
    seed: int = 0,
    steps: int = 10_000,
    replays: Sequence[str] = (),
) -> Callable[[Callable[Concatenate[Trial, P], Awaitable[object]]], Callable[P, None]]:
    """Make a test of a scenario: `@explore(runs=500)` over `async def test_it(trial)`.

    The test is a plain function. Its first parameter is the trial; those that follow are fixtures
    of pytest as in any test, made once for all runs. It prints what was tried, which pytest shows
    with `-rP`.

    Args:
        misused: nothing; for the message when the parentheses are forgotten.
        runs: see `search`, as for all others but the last.
        delays: see there.
        cancel: see there.
        interleaving: see there.
        may_raise: see there.
        bound: see there.
        seed: see there.
        steps: see there.
        replays: tokens of runs that went wrong once, which are made first.
    """
    if misused is not None:
        raise UsageError("explore is used with parentheses: @explore() or @explore(runs=500)")
    again = partial(replay, may_raise=may_raise, bound=bound, steps=steps)
    anew = partial(
        search,
        runs=runs,
        delays=delays,
        cancel=cancel,
        interleaving=interleaving,
        may_raise=may_raise,
        bound=bound,
        seed=seed,
        steps=steps,
    )

    def decorate(test: Callable[Concatenate[Trial, P], Awaitable[object]]) -> Callable[P, None]:
        return _test_of(test, replays, again, anew)

    return decorate


def _test_of(
    test: Callable[Concatenate[Trial, P], Awaitable[object]],
    replays: Sequence[str],
    again: Callable[[Scenario, str], Run],
    anew: Callable[[Scenario], Report],
) -> Callable[P, None]:
    """The plain function that replays and searches a scenario."""
    _check_scenario("explore", test)
    parameters = list(signature(test).parameters.values())
    if not parameters or parameters[0].name in ("self", "cls"):
        raise UsageError(
            f"explore() is for functions whose first parameter is the trial; "
            f"{name_of(test)} is not: make it a function of its own, `async def test(trial)`"
        )

    @wraps(test)
    def explores(*args: P.args, **kwargs: P.kwargs) -> None:

        @wraps(test)
        async def scenario(trial: Trial) -> None:
            await test(trial, *args, **kwargs)

        for token in replays:
            again(scenario, token)
        print(anew(scenario))

    # What is left for pytest to fill in; `wraps` would show it the trial, too.
    del explores.__wrapped__
    vars(explores)["__signature__"] = Signature(parameters[1:])
    return explores


def _check_scenario(taker: str, scenario: object) -> None:
    if iscoroutine(scenario):
        scenario.close()
        raise UsageError(
            f"{taker}() runs the scenario many times: pass the async function, not the coroutine "
            f"that calling it has made"
        )
    if not callable(scenario):
        raise UsageError(f"{taker}() takes an async function of a trial, not {shown(scenario)}")
    if isinstance(scenario, FunctionType) and not iscoroutinefunction(scenario):
        name = name_of(scenario)
        raise UsageError(
            f"{taker}() runs async functions, {name} is a plain one: write `async def`"
        )
    if trio.lowlevel.in_trio_run():
        raise UsageError(
            f"{taker}() starts runs of trio and blocks: call it from plain code, not from a task"
        )
    check_version(trio.__version__)


def _check_counts(**counts: object) -> None:
    for name, count in counts.items():
        if type(count) is not int or count < 0:
            raise UsageError(f"{name}= is a whole number from 0 on, not {shown(count)}")
