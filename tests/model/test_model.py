"""Random pages against a model of a page that is not made like the kernel.

The comparison of drivers sees what they do differently. What the kernel they share does wrong they
do alike: that is seen here. The model is written after docs/semantics.md; where that leaves an
order open (who is told first of several that end in one instant), it has the one there is.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model import inputs as model
from tests.model.comparison import check, check_played, in_bursts, inputs_of_seed
from tests.model.inputs import predict
from tests.model.machine import PageAndModel

pytestmark = pytest.mark.search

LIMITS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
NORMAL = settings(max_examples=100, stateful_step_count=14, derandomize=True, **LIMITS)
SOAK = settings(max_examples=5000, stateful_step_count=25, **LIMITS)
PAGES = 2000


@pytest.mark.timeout(60)  # in mutation testing, too, where others get less
def test_W6_random_pages_agree_with_the_model_after_every_input() -> None:
    for seed in range(PAGES):
        check(inputs_of_seed(seed))


@pytest.mark.parametrize("size", [1, 2, 4])
def test_K1_W6_random_pages_agree_with_the_model_under_every_driver(size: int) -> None:
    """In bursts, too: the model knows nothing of them, it applies one input after the other."""
    for seed in range(100 * size, 100 * size + 100):
        script = in_bursts(inputs_of_seed(seed), size)
        check_played(script, "hand")
        check_played(script, "hosted")
        check_played(script, "task", seed)


@pytest.mark.timeout(400)  # what is found is made smaller for up to 300 seconds, then shown
def test_W6_any_input_at_any_moment_agrees_with_the_model() -> None:
    run_state_machine_as_test(PageAndModel, settings=NORMAL)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_W6_hundreds_of_thousands_of_random_pages_agree_with_the_model() -> None:
    """More pages: buys the rare order of things."""
    for seed in range(PAGES, 200_000):
        check(inputs_of_seed(seed))
        if seed % 40 == 0:
            script = in_bursts(inputs_of_seed(seed), 1 + seed // 40 % 4)
            check_played(script, "hosted")
            check_played(script, "task", seed)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_W6_thousands_of_machines_agree_with_the_model() -> None:
    """Other pages every time: buys a small example of what no fixed seed has shown."""

    class Longer(PageAndModel):
        tasks = 3

    run_state_machine_as_test(Longer, settings=SOAK)


def test_the_pages_reach_what_they_are_for() -> None:
    """Pages that do nothing would agree, too."""
    seen: Counter[str] = Counter()
    for seed in range(PAGES):
        done = predict(in_bursts(inputs_of_seed(seed), 1))
        lines = [*done.page.history, *(f"was {letter.settled}" for letter in done.letters)]
        lines += [str(each.outcome) for each in done.page.handles]
        seen.update(sight for sight in SIGHTS if any(sight in line for line in lines))
    for sight in SIGHTS:
        assert seen[sight] > 3, f"{sight}: {seen}"


def test_the_model_does_not_know_the_kernel() -> None:
    """It would have its mistakes."""
    for path in Path(model.__file__).parent.glob("*.py"):
        if path.stem not in KNOW_THE_PAGE:
            names = _imported(path)
            assert not [name for name in names if name.split(".")[0] == "spindle"], path.name
            assert not set(names) & {f"tests.model.{each}" for each in KNOW_THE_PAGE}, path.name


def _imported(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found += [each.name for each in node.names]
    return found


KNOW_THE_PAGE = ("observed", "comparison", "machine", "mutants", "test_model", "test_model_mutants")

SIGHTS = (
    "Fork gave",
    "Fiber gave",
    "Ask gave",
    "Join gave",
    "Change gave",
    "Take gave item",
    "Send gave",
    "Get gave",
    "put item",
    "failed a channel",
    "source 0 won",
    "source 1 won",
    "source 2 won",
    "left the scope",
    "AwaitAll gave",
    "(scope left)",
    "left the timeout",
    "left the cleanup",
    "at last",
    "withdraws",
    "swallowed a cancellation",
    "met TooSlow",
    "met ChannelClosed",
    "met WasCancelled",
    "met NotOwner",
    "met WrongBlock",
    "met Abandoned",
    "met CellEmpty",
    "met SpindleIsLive",
    "met PageClosing",
    "replaced by another one (replaced)",
    "(handle)",
    "(owner ended)",
    "closing time (requested)",
    "closing soon (stopped)",
    "the page was left (body left)",
    "failed: LookupError",
    "was handled",
    "was refused",
    "was dead-lettered",
)
