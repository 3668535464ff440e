"""A thread that notices when no page ends any more, even if the event loop stands still."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Final

import trio

if TYPE_CHECKING:
    from spindle.stress.report import Report

__all__ = ["Watchdog"]

GRACE: Final = 5.0
"""Seconds in which a run that hangs may come to an end by being cancelled."""


class Watchdog:
    """Watches a run for the length of a `with` block, which is entered in the run's event loop.

    When no page has ended for a while, it notes that as a violation, shows the pages that are open
    and cancels the run. One that does not end then is ended with its process: status 1, after the
    report and, if the event loop stands still, the stack of its thread.

    Args:
        report: counts pages, and is told.
        seconds: without the end of a page.
        show: gives the snapshots of what is open; called in the event loop.
        scope: of the run.
        give_up: says what there is to say before the process ends; called in the thread.
    """

    def __init__(
        self,
        report: Report,
        seconds: float,
        show: Callable[[], str],
        scope: trio.CancelScope,
        give_up: Callable[[], object],
    ) -> None:
        self._report = report
        self._seconds = seconds
        self._show = show
        self._scope = scope
        self._give_up = give_up
        self._signs = 0
        self._over = threading.Event()
        self._shown = threading.Event()
        self._loop = trio.lowlevel.current_trio_token()
        self._thread = threading.Thread(target=self._watch, name="spindle.stress", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()

    def alive(self) -> None:
        """Take note that the run goes on where no page is to end. Does not block."""
        self._signs += 1

    def _watch(self) -> None:
        seen = -1, -1
        while seen != (signs := (self._report.total, self._signs)):
            seen = signs
            if self._over.wait(self._seconds):
                return
        self._report.violated(f"no page has ended for {self._seconds:g} s")
        with suppress(trio.RunFinishedError):
            self._loop.run_sync_soon(self._stop)
        if not self._over.wait(GRACE):
            self._end_the_process()

    def _stop(self) -> None:
        print(f"no page has ended for {self._seconds:g} s. Open are:", file=sys.stderr)
        print(self._show(), file=sys.stderr, flush=True)
        self._shown.set()
        self._scope.cancel()

    def _end_the_process(self) -> None:
        if not self._shown.is_set():
            print("the event loop stands still, here:", file=sys.stderr, flush=True)
            faulthandler.dump_traceback(sys.stderr)
        self._give_up()
        sys.stdout.flush()
        os._exit(1)
