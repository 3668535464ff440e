"""What is private to trio, kept in this one file: who runs, and whether a task is cancelled.

A hosted spindle runs in the task that delivers an event. Without this, a cancel scope or nursery it
opens would bind to that task and cancel it later. Verified with the versions below; another one
is refused by the test of this file, not at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from trio._core._run import GLOBAL_RUN_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    import trio

__all__ = ["VERIFIED_WITH", "alone", "is_cancelled"]

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


def is_cancelled(task: trio.lowlevel.Task) -> bool:
    """Whether a checkpoint of `task` would raise `trio.Cancelled`; a tenth of what trying costs."""
    return task._cancel_status.effectively_cancelled  # pyright: ignore[reportPrivateUsage]
