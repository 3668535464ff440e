"""One scenario under every driver: by hand, hosted, as tasks.

A scenario is an async function over a `Stage`; by hand nothing in it ever waits. `under` makes a
test of it that runs once a driver, on trio once a seed of its scheduler, and demands that the page
says the same every time.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from spindle.testing import HandPage, Recording
from tests.stage import HandStage, Stage, TrioStage
from tests.talk import Talk

if TYPE_CHECKING:
    from spindle import Contract, Spindle

__all__ = ["HOSTED", "NoPage", "Stage", "on_trio", "play", "run_on_trio", "seeded", "under"]

A_LONG_TIME = 1e6
HOSTED = pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "task"])

AsyncTest: TypeAlias = Callable[..., Coroutine[Any, Any, None]]


class NoPage:
    """Stands for the page of an outbox that has none."""

    def pump(self) -> None:
        """It never pauses."""


def under(
    *drivers: str, seeds: int = 5, contract: type[Contract] | type[Spindle[Any]] = Talk
) -> Callable[[AsyncTest], Callable[..., None]]:
    """Make a test of a scenario: `async def test(page, ...)`, where `...` are further fixtures."""

    def decorate(scenario: AsyncTest) -> Callable[..., None]:
        def test(driver: str, recording: Recording, **fixtures: object) -> None:
            def played(driver: str, seed: int, recording: Recording) -> list[str]:
                playing = partial(scenario, **fixtures)
                return play(driver, playing, contract, seed, recording).transcript

            expected: list[str] | None = None
            for seed in range(1 if driver == "hand" else seeds):
                recording.entries.clear()
                said = played(driver, seed, recording)
                expected = said if expected is None else expected
                assert said == expected, f"seed {seed} of trio's scheduler changed what was said"
            if driver != "hand" and "hand" in drivers:
                assert expected == played("hand", 0, Recording()), f"{driver} and by hand differ"

        _take_identity(test, scenario, drop=1, add=("driver", "recording"))
        return pytest.mark.parametrize("driver", drivers)(test)

    return decorate


def play(
    driver: str,
    scenario: Callable[[Stage], Coroutine[Any, Any, None]],
    contract: type[Any] = Talk,
    seed: int = 0,
    recording: Recording | None = None,
    **options: Any,
) -> Stage:
    """Play a scenario once; return the stage, to look at what was said.

    `options` are those of the page, as `open_page` and `HandPage` take them.
    """
    recording = Recording() if recording is None else recording
    if driver == "hand":
        stage = HandStage(recording, page=HandPage(contract, journal=recording, **options))
        _without_waiting(scenario(stage))
        stage.said()
        stage.leave()
        return stage

    from spindle import open_page

    stages: list[Stage] = []

    async def main() -> None:
        options.update(hosted=driver == "hosted", journal=recording)
        async with open_page(contract, **options) as page:
            stages.append(TrioStage(page, driver, recording))
            await scenario(stages[0])
            stages[0].said()
        assert page.ended
        assert page.ledger.pending == 0

    run_on_trio(main, seed)
    return stages[0]


def _without_waiting(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise AssertionError("a scenario played by hand has waited for something")


def on_trio(seeds: int = 5) -> Callable[[AsyncTest], Callable[..., None]]:
    """Run an async test on a jumping clock, once for each seed of trio's scheduler."""

    def decorate(scenario: AsyncTest) -> Callable[..., None]:
        def test(**fixtures: Any) -> None:
            for seed in range(seeds):
                if "recording" in fixtures:
                    fixtures["recording"].entries.clear()
                run_on_trio(lambda: scenario(**fixtures), seed)

        _take_identity(test, scenario, drop=0, add=())
        return test

    return decorate


def run_on_trio(
    main: Callable[[], Coroutine[Any, Any, None]], seed: int, instruments: Sequence[Any] = ()
) -> None:
    """Run `main` on a clock that jumps when all wait, with a shuffled but seeded scheduler."""
    import trio
    from trio.testing import MockClock

    async def bounded() -> None:
        # The clock jumps when all wait: a test that hangs fails at once, with its conversation.
        with trio.fail_after(A_LONG_TIME):
            await main()

    with seeded(seed):
        trio.run(bounded, clock=MockClock(autojump_threshold=0), instruments=instruments)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let trio shuffle every batch of tasks, the same way for the same seed."""
    from trio._core import _run as run

    was = run._r, run._ALLOW_DETERMINISTIC_SCHEDULING
    run._r, run._ALLOW_DETERMINISTIC_SCHEDULING = random.Random(seed), True
    try:
        yield
    finally:
        run._r, run._ALLOW_DETERMINISTIC_SCHEDULING = was


def _take_identity(
    test: Callable[..., None], scenario: AsyncTest, *, drop: int, add: tuple[str, ...]
) -> None:
    """Name `test` like `scenario` and let pytest see the fixtures both want."""
    wanted = list(inspect.signature(scenario).parameters)[drop:]
    keyword = inspect.Parameter.KEYWORD_ONLY
    test.__name__ = scenario.__name__
    test.__qualname__ = scenario.__qualname__
    test.__doc__ = scenario.__doc__
    test.__module__ = scenario.__module__
    test.__dict__.update(getattr(scenario, "__dict__", {}))
    test.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, keyword) for name in (*add, *wanted)]
    )
