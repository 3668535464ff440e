"""A clock that stands still while anything goes on, and jumps to the next deadline then."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import trio

from spindle.testing.laboratory.scheduler import (
    somebody_waits_for_a_thread,
    somebody_waits_until_all_are_blocked,
)

__all__ = ["JumpingClock"]

MOMENT: Final = 0.05
"""Real seconds after which a thread is looked for again, which says itself when it is done."""


class JumpingClock(trio.abc.Clock):
    """Virtual time, in seconds from 0. Where there is no deadline to jump to, `stuck` is told.

    While a function runs in a thread it stands still. Unlike trio's `MockClock` it waits for
    nothing else from outside, and not for ever when there is nothing to wait for.
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
        if somebody_waits_for_a_thread():
            return MOMENT
        if not self._looked:
            self._looked = True  # trio itself calls functions by way of a socket
        elif deadline == math.inf:
            self._stuck()
        else:
            self._now = deadline
        return 0
