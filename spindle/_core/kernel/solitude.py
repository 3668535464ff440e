"""Stepping by hand as if no event loop ran around: nothing of a spindle binds to the test's task.

A cancel scope of trio's, or a `timeout` of asyncio's, takes the task that is current when it is
entered. In an async test that would be the test, which it would cancel later. So while a page is
stepped by hand there is no current task of trio's and no running loop of asyncio's: what needs one
is refused at its line, as it is where there is no loop at all. Neither library is imported for
that. The name that is private to trio is tried and held by the test of `_runtime.alone`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["alone"]

Ts = TypeVarTuple("Ts")

TRIO: Final = "trio._core._run"
ASYNCIO: Final = "asyncio.events"


def alone(work: Callable[[Unpack[Ts]], None], *args: *Ts) -> None:
    """Do some work of a page by hand with no task and no loop current; they are back afterwards."""
    loaded = sys.modules
    if TRIO in loaded:
        work = _without_task(loaded[TRIO], work)
    if ASYNCIO in loaded:
        work = _without_loop(loaded[ASYNCIO], work)
    work(*args)


def _without_task(trio: Any, work: Callable[[Unpack[Ts]], None]) -> Callable[[Unpack[Ts]], None]:
    context = trio.GLOBAL_RUN_CONTEXT
    task = getattr(context, "task", None)
    if task is None:
        return work

    def done(*args: *Ts) -> None:
        del context.task
        try:
            work(*args)
        finally:
            context.task = task

    return done


def _without_loop(asyncio: Any, work: Callable[[Unpack[Ts]], None]) -> Callable[[Unpack[Ts]], None]:
    loop = asyncio._get_running_loop()
    if loop is None:
        return work

    def done(*args: *Ts) -> None:
        asyncio._set_running_loop(None)
        try:
            work(*args)
        finally:
            asyncio._set_running_loop(loop)

    return done
