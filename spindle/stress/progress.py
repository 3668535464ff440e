"""Where a run stands: one line, rewritten on a terminal, now and then anywhere else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, TextIO

import trio

from spindle.stress.process import megabytes, resident

if TYPE_CHECKING:
    from spindle.stress.report import Report

__all__ = ["Progress"]

OFTEN: Final = 0.5
SELDOM: Final = 5.0
"""Seconds between two lines, on a terminal and elsewhere."""
CLEAR: Final = "\r\x1b[K"


class Progress:
    """Shows where a run stands.

    Args:
        stream: where; standard error if none is given, so that the report alone is on standard
            output.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._rewrites = self._stream.isatty()
        self._every = OFTEN if self._rewrites else SELDOM
        self._next = 0.0

    def tell(self, report: Report, share: float) -> None:
        """Show it, unless that was done a moment ago."""
        now = trio.current_time()
        if self._next == 0.0:
            self._next = now + self._every
        if now >= self._next:
            self._next = now + self._every
            self._write(line(report, share))

    def done(self) -> None:
        """Leave the place to what is printed next."""
        if self._rewrites:
            self._stream.write(CLEAR)
            self._stream.flush()

    def _write(self, text: str) -> None:
        self._stream.write(f"{CLEAR}{text}" if self._rewrites else f"{text}\n")
        self._stream.flush()


def line(report: Report, share: float) -> str:
    """Say it in one line."""
    return (
        f"{min(share, 1):4.0%}  {report.seconds:6.1f} s  {report.total:,} pages, "
        f"{report.rate(report.total):,.0f}/s  "
        f"{report.rate(report.conversations):,.0f} conversations/s  {megabytes(resident())}  "
        f"{report.violations.total()} violations"
    )
