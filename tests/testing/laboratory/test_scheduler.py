"""What is private to trio: verified with the version at hand, and put back afterwards."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

import pytest
import trio
from trio._core import _run

from spindle import UsageError
from spindle.testing.laboratory import Trial, search
from spindle.testing.laboratory.scheduler import VERIFIED_WITH, check_version


def test_it_was_verified_with_this_version_of_trio() -> None:
    """When this fails: run these tests with the new version, and add it to `VERIFIED_WITH`."""
    assert trio.__version__.rpartition(".")[0] in VERIFIED_WITH


@pytest.mark.parametrize("version", ["0.99.0", "1.0.0", "0.30.0"])
def test_another_version_is_refused(version: str) -> None:
    with pytest.raises(UsageError, match=rf"verified with trio 0.+, and this is {version}"):
        check_version(version)


def test_another_version_is_refused_by_every_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trio, "__version__", "9.9.9")
    with pytest.raises(UsageError, match=r"and this is 9\.9\.9"):
        search(_nothing)


async def _nothing(trial: Trial) -> None:
    await trio.lowlevel.checkpoint()


def test_trio_is_as_it_was_afterwards() -> None:
    was = _run._r, _run._ALLOW_DETERMINISTIC_SCHEDULING
    search(_nothing, runs=3)
    assert (_run._r, _run._ALLOW_DETERMINISTIC_SCHEDULING) == was


def _traces(tasks: int, steps: int) -> tuple[Callable[[Trial], Awaitable[None]], list[str]]:
    traces: list[str] = []

    async def scenario(trial: Trial) -> None:
        trace: list[str] = []

        async def task(name: str) -> None:
            for _ in range(steps):
                trace.append(name)
                await trio.lowlevel.checkpoint()

        async with trio.open_nursery() as nursery:
            for number in range(tasks):
                nursery.start_soon(task, "abcdef"[number])
        traces.append("".join(trace))

    return scenario, traces


@pytest.mark.search
@pytest.mark.parametrize(("tasks", "steps"), [(2, 2), (3, 2), (2, 4), (3, 3)])
def test_every_order_of_every_batch(tasks: int, steps: int) -> None:
    """As trio does it: of each batch, every permutation."""
    scenario, traces = _traces(tasks, steps)
    report = search(scenario, runs=5000, delays=None, cancel=())
    assert report.complete
    assert len(set(traces)) == math.factorial(tasks) ** steps


@pytest.mark.search
@pytest.mark.parametrize(("tasks", "steps"), [(2, 2), (2, 3), (2, 4)])
def test_every_interleaving_where_it_is_free(tasks: int, steps: int) -> None:
    scenario, traces = _traces(tasks, steps)
    report = search(scenario, runs=20_000, delays=None, cancel=(), interleaving="free")
    assert report.complete
    orders = math.factorial(tasks * steps) // math.factorial(steps) ** tasks
    assert len(set(traces)) == orders


@pytest.mark.search
def test_with_a_bound_of_delays_there_are_fewer() -> None:
    seen = []
    for delays in range(4):
        scenario, traces = _traces(3, 2)
        report = search(scenario, runs=400, delays=delays, cancel=())
        assert report.exhausted
        seen.append(len(set(traces[: report.runs["schedules"]])))
    assert seen == sorted(seen)
    assert seen[0] == 1
    assert report.bounded


def test_where_interleaving_is_free_deadlines_pass_all_the_same() -> None:
    async def scenario(trial: Trial) -> None:
        with trio.move_on_after(1) as scope:
            scope.deadline = trio.current_time()
            while True:
                await trio.lowlevel.checkpoint()

    search(scenario, runs=50, interleaving="free", cancel=())
