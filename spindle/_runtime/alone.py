"""Running code as if there were no trio task: private to trio, kept in this one file.

A hosted spindle runs in the task that delivers an event. Without this, a cancel scope or nursery it
opens would bind to that task and cancel it later. Verified with the versions below; another one
is refused by the test of this file, not at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from trio._core._run import GLOBAL_RUN_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERIFIED_WITH", "alone"]

T = TypeVar("T")
U = TypeVar("U")

VERIFIED_WITH: Final = ("0.35",)


def alone(fn: Callable[[T, U], None], first: T, second: U) -> None:
    """Call `fn(first, second)` with no current trio task; the current one is back afterwards."""
    context = vars(GLOBAL_RUN_CONTEXT)  # of this thread: looked up once, not at every access
    task = context.pop("task", None)
    try:
        fn(first, second)
    finally:
        if task is not None:
            context["task"] = task
