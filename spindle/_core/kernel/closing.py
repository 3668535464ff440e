"""The first of the two phases in which a page is stopped: the time of grace.

Whoever waits for the visitor is told that nobody will answer, and so is who asks from now on; no
event is taken and no spindle starts, those included that were to start again or to take another
one's place. All else goes on: calls, timers, cells and channels, also from outside, and fibers may
be started, for a spindle may need them to bring what it does to an end. Whoever lets the error
through has made way, and ends cancelled with the reason of the stop. The second phase is the
cancellation of the page. Whoever stops a page sees to that, unless the page knows itself when it is
to come: one that outlives its process does, for nobody may be left who has stopped it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from spindle._core.journal import CloseCame
from spindle._core.kernel.ending import strike
from spindle._core.kernel.record import Life, Resumption
from spindle._core.kernel.wording import nobody_answers

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import SpindleRecord
    from spindle._core.states import Cancelled

__all__ = ["close_page"]


def close_page(kernel: Kernel, cancelled: Cancelled, until: float | None = None) -> None:
    """Input: the time of grace begins.

    Args:
        kernel: the page's.
        cancelled: why.
        until: when the page cancels what is left, on its clock, after all else that is due then; of
            several such times the first. Never by itself if None.
    """
    if kernel.stopping is not None:
        return
    if until is not None:
        kernel.timer_at(until, kernel.cancel_page, cancelled, place=sys.maxsize)
        kernel.driver.timer_was_set()
    if kernel.closing is not None:
        return
    kernel.closing = cancelled
    if kernel.journal is not None:
        kernel.note(CloseCame(cancelled.reason))
    for spindle in list(kernel.live.values()):
        _start_none(kernel, spindle, cancelled)
        for wait in list(spindle.pending.values()):
            # Of several yields in one race the first has withdrawn the others.
            if wait.record.waits is not None:
                kernel.withdraw_waits(wait.record)
                kernel.wake(wait.record, Resumption.ERROR, nobody_answers(cancelled))


def _start_none(kernel: Kernel, spindle: SpindleRecord, cancelled: Cancelled) -> None:
    """End what was to run under the key of `spindle`, itself too if it has not begun."""
    for each in (spindle.successor, spindle):
        if each is not None and each.state is Life.NEW:
            strike(kernel, each, cancelled)
