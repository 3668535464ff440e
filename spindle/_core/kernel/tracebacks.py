"""Tracebacks without the frames of those who drive a coroutine.

These are of no interest to its author. And they hold the coroutine's record, which holds its
outcome, which holds the error: whatever its code had in variables would be kept until the garbage
collector comes by.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, TypeVar

__all__ = ["traceback_of", "trimmed"]

E = TypeVar("E", bound=BaseException)

_DRIVERS: Final = ("spindle._core.kernel.", "spindle._runtime.")

_traceback_of: Final[Any] = BaseException.__dict__["__traceback__"].__get__


def traceback_of(error: BaseException) -> TracebackType | None:
    """Where an error was raised, whatever it says of that itself."""
    traceback: TracebackType | None = _traceback_of(error)
    return traceback


def trimmed(error: E) -> E:
    """An error on its way between a coroutine and its driver, from the first frame of others on."""
    first = traceback = traceback_of(error)
    while traceback is not None and _is_a_drivers(traceback):
        traceback = traceback.tb_next
    if traceback is not first:
        BaseException.with_traceback(error, traceback)
    return error


def _is_a_drivers(traceback: TracebackType) -> bool:
    return str(traceback.tb_frame.f_globals.get("__name__", "")).startswith(_DRIVERS)
