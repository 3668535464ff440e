"""What a run was, and what was wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spindle.testing.laboratory.schedule import Schedule

__all__ = ["Fault", "Run"]

_VARIES: Final = r"[\d(\n]"
"""From where on the text of a fault may be another one in another run."""


@dataclass(frozen=True)
class Fault:
    """Something that did not hold."""

    name: str
    """Of the invariant."""
    text: str
    point: int
    """Of the run, at which it was seen."""

    @property
    def kind(self) -> str:
        """Its name and the beginning of its text: what is the same where the same went wrong."""
        return f"{self.name}: {re.split(_VARIES, self.text, maxsplit=1)[0]}"

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


@dataclass
class Run:
    """One run of a scenario under a schedule."""

    schedule: Schedule
    choices: list[tuple[int, int, bool]] = field(default_factory=list)
    """What was picked, of how many, and whether a task was, choice by choice."""
    points: int = 0
    """How many points there were at which something could be done to it."""
    faults: list[Fault] = field(default_factory=list)
    """What did not hold, in the order in which it was seen."""
    error: Exception | None = None
    """What the scenario raised that it should not have."""
    offers: tuple[str, ...] = ()
    """What the scenario offers to be done to it."""
    pages: int = 0
    """How many pages it opened."""
    transcript: list[str] = field(default_factory=list)
    """A line for each step of a task and for what pages did, if it was asked for."""
