"""What a search came to: figures if nothing was found, and how to see it again if something was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spindle.testing.laboratory.run import Run

__all__ = ["Report", "Violation"]


@dataclass
class Report:
    """What was tried. Prints as a few lines."""

    scenario: str
    """The name of the scenario."""
    runs: Counter[str] = field(default_factory=Counter)
    """How many runs of each kind were made."""
    points: int = 0
    """How many points the plain run has at which something may be done to it."""
    exhausted: bool = False
    """Whether there is no other schedule within the bound of delays."""
    delays: int | None = 0
    """That bound."""
    bounded: bool = False
    """Whether schedules were left out because of it."""
    stride: int = 1
    """Every how many points something was done to the program; 1 if at each."""
    origins: tuple[str, ...] = ()
    """What was done to it."""
    pages: int = 0
    """How many pages were opened, in all runs."""
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many runs were made."""
        return self.runs.total()

    @property
    def complete(self) -> bool:
        """Whether the scenario has no other schedule at all."""
        return self.exhausted and not self.bounded

    def __str__(self) -> str:
        injected = ", most with one of those" if self.origins else ""
        rate = self.total / max(self.seconds, 1e-9)
        every = "each" if self.stride == 1 else f"every {_ordinal(self.stride)}"
        lines = [
            f"{self.scenario}: no violation in {self.total:,} runs of {self.pages:,} pages, "
            f"{rate:,.0f} a second",
            f"  {self._schedules()}",
        ]
        if self.runs["injections"]:
            lines.append(
                f"  {self.runs['injections']:,} with one of {', '.join(self.origins)} at {every} "
                f"of {self.points:,} points"
            )
        if self.runs["random"]:
            lines.append(f"  {self.runs['random']:,} by priorities or chance" + injected)
        return "\n".join(lines)

    def _schedules(self) -> str:
        number = f"{self.runs['schedules']:,}"
        if self.complete:
            return f"all {number} schedules there are"
        if self.exhausted:
            return f"all {number} schedules with at most {self.delays} delays"
        return f"the first {number} schedules"


def _ordinal(number: int) -> str:
    if number == 2:
        return "second"
    if number % 10 in (1, 2, 3) and number % 100 not in (11, 12, 13):
        return f"{number}{('st', 'nd', 'rd')[number % 10 - 1]}"
    return f"{number}th"


class Violation(AssertionError):
    """Something did not hold in one run; the smallest that was found, and how to have it again."""

    def __init__(self, scenario: str, run: Run, tried: int, *, again: bool = True) -> None:
        """Tell of a run.

        Args:
            scenario: its name.
            run: with its transcript.
            tried: how many runs were made before it was found.
            again: whether it went wrong once more when it was made again.
        """
        self.run = run
        self.token = run.schedule.token
        """For `replay`."""
        faults = [f"  {fault}".replace("\n", "\n    ") for fault in run.faults[:8]]
        super().__init__(
            "\n".join(
                [
                    f"{scenario} does not hold, as run {tried:,} has shown:",
                    *faults,
                    "",
                    f"replay: {self.token}" if again else _NOT_AGAIN,
                    "",
                    *(f"  {line}" for line in _shortened(run.transcript)),
                ]
            )
        )


_NOT_AGAIN: Final = (
    "It did not happen again under the same schedule: the scenario does not do the same each time."
    "\nState has to be made in it; chance and time have to come from the trial and trio's clock."
)


def _shortened(transcript: list[str], most: int = 60) -> list[str]:
    """The end of a transcript, which is where it goes wrong."""
    left_out = len(transcript) - most
    if left_out <= 0:
        return transcript
    return [f"({left_out} steps before)", *transcript[-most:]]
