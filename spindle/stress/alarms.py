"""Everything that a fault may say elsewhere: the log, unraisable exceptions, warnings."""

from __future__ import annotations

import gc
import logging
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from spindle.stress.report import Report

__all__ = ["Alarms"]

LOGGER: Final = logging.getLogger("spindle")
UNAWAITED: Final = "was never awaited"


class Alarms(AbstractContextManager["Alarms"]):
    """Hears them for the length of a `with` block, and tells the report.

    Meanwhile what the logger `spindle` says reaches no other handler: the report has it.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._handler = _Ear(report)
        self._warnings = warnings.catch_warnings()
        self._before: Callable[[sys.UnraisableHookArgs], object] = sys.unraisablehook

    def expect(self, *errors: type[Exception]) -> None:
        """Take what the log says of these for no failure: spindles end with them on purpose."""
        self._handler.expected += errors

    def __enter__(self) -> Alarms:
        self._warnings.__enter__()
        warnings.filterwarnings("always", f".*{UNAWAITED}", RuntimeWarning)
        warnings.showwarning = self._warned
        self._before, sys.unraisablehook = sys.unraisablehook, self._unraisable
        LOGGER.addHandler(self._handler)
        self._propagate, LOGGER.propagate = LOGGER.propagate, False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        gc.collect()  # what lies about unawaited is heard, too
        LOGGER.propagate = self._propagate
        LOGGER.removeHandler(self._handler)
        sys.unraisablehook = self._before
        self._warnings.__exit__(kind, error, traceback)

    def _warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if UNAWAITED in str(message):
            self._report.violated(f"{category.__name__}: {message}")
        else:
            self._report.warnings[f"{category.__name__}: {message}"] += 1

    def _unraisable(self, unraisable: sys.UnraisableHookArgs) -> None:
        text = "".join(
            traceback.format_exception(
                unraisable.exc_type, unraisable.exc_value, unraisable.exc_traceback
            )
        )
        self._report.violated(
            f"{unraisable.err_msg or 'an exception that nobody can catch'}: {text.rstrip()}"
        )


class _Ear(logging.Handler):
    """Hears the logger."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report
        self.expected: tuple[type[Exception], ...] = ()

    def emit(self, record: logging.LogRecord) -> None:
        """Note what was logged: an error that comes of the page's code is its failure."""
        said = record.getMessage()
        if record.exc_info is not None and record.exc_info[1] is not None:
            self._report.raised(record.exc_info[1], f"logged by {record.name}", self.expected)
        elif record.levelno < logging.ERROR:
            self._report.warnings[str(record.msg)] += 1
        else:
            # A coroutine that is still there long after it was cancelled, or one whose error is of
            # a class with code of its own.
            self._report.failed(said.partition(":")[0], said)
