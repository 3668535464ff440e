"""What is private to trio: who runs, and whether a task is cancelled; used here and in `solitude`.

A hosted spindle runs in the task that delivers an event. Without this, a cancel scope or nursery it
opens would bind to that task and cancel it later. Verified with the versions below; another one
is refused by the test of this file, not at run time.

Trio does not know of async generators that begin there, so they are taken care of here, too.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import trio
from trio._core._run import GLOBAL_RUN_CONTEXT, SystemClock

from spindle._core.kernel.generators import dispatch_hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.generators import Generator, Hook

__all__ = ["CURRENT", "VERIFIED_WITH", "adopt_generators", "is_cancelled", "this_run", "ticks"]

VERIFIED_WITH: Final = ("0.35",)


CURRENT: Final = "task"
"""Under which key `this_run` has the current task; without it there is none."""


def this_run() -> dict[str, Any]:
    """What trio keeps of the run of this thread: to be looked up once, not for every step.

    Whoever steps a spindle takes the current task out, and puts it back afterwards.
    """
    return vars(GLOBAL_RUN_CONTEXT)


def ticks(clock: trio.abc.Clock) -> Callable[[], float]:
    """Seconds that pass as those of `clock` do, from another beginning, and cheaper to read."""
    return perf_counter if type(clock) is SystemClock else clock.current_time


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
