"""What becomes of pages and spindles, in the log: the logger `spindle.page`.

| what | level |
|---|---|
| a page was opened; a spindle started or returned | DEBUG |
| a page has ended; a spindle was cancelled: by whom and why | INFO |
| one failed and starts again; its `cleanup()` is over its budget; it never pauses | WARNING |
| a spindle failed | ERROR |

These last two are logged by the page itself. The rest is told to a tracer, which a page only has if
INFO is logged when it opens: else it would cost every spindle something for nothing.
"""

from __future__ import annotations

import contextlib
import logging
from traceback import format_tb
from typing import TYPE_CHECKING, Final

from spindle._core.kernel.restless import restless
from spindle._core.kernel.snapshot import for_what
from spindle._core.kernel.stack import stack_of
from spindle._core.kernel.tracebacks import traceback_of
from spindle._core.names import error_shown, name_of, prints_plainly, shortened
from spindle._core.states import Cancelled, Completed
from spindle._core.tracer import Tracer

if TYPE_CHECKING:
    from types import TracebackType

    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.operations.scope import Cleanup
    from spindle._core.states import Outcome
    from spindle._core.tracer import TracedPage, TracedSpindle

__all__ = ["LIFE", "LIFE_LOG", "LifeLog", "log_cut", "log_failure", "log_restless"]

_DEEP: Final = 100
"""How many frames a traceback may have to be left to the log."""
_FRAMES: Final = 20
"""How many are written down otherwise, the innermost."""
LIFE: Final = logging.getLogger("spindle.page")


class LifeLog(Tracer):
    """Writes down what is no failure."""

    def page_opened(self, page: TracedPage) -> None:
        """See the table."""
        _log(logging.DEBUG, f"{page.name} was opened", page.name)

    def page_ended(self, page: TracedPage, cancelled: Cancelled) -> None:
        """See the table."""
        _log(logging.INFO, f"{page.name} has ended: {_why(cancelled)}", page.name)

    def spindle_started(self, spindle: TracedSpindle) -> None:
        """See the table."""
        again = f" again ({spindle.restart})" if spindle.restart else ""
        said = f"{spindle.name} started{again} as {spindle.function}"
        _log(logging.DEBUG, said, spindle.page.name, spindle.name)

    def spindle_ended(self, spindle: TracedSpindle, outcome: Outcome[object]) -> None:
        """See the table."""
        if isinstance(outcome, Cancelled):
            said = f"{spindle.name} was cancelled: {_why(outcome)}"
            _log(logging.INFO, said, spindle.page.name, spindle.name)
        elif isinstance(outcome, Completed):
            _log(logging.DEBUG, f"{spindle.name} returned", spindle.page.name, spindle.name)


LIFE_LOG: Final = LifeLog()


def log_failure(page: str, record: SpindleRecord, error: Exception, again: float | None) -> None:
    """Say that a spindle has failed; `again` is in how many seconds it starts again, if it does.

    An error that has code of its own for its text, which may be slow, endless, or fail, is not
    handed to the log: only where it was raised is written down. So it is with one that comes from
    far away: each of a thousand that joined the next one fails with all the frames below it.
    """
    said = f"{record.name} failed: {error_shown(error)}"
    level = logging.ERROR if again is None else logging.WARNING
    if again is not None:
        said += f"; it starts again in {again:.3g} s"
    depth = _depth(error)
    plain = depth <= _DEEP and prints_plainly(error)
    if not plain:
        said = "\n".join((said, *format_tb(_innermost(error, depth)))).rstrip()
    _log(level, said, page, record.name, error if plain else None)


def log_cut(page: str, record: Record, cleanup: Cleanup) -> None:
    """Say that a cleanup has used up its budget: where it stands, and what it waits for in vain."""
    waits = f", waiting for {', or '.join(for_what(record))}" if for_what(record) else ""
    said = f"{record.name} is cut in its cleanup({cleanup.seconds:g}){waits}"
    _log(logging.WARNING, "\n  ".join((said, *stack_of(record.coroutine))), page, record.name)


def log_restless(page: str, record: Record) -> None:
    """Say that a coroutine never pauses, and where it stands."""
    _log(logging.WARNING, restless(record), page, record.name)


def _depth(error: Exception) -> int:
    """How many frames its traceback has."""
    depth, below = 0, traceback_of(error)
    while below is not None:
        depth, below = depth + 1, below.tb_next
    return depth


def _innermost(error: Exception, depth: int) -> TracebackType | None:
    """The traceback of the last frames, where the error was raised."""
    below = traceback_of(error)
    for _ in range(depth - _FRAMES):
        below = below and below.tb_next
    return below


def _why(cancelled: Cancelled) -> str:
    by = "" if cancelled.by is None else f" by {name_of(cancelled.by.block)}"
    return f"{shortened(cancelled.reason)} ({cancelled.origin.value}{by})"


def _log(
    level: int, said: str, page: str, spindle: str = "-", error: Exception | None = None
) -> None:
    with contextlib.suppress(Exception):
        LIFE.log(level, "%s", said, exc_info=error, extra={"page": page, "spindle": spindle})
