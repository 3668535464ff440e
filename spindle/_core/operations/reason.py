"""Why a spindle is being cancelled, for its own code to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.operations.operation import Operation

if TYPE_CHECKING:
    from spindle._core.states import Cancelled

__all__ = ["CancelReason", "cancel_reason"]


class CancelReason(Operation["Cancelled | None"]):
    """Read the reason. Not a cancel point."""

    __slots__ = ()

    __spelling__ = "cancel_reason()"


def cancel_reason() -> Operation[Cancelled | None]:
    """Ask why the coroutine that awaits this is cancelled: who wanted it, and what for.

    Works in a `finally` block, outside of `cleanup()` too: it never raises a cancellation.

    Returns:
        When awaited: the reason, or None if it is not cancelled. A `timeout()` that has passed,
        or a trio scope, is not a cancellation of the spindle.
    """
    return CancelReason()
