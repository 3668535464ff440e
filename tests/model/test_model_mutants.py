"""The model bites: what the kernel does wrong under every driver alike, it sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.laboratory.programs.script import Script
from tests.model.comparison import check, check_played, in_bursts, inputs_of_seed
from tests.model.mutants import MUTANTS, Mutant, an_event_comes_before_the_deadline_of_its_instant
from tests.model.observed import Observed, Seen, observe

pytestmark = [pytest.mark.search, pytest.mark.mutant]

PAGES = 3000
BY_THE_CLOCK = (an_event_comes_before_the_deadline_of_its_instant,)
"""Seen on trio alone: by hand no event can come at the instant of a deadline that has not fired."""


@pytest.fixture(scope="module")
def killed() -> Iterator[list[str]]:
    """Those that were found; what they are of all is printed at the end."""
    names: list[str] = []
    yield names
    print(f"\nmutants of the kernel found by the model: {len(names)} of {len(MUTANTS)}")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.__name__)
def test_the_model_sees(mutant: Mutant, killed: list[str], monkeypatch: Any) -> None:
    mutant(monkeypatch)
    script = disagreed(mutant)
    assert script is not None, "no page has shown it"
    killed.append(mutant.__name__)
    if mutant not in BY_THE_CLOCK:
        # And nobody else does: by hand, hosted and as tasks it is wrong in the same way.
        by_hand = played(script, "hand")
        assert played(script, "hosted") == by_hand
        assert played(script, "task") == by_hand


def disagreed(mutant: Mutant) -> Script | None:
    """The first page that is not as the model has it."""
    for seed in range(PAGES):
        inputs = inputs_of_seed(seed)
        script = in_bursts(inputs, 2)
        try:
            if mutant in BY_THE_CLOCK:
                check_played(script, "hosted")
            else:
                check(inputs)
        except AssertionError:
            return script
    return None


def played(script: Script, driver: str) -> Seen:
    performance = Observed(script, driver).play()
    assert not performance.broke, performance.broke
    return observe(performance)
