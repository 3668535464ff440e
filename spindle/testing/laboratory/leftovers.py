"""What a run leaves: complaints of what nobody can raise, and, if it went wrong, coroutines."""

from __future__ import annotations

import gc
import re
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["collect", "complaints", "swept_quickly"]

NEVER_AWAITED: Final = r"coroutine .* was never awaited"
PASSES: Final = 10
"""How often is collected: a coroutine that is cut off may be held by what it raises then."""


@contextmanager
def swept_quickly() -> Generator[None]:
    """Let `collect` look only at what is new in this block: that takes far less time.

    In a process that froze its objects before, those that came since then are frozen for good.
    """
    outermost = not gc.get_freeze_count()
    if not outermost:
        gc.collect()  # garbage that is frozen is never collected
    gc.freeze()
    try:
        yield
    finally:
        if outermost:
            gc.unfreeze()


@contextmanager
def complaints() -> Generator[list[str]]:
    """What Python would print in this block of exceptions that it could raise nowhere.

    And of coroutines that were never awaited, for which it has a warning. Not of operations: one
    may be cut between making and awaiting it.
    """
    heard: list[str] = []

    def hear(complaint: UnraisableHookArgs) -> None:
        what = complaint.err_msg or "Exception ignored in"
        heard.append(f"{what} {complaint.object!r}: {complaint.exc_value!r}")

    def show(message: Warning | str, *where: Any) -> None:
        if re.match(NEVER_AWAITED, str(message)):
            heard.append(str(message).partition("\n")[0])
        else:
            usual(message, *where)

    hook, sys.unraisablehook = sys.unraisablehook, hear
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("always", NEVER_AWAITED, RuntimeWarning)
            usual: Any = warnings.showwarning
            warnings.showwarning = show  # type: ignore[assignment]
            yield heard
    finally:
        sys.unraisablehook = hook


def collect(holder: list[object]) -> None:
    """Drop what is held, and collect all that is left of it, whatever that complains of."""
    with complaints():
        holder.clear()
        for _ in range(PASSES):
            gc.collect()
