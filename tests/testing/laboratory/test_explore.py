"""The decorator that makes a test of a scenario."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import trio

from spindle import UsageError
from spindle.testing.laboratory import Trial, Violation, explore


@explore(runs=20)
async def test_a_scenario_is_a_test(trial: Trial) -> None:
    await trio.lowlevel.checkpoint()


@explore(runs=20)
async def test_a_scenario_with_a_fixture(trial: Trial, tmp_path: Path) -> None:
    assert tmp_path.name
    await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("number", [1, 2])
@explore(runs=5)
async def test_a_scenario_with_parameters(trial: Trial, number: int) -> None:
    assert number in (1, 2)
    await trio.lowlevel.checkpoint()


@explore(runs=5)
async def scenario(trial: Trial, *, fails: bool) -> None:
    """Says what it does."""
    await trio.sleep(1)
    assert not fails


def test_it_is_a_plain_function_of_the_fixtures() -> None:
    assert not inspect.iscoroutinefunction(scenario)
    assert list(inspect.signature(scenario).parameters) == ["fails"]
    assert scenario.__name__ == "scenario"
    assert scenario.__doc__ == "Says what it does."


def test_it_prints_what_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    scenario(fails=False)
    assert capsys.readouterr().out.startswith("scenario: no violation in 5 runs")


def test_it_fails_with_the_violation() -> None:
    with pytest.raises(Violation, match="scenario does not hold"):
        scenario(fails=True)


def test_tokens_of_old_are_replayed_first() -> None:
    made: list[float] = []

    @explore(runs=1, replays=["v1:batches::host@1", "v1:free::"])
    async def counts(trial: Trial) -> None:
        try:
            await trio.sleep(1)
        finally:
            made.append(trio.current_time())

    counts()
    assert made == [0.0, 1.0, 1.0]


def test_a_token_of_old_that_fails_again() -> None:
    @explore(runs=1, replays=["v1:batches::host@1"])
    async def fails(trial: Trial) -> None:
        trial.at_end(lambda: trio_is_late)
        trio_is_late = False
        await trio.sleep(1)
        trio_is_late = True

    with pytest.raises(Violation, match="replay: v1:batches::host@1"):
        fails()


def test_a_token_of_old_may_take_as_many_steps_as_any_run() -> None:
    made: list[int] = []

    @explore(runs=1, replays=["v1:batches::"], steps=12_000)
    async def goes_on_for_long(trial: Trial) -> None:
        for _ in range(11_000):
            await trio.lowlevel.checkpoint()
        made.append(1)

    goes_on_for_long()
    assert len(made) == 2


def test_it_is_used_with_parentheses() -> None:
    with pytest.raises(UsageError, match=r"with parentheses: @explore\(\)"):
        explore(scenario)  # type: ignore[call-arg]
