"""What answers for the driver of a page that has ended and is held by a handle still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trio

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.overruns import Overrunner
    from spindle._core.kernel.record import Cause, Record, SpindleRecord
    from spindle._core.operations.port import Call
    from spindle._core.operations.scope import Cleanup

__all__ = ["Gone"]


class Gone:
    """Does nothing, where nothing runs.

    A page and its driver hold each other as long as the page lives. Afterwards they would wait for
    the garbage collector, whose pauses grow with the number of pages.
    """

    __slots__ = ("_clock", "_opened_at")

    def __init__(self, clock: trio.abc.Clock, opened_at: float) -> None:
        """Answer for a page that was opened at that second of `clock`."""
        self._clock = clock
        self._opened_at = opened_at

    def clock(self) -> float:
        """Seconds since the page was opened: events are still refused, and noted."""
        return self._clock.current_time() - self._opened_at

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """See `Driver`; never called."""

    def cut_short(self, record: Record, cause: Cause) -> None:
        """See `Driver`; never called."""

    def rest(self) -> None:
        """See `Driver`; never called."""

    def go_next(self, apply: Callable[..., None], *args: object) -> None:
        """See `Driver`; never called."""

    def timer_was_set(self) -> None:
        """See `Driver`; never called."""

    def overran(self, overrunner: Overrunner) -> None:
        """See `Driver`; never called."""

    def cut(self, record: Record, cleanup: Cleanup) -> None:
        """See `Driver`; never called."""

    def failed(self, record: SpindleRecord, error: Exception, again: float | None) -> None:
        """See `Driver`; never called."""

    def cancel_record(self, record: Record, reason: str) -> None:
        """It has ended."""

    async def ended(self, record: Record) -> None:
        """It has ended; a checkpoint all the same."""
        await trio.lowlevel.checkpoint()
