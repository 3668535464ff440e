"""Spindles as plain coroutines, stepped where they are resumed: hosted and hand-stepped pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.errors import ForeignAwait
from spindle._core.kernel.edge import begin, captured, interrupted, or_as_tasks, with_remedy
from spindle._core.kernel.ending import finish
from spindle._core.kernel.meanings.meaning import SUSPENDED
from spindle._core.kernel.meanings.table import MEANINGS, NOT_CANCEL_POINTS, meaning_of
from spindle._core.kernel.record import CANCEL, ERROR, RUNNING, Cause, Record
from spindle._core.kernel.stubborn import closed, refused
from spindle._core.kernel.tracebacks import trimmed
from spindle._core.kernel.unwinding import SWALLOW_BOUND, Unwinding
from spindle._core.names import name_of
from spindle._core.states import Completed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.kernel.meanings.meaning import Meaning
    from spindle._core.kernel.turns import Turns

__all__ = ["step"]


def step(
    turns: Turns,
    record: Record,
    /,
    meanings: Mapping[type, Meaning] = MEANINGS,
    find: Callable[[object], Meaning | None] = meaning_of,
) -> None:
    """Resume `record` and run it until it suspends or ends; `find` what is not in `meanings`."""
    kernel, run = turns.kernel, record.context.run
    value, record.with_value = record.with_value, None
    how = record.resumption
    error: BaseException | None = None
    if how is CANCEL:
        error = _cancellation(record)
    elif how is ERROR:
        error = kernel.thrown(value)
    record.state = RUNNING
    try:
        coroutine = record.coroutine or begin(record)
        while True:
            if error is None:
                trap: object = run(coroutine.send, value)
            else:
                thrown, error = error, None
                try:
                    trap = run(coroutine.throw, trimmed(thrown))
                finally:
                    del thrown  # or its traceback, this frame and it keep each other
            kind = type(trap)
            meaning = meanings.get(kind) or find(trap)
            if record.cancel is not None or record.scopes:
                cause = record.cancelled()
                if cause is not None and kind not in NOT_CANCEL_POINTS:
                    error = _again(record, cause)
                    continue
            if meaning is None:
                error = _foreign(record, trap)
                if turns.step_done():  # it may try again for ever
                    turns.hold(record, None, error)
                    return
                continue
            value, failed = None, None
            try:
                value = meaning(kernel, record, trap)
            except Exception as raised:
                error = failed = raised
            if value is SUSPENDED:
                return
            if turns.step_done():
                turns.hold(record, value, failed)
                return
    except StopIteration as stop:
        value = stop.value
        finish(kernel, record, Completed(value) if record.stubborn is None else closed(record))
    except Unwinding as raised:  # noqa: ASYNC103 - the edge of a spindle
        why = record.cancel if record.stubborn is None else None
        finish(kernel, record, why or captured(record, raised))  # noqa: ASYNC104
    except BaseException as raised:  # noqa: ASYNC103 - the edge of a spindle
        _failed(turns, record, with_remedy(record, raised))  # noqa: ASYNC104


def _cancellation(record: Record) -> BaseException:
    cause = record.cancelled() if record.scopes else record
    assert cause is not None
    return _again(record, cause)


def _again(record: Record, cause: Cause) -> BaseException:
    cause.swallowed += 1
    if cause.swallowed <= SWALLOW_BOUND:
        return Unwinding(cause)
    return refused(record, cause)


def _failed(turns: Turns, record: Record, raised: BaseException) -> None:
    try:
        outcome = captured(record, raised)
    except KeyboardInterrupt as interrupt:
        finish(turns.kernel, record, interrupted(record))
        turns.interrupt(interrupt)
    else:
        finish(turns.kernel, record, outcome)


def _foreign(record: Record, trap: object) -> ForeignAwait:
    kind = trap if isinstance(trap, type) else type(trap)
    return ForeignAwait(
        f"{record.name} awaited something that is not an operation ({name_of(kind)}). "
        f"A spindle that is hosted or stepped by hand awaits operations only: put the call into a "
        f"port, or write `await perform(fn, ...)`{or_as_tasks(record)}"
    )
