"""How much one page may take."""

from __future__ import annotations

from typing import Final

import msgspec

from spindle._core.errors import UsageError
from spindle._core.names import shown

__all__ = ["DEFAULT_LIMITS", "ENDED_KEPT", "PageLimits"]

ENDED_KEPT: Final = 1000
"""Of how many keys whose spindles have ended a page knows what they had come to."""


class PageLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one page. What is asked for beyond them is refused where it is asked.

    Raises:
        UsageError: one is not a positive number, or a count is not a whole one.
    """

    coroutines: int = 100_000
    """How many spindles and fibers, and waits at its edges, are live at a time."""
    depth: int = 100_000
    """How long a chain of fibers may be, each started by the one before."""
    call_seconds: float = 5.0
    """How long a `write` or `once` call runs on when its spindle is cancelled."""
    kept_values: int = 1000
    """How many values are kept of each batched read; the oldest makes room."""
    overrun_seconds: float = 10.0
    """How long after its cancellation a spindle that is still there is named in the log."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value: object = getattr(self, name)
            counts = name in ("coroutines", "depth", "kept_values")
            kind = int if counts else (int, float)
            if isinstance(value, bool) or not isinstance(value, kind) or not value > 0:
                what = "a positive whole number" if counts else "a positive number"
                raise UsageError(f"PageLimits({name}=) takes {what}, not {shown(value)}")


DEFAULT_LIMITS = PageLimits()
