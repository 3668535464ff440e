"""Running code as if there were no trio task: private to trio, kept in this one file.

A hosted spindle runs in the task that delivers an event. Without this, a cancel scope or nursery it
opens would bind to that task and cancel it later. Verified with the versions below; another one
is refused by the test of this file, not at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVarTuple, Unpack

from trio._core._run import GLOBAL_RUN_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VERIFIED_WITH", "alone"]

Ts = TypeVarTuple("Ts")

VERIFIED_WITH: Final = ("0.35",)


def alone(fn: Callable[[Unpack[Ts]], None], *args: *Ts) -> None:
    """Call `fn(*args)` with no current trio task; the current one is back afterwards."""
    task = getattr(GLOBAL_RUN_CONTEXT, "task", None)
    if task is None:
        fn(*args)
        return
    del GLOBAL_RUN_CONTEXT.task
    try:
        fn(*args)
    finally:
        GLOBAL_RUN_CONTEXT.task = task
