"""The model beside a real page: they have to agree after every input, whoever drives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from difflib import unified_diff

from tests.laboratory.programs import script as sc
from tests.model.inputs import Model, predict
from tests.model.observed import ByHand, Observed, Seen, observe, predicted
from tests.model.programs import Author

__all__ = ["Pair", "agree", "check", "check_played", "in_bursts", "inputs_of_seed"]


class Pair:
    """A model and a page stepped by hand, which are given the same inputs."""

    def __init__(self) -> None:
        self.model = Model()
        self.hand = ByHand()
        self.inputs: list[sc.Input] = []
        self.agreed = True

    def apply(self, each: sc.Input) -> None:
        """Apply an input to both."""
        self.inputs.append(each)
        self.model.apply(each)
        self.hand.apply(each)
        self.compare()

    def leave(self) -> None:
        """End both."""
        self.model.leave()
        self.hand.leave()
        self.compare()

    def compare(self) -> None:
        """See that they agree so far.

        Raises:
            AssertionError: they do not.
        """
        self.agreed = False
        agree(predicted(self.model), observe(self.hand.played), self.inputs)
        self.agreed = True


def check(inputs: Sequence[sc.Input]) -> None:
    """Compare after every input, and after the end.

    Raises:
        AssertionError: model and page do not agree.
    """
    pair = Pair()
    try:
        for each in inputs:
            pair.apply(each)
        pair.leave()
    finally:
        if not pair.agreed:
            pair.hand.played.forget()


def check_played(script: sc.Script, driver: str, seed: int = 0) -> None:
    """Compare after the end of a whole script.

    Raises:
        AssertionError: model and page do not agree.
    """
    played = Observed(script, driver, seed).play()
    assert not played.broke, f"{driver}, seed {seed}: {played.broke}\n\n{script}"
    agree(predicted(predict(script)), observe(played), [driver, seed, script])


def agree(expected: Seen, seen: Seen, about: object) -> None:
    """See that all that was predicted has come, and nothing else."""
    for what, value in expected.items():
        if value != seen[what]:
            lines = unified_diff(
                list(map(str, value)), list(map(str, seen[what])), "model", "page", lineterm="", n=9
            )
            raise AssertionError("\n".join([f"{what} of {about}:", *lines]))


def in_bursts(inputs: Sequence[sc.Input], size: int) -> sc.Script:
    """The script of these inputs, so many at a time."""
    return sc.Script(
        tuple(tuple(inputs[first : first + size]) for first in range(0, len(inputs), size))
    )


def inputs_of_seed(seed: int) -> list[sc.Input]:
    """The inputs of one seed, the same every time."""
    return Author(random.Random(seed).randrange).inputs()
