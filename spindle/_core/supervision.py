"""What a page does about a spindle that failed or ended."""

from __future__ import annotations

from enum import Enum
from math import inf, nan
from typing import Final, TypeAlias

import msgspec

from spindle._core.errors import UsageError
from spindle._core.names import shown
from spindle._core.public import publish

__all__ = ["ESCALATE", "REPORT", "Escalate", "Policy", "Report", "Restart", "When", "check_policy"]


LARGEST: Final = 2**63 - 1
"""A whole number that a log can write."""


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
        UsageError: `period` or `factor` is not positive, another number is below 0, or something is
            of another type than is declared here.
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
        if type(self.when) is not When:
            raise UsageError(f"Restart(when=) takes a member of When, not {shown(self.when)}")
        if type(self.spent) not in (Report, Escalate):
            raise UsageError(f"Restart(spent=) takes REPORT or ESCALATE, not {shown(self.spent)}")
        if type(self.intensity) is not int or not 0 <= self.intensity <= LARGEST:
            raise UsageError(
                f"Restart(intensity=) takes a number of new starts, a whole one from 0 to "
                f"{LARGEST}, not {shown(self.intensity)}"
            )
        for name in ("period", "factor", "delay", "longest", "jitter"):
            given = getattr(self, name)
            number = _number(given)
            if name in ("period", "factor"):
                fits, wanted = number > 0, "a positive number"
            elif name == "jitter":
                fits, wanted = 0 <= number < inf, "a number, 0 or more, that is not infinite"
            else:
                fits, wanted = number >= 0, "a number, 0 or more"
            if not fits:
                raise UsageError(f"Restart({name}=) takes {wanted}, not {shown(given)}")
            if type(given) is not int or given > LARGEST:
                msgspec.structs.force_setattr(self, name, number)

    def backoff(self, starts: int, chance: float) -> float:
        """Seconds before the next start, after `starts` in a row; 0 <= `chance` < 1."""
        if not self.delay:
            return 0.0  # whatever it is multiplied by, even if that is infinite
        try:
            delay = min(self.delay * self.factor**starts, self.longest)
        except OverflowError:
            delay = self.longest
        return delay * (1 + self.jitter * chance)


Policy: TypeAlias = Report | Escalate | Restart


def check_policy(policy: object, significant: object) -> None:
    """Check what is said, where a spindle is started, of its end.

    Raises:
        UsageError: `policy` is none, or `significant` no bool.
    """
    if not isinstance(policy, (Report, Escalate, Restart)):
        raise UsageError(f"policy= takes REPORT, ESCALATE or a Restart(...), not {shown(policy)}")
    if type(significant) is not bool:
        raise UsageError(f"significant= takes True or False, not {shown(significant)}")


def _number(value: object) -> float:
    """The float that this number is; not a number if it is none."""
    if isinstance(value, (int, float)) and type(value) is not bool:
        try:
            return float(value)
        except OverflowError:
            pass
    return nan


publish("spindle", [Escalate, Report, When])
