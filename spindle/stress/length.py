"""How long a run is: for some time, or for some pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spindle.stress.report import Report

__all__ = ["Length"]


@dataclass(frozen=True)
class Length:
    """Give one of the two; what is open at the end is ended first."""

    seconds: float | None = None
    pages: int | None = None

    def share(self, report: Report) -> float:
        """Give how much of the run is done: 1 and above at the end."""
        if self.pages is not None:
            return report.total / self.pages
        return report.seconds / self.seconds if self.seconds else 1.0
