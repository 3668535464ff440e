"""The exception that unwinds a cancelled spindle where no event loop brings its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spindle._core.kernel.record import Cause

__all__ = ["SWALLOW_BOUND", "Unwinding"]

SWALLOW_BOUND: Final = 20
"""After a cancellation was raised so often a spindle is closed by force."""


class Unwinding(BaseException):
    """Thrown into a hosted or hand-stepped spindle at a cancel point.

    Portable spindle code does not name it (on a page of tasks it is trio's Cancelled): it uses
    `finally` and `cleanup()`.
    """

    def __init__(self, cause: Cause) -> None:
        self.cause = cause

    def __str__(self) -> str:
        return "the spindle is cancelled"
