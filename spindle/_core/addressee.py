"""Whom an event is for, as the program says it."""

from __future__ import annotations

from typing import Final

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import shown
from spindle._core.texts import plain_text

__all__ = ["addressee"]

__tracebackhide__ = hides_frames

FARTHEST: Final = 2**63 - 1
"""More questions than a page will ever ask, in a number that a log can write."""


def addressee(yield_id: int | None, instance: str | None) -> tuple[int | None, str | None]:
    """Check whom an event is for.

    Returns:
        The same, in plain values. A number that no question ever has, and that a log might not be
        able to write, becomes one that it can: it may come from a browser, and is no error then.

    Raises:
        UsageError: `yield_id` is not a whole number, or `instance` not a text.
    """
    if yield_id is not None:
        if type(yield_id) is not int:
            raise UsageError(
                f"yield_id= takes the number of a yield, as source.yield_id is one, not "
                f"{shown(yield_id)}"
            )
        if not -1 <= yield_id <= FARTHEST:
            yield_id = FARTHEST if yield_id > 0 else -1
    return yield_id, None if instance is None else plain_text("instance=", instance)
