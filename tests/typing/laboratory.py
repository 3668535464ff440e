"""What a checker infers of the laboratory."""

from collections.abc import Callable
from pathlib import Path
from typing import assert_type

import trio

from spindle.testing.laboratory import Report, Run, Trial, explore, replay, search


@explore(runs=10)
async def alone(trial: Trial) -> None:
    numbers = [1, 2]
    _ = assert_type(trial.choose(numbers), int)
    await trio.lowlevel.checkpoint()


@explore(cancel=["host"], replays=["v1:batches::"])
async def with_fixtures(trial: Trial, tmp_path: Path, number: int) -> None:
    await trial.settle()


async def scenario(trial: Trial) -> int:
    trial.always(lambda: True)
    return 1


test: Callable[[], None] = alone
fixtures: Callable[[Path, int], None] = with_fixtures
report = assert_type(search(scenario, runs=1), Report)
run = assert_type(replay(scenario, "v1:batches::"), Run)
total = assert_type(search(scenario, may_raise=(LookupError,), bound=2.5).total, int)
