"""What a page does about a spindle that failed or ended."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

import msgspec

from spindle._core.errors import UsageError
from spindle._core.public import publish

__all__ = ["ESCALATE", "REPORT", "Escalate", "Policy", "Report", "Restart", "When"]


class When(Enum):
    """Which ends of a spindle are followed by a new start."""

    PERMANENT = "permanent"
    """Whenever it fails or returns."""
    TRANSIENT = "transient"
    """When it fails."""
    TEMPORARY = "temporary"
    """Never."""


class Report(msgspec.Struct, frozen=True, tag="report"):
    """Tell the view, no more: the default."""


class Escalate(msgspec.Struct, frozen=True, tag="escalate"):
    """End the page: its body is cancelled and the block of `open_page` raises the error."""


REPORT = Report()
ESCALATE = Escalate()


class Restart(msgspec.Struct, frozen=True, kw_only=True, tag="restart"):
    """Start it again under the same key, with the same function and arguments.

    The new run begins when the old one has been cleaned up, after a delay: `delay` seconds the
    first time, `factor` times as much after each further end in a row, never more than `longest`,
    and up to `jitter` (a share) more by chance. A run that held out for `period` seconds begins a
    new row. More than `intensity` new starts within `period` seconds are not made: then `spent`
    decides. A spindle that was cancelled is not started again. Words and defaults are those of
    OTP's supervisors.

    Raises:
        UsageError: `period` or `factor` is not positive, or another number below 0.
    """

    when: When = When.TRANSIENT
    intensity: int = 3
    """How many new starts within `period`."""
    period: float = 5.0
    """Seconds."""
    delay: float = 0.1
    """Seconds before the first new start; 0 for at once."""
    factor: float = 2.0
    """How much longer each further delay in a row is."""
    longest: float = 30.0
    """Seconds."""
    jitter: float = 0.1
    """How much longer, at most and by chance, as a share of the delay."""
    spent: Report | Escalate = REPORT
    """What happens when the intensity is used up."""

    def __post_init__(self) -> None:
        for name in ("period", "factor"):
            if not getattr(self, name) > 0:
                raise UsageError(f"Restart({name}=) takes a positive number")
        for name in ("intensity", "delay", "longest", "jitter"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"Restart({name}=) takes a number, 0 or more")

    def backoff(self, starts: int, chance: float) -> float:
        """Seconds before the next start, after `starts` in a row; 0 <= `chance` < 1."""
        try:
            delay = min(self.delay * self.factor**starts, self.longest)
        except OverflowError:
            delay = self.longest if self.delay else 0.0
        return delay * (1 + self.jitter * chance)


Policy: TypeAlias = Report | Escalate | Restart


publish("spindle", [Escalate, Report, When])
