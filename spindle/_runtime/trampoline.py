"""The loop that runs a spindle's coroutine in a task and tells our operations from trio's traps."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import trio

from spindle._core.kernel.edge import begin
from spindle._core.kernel.groups import is_a
from spindle._core.kernel.meanings.table import meaning_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.record import Record
    from spindle._runtime.child import Steps
    from spindle._runtime.tasks import Tasks

__all__ = ["trampoline"]


@trio.lowlevel.disable_ki_protection
def _step(resume: Callable[[Any], object], value: object) -> object:
    """Run the spindle's own code, the one place where Ctrl-C may hit."""
    try:
        return resume(value)
    finally:
        del value


@types.coroutine
def trampoline(tasks: Tasks, record: Record) -> Steps:
    """Run `record` to its end: answer operations, let everything else through to trio."""
    coroutine = begin(record)
    value: object = None
    error: BaseException | None = None
    while True:
        try:
            if error is None:
                trap = _step(coroutine.send, value)
            else:
                thrown, error = error, None
                try:
                    trap = _step(coroutine.throw, thrown)
                finally:
                    del thrown  # or its traceback, this frame and it keep each other
        except StopIteration as stop:
            return stop.value
        meaning = meaning_of(trap)
        try:
            if meaning is None:
                value = yield from tasks.pass_on(record, trap)
            else:
                value = yield from tasks.perform(record, meaning, trap)
        except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
            error = raised
            if is_a(raised, trio.Cancelled):
                tasks.cancellation_raised(record)
            elif record.stubborn is not None and record.coroutine is None:
                raise
