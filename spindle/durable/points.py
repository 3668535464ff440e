"""Named places in the code of a store, where a test may end its process.

Nothing happens there in a program: the hook is `None`, and asking costs a look at a global.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

__all__ = ["LABELS", "reach", "watch"]

LABELS: Final = (
    "open:locked",
    "open:before schema",
    "open:after schema",
    "open:ready",
    "batch:taken",
    "batch:begun",
    "batch:written",
    "batch:kept",
    "batch:told",
    "snapshot:kept, not pruned",
    "checkpoint:before",
    "checkpoint:after",
    "close:before",
    "close:after",
)
"""All of them."""

_hook: Callable[[str], None] | None = None


def watch(hook: Callable[[str], None] | None) -> None:
    """Have a function called with each label that is reached, on whatever thread."""
    global _hook
    _hook = hook


def reach(label: str) -> None:
    """Say that a place is reached."""
    if _hook is not None:
        _hook(label)
