"""The loop that runs a spindle's coroutine in a task and tells our operations from trio's traps."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import trio
from trio.lowlevel import wait_task_rescheduled

from spindle._core.kernel.edge import begin
from spindle._core.kernel.groups import is_a
from spindle._core.kernel.meanings.meaning import SUSPENDED
from spindle._core.kernel.meanings.table import MEANINGS, meaning_of
from spindle._core.kernel.tracebacks import trimmed
from spindle._runtime.child import child_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.record import Record
    from spindle._runtime.child import Steps
    from spindle._runtime.tasks import Tasks

__all__ = ["trampoline"]


@trio.lowlevel.disable_ki_protection
def _step(resume: Callable[[Any], object], given: list[Any]) -> object:
    """Run the spindle's own code, the one place where Ctrl-C may hit."""
    return resume(given.pop())


@types.coroutine
def trampoline(tasks: Tasks, record: Record) -> Steps:
    """Run `record` to its end: answer operations, let everything else through to trio."""
    coroutine, child = begin(record), child_of(record)
    resume: Callable[[Any], object] = coroutine.send
    # What it is resumed with. In no local variable of a frame, or the traceback of an error, the
    # frame and it would keep each other; to delete it behind a `try` is dear where trio's
    # Cancelled comes by, whose class Python 3.11 asks in each `except` and `finally`.
    given: list[object] = [None]
    while True:
        try:
            trap = _step(resume, given)
        except StopIteration as stop:
            return stop.value
        meaning = MEANINGS.get(type(trap)) or meaning_of(trap)
        resume = coroutine.send
        try:
            if meaning is None:
                given.append((yield from tasks.pass_on(record, trap)))
            elif tasks.may_answer(record, trap):
                value = tasks.answer(record, meaning, trap)
                if value is not SUSPENDED:
                    given.append(value)
                elif child.parks():
                    # Here, for the frame of one more generator would lie in every idle spindle.
                    given.append((yield from wait_task_rescheduled(child).__await__()))  # noqa: ASYNC105
                else:
                    given.append((yield from tasks.wait(record)))
            else:
                given.append((yield from tasks.perform(record, meaning, trap)))
        except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
            if is_a(raised, trio.Cancelled):
                tasks.cancellation_raised(record)
            elif record.stubborn is not None and record.coroutine is None:
                raise
            resume = coroutine.throw
            given.append(trimmed(raised))
