"""What is private to trio: who runs, and whether a task is cancelled; used here and in `solitude`.

A hosted spindle runs in the task that delivers an event. Without this, a cancel scope or nursery it
opens would bind to that task and cancel it later. Verified with the versions below; another one
is refused by the test of this file, not at run time.

Trio does not know of async generators that begin there, so they are taken care of here, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import trio
from trio._core._run import GLOBAL_RUN_CONTEXT

from spindle._core.kernel.generators import dispatch_hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.generators import Generator, Hook

__all__ = ["VERIFIED_WITH", "adopt_generators", "alone", "is_cancelled", "this_run"]

T = TypeVar("T")
U = TypeVar("U")

VERIFIED_WITH: Final = ("0.35",)


def this_run() -> dict[str, Any]:
    """What trio keeps of the run of this thread: to be looked up once, not for every step."""
    return vars(GLOBAL_RUN_CONTEXT)


def alone(context: dict[str, Any], fn: Callable[[T, U], None], first: T, second: U) -> None:
    """Call `fn(first, second)` with no current trio task; the current one is back afterwards.

    Args:
        context: of this thread, from `this_run`.
        fn: what to call.
        first: its first argument.
        second: its second argument.
    """
    task = context.pop("task", None)
    try:
        fn(first, second)
    finally:
        if task is not None:
            context["task"] = task


def is_cancelled(task: trio.lowlevel.Task) -> bool:
    """Whether a checkpoint of `task` would raise `trio.Cancelled`; a tenth of what trying costs."""
    return task._cancel_status.effectively_cancelled  # pyright: ignore[reportPrivateUsage]


def adopt_generators() -> None:
    """See that async generators which begin with no current task are closed when dropped.

    Once a run of trio, which takes the hooks away with its own; harmless more often.
    """
    dispatch_hooks(trio.lowlevel.in_trio_task, _guarded)


def _guarded(hook: Hook) -> Hook:
    @trio.lowlevel.enable_ki_protection
    def finalizer(generator: Generator) -> None:
        hook(generator)

    return finalizer
