"""A clock that stands still while anything goes on, and jumps to the next deadline then."""

from __future__ import annotations

import math
from collections.abc import Callable

import trio

from spindle.testing.laboratory.scheduler import somebody_waits_until_all_are_blocked

__all__ = ["JumpingClock"]


class JumpingClock(trio.abc.Clock):
    """Virtual time, in seconds from 0. Where there is no deadline to jump to, `stuck` is told.

    Unlike trio's `MockClock` it does not wait for input from outside before it jumps, and does not
    wait for ever when there is nothing to wait for.
    """

    def __init__(self, stuck: Callable[[], None]) -> None:
        self._stuck = stuck
        self._now = 0.0
        self._looked = False

    def start_clock(self) -> None:
        """See `trio.abc.Clock`."""

    def current_time(self) -> float:
        """See `trio.abc.Clock`."""
        return self._now

    def somebody_ran(self) -> None:
        """Look again at what may have come from outside before the next jump."""
        self._looked = False

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """See `trio.abc.Clock`: trio asks when no task can run."""
        if deadline <= self._now:
            return 0
        if somebody_waits_until_all_are_blocked():
            return math.inf
        if not self._looked:
            self._looked = True  # trio itself calls functions by way of a socket
        elif deadline == math.inf:
            self._stuck()
        else:
            self._now = deadline
        return 0
