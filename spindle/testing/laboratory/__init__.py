"""The cancellation laboratory: a program on trio under every schedule, cancelled everywhere.

`@explore()` makes a test of an async function of a `Trial`. Needs trio, of a version it was
verified with; importing `spindle.testing` does not load it.
"""

from __future__ import annotations

from spindle.testing.laboratory.explore import explore as explore
from spindle.testing.laboratory.explore import replay as replay
from spindle.testing.laboratory.explore import search as search
from spindle.testing.laboratory.report import Report as Report
from spindle.testing.laboratory.report import Violation as Violation
from spindle.testing.laboratory.run import Fault as Fault
from spindle.testing.laboratory.run import Run as Run
from spindle.testing.laboratory.schedule import Injection as Injection
from spindle.testing.laboratory.schedule import Schedule as Schedule
from spindle.testing.laboratory.trial import Trial as Trial

__all__ = [
    "Fault",
    "Injection",
    "Report",
    "Run",
    "Schedule",
    "Trial",
    "Violation",
    "explore",
    "replay",
    "search",
]
