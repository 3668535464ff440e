"""A coroutine that goes on and on: it does operations, and never pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spindle._core.kernel.stack import place_of
from spindle._core.kernel.wording import example_of

if TYPE_CHECKING:
    from spindle._core.kernel.record import Record

__all__ = ["STRETCH", "has_gone_on", "restless"]

STRETCH: Final = 100_000
"""After how many operations without a pause a coroutine counts as one that goes on for ever."""


def has_gone_on(record: Record, steps: int) -> bool:
    """Count what was done while a coroutine did not pause; answers, once, whether it is too much.

    Kept below zero in `since`, which says nothing while a coroutine runs, and which every pause
    sets: so that nobody who pauses pays for the count.
    """
    before = min(record.since, 0.0)
    record.since = before - steps
    return -before < STRETCH <= steps - before


def restless(record: Record) -> str:
    """What is said of it."""
    return (
        f"{record.name} goes on and on: it did not pause in {STRETCH:,} operations, and stands at "
        f"{place_of(record.coroutine)}. Is an `await` missing, as in "
        f"`match await {example_of(record)}:`?"
    )
