"""What a spindle's task came to, when its coroutine is over: the task's cancel scope is left here.

By hand, since each `with`, `except` and `finally` on the way of trio's Cancelled costs a quarter
of a microsecond: Python 3.11 asks its class in each, and that asks in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from spindle._core.kernel.edge import captured, stray
from spindle._core.kernel.groups import is_a, leaves
from spindle._core.kernel.stubborn import closed
from spindle._core.states import Completed

if TYPE_CHECKING:
    from spindle._core.kernel.record import Record
    from spindle._core.states import Outcome
    from spindle._runtime.child import Child

__all__ = ["raised", "returned"]


def returned(record: Record, child: Child, value: object) -> Outcome[object]:
    """The outcome of one that has returned."""
    try:
        child.scope.__exit__(None, None, None)
    except RuntimeError as misnested:  # scopes that the spindle has not left
        return captured(record, misnested)
    return Completed(value) if record.stubborn is None else closed(record)


def raised(record: Record, child: Child, error: BaseException) -> Outcome[object]:
    """The outcome of one that has raised.

    Raises:
        KeyboardInterrupt: that is not the spindle's own.
    """
    try:
        if is_a(error, BaseExceptionGroup):
            # Not for the scope to split: that may take for ever, or as long as it is deep.
            child.scope.__exit__(None, None, None)
        elif child.scope.__exit__(type(error), error, None):
            return _cancelled(record)
    except BaseException as worse:  # noqa: ASYNC103 - of trio, or of what the error says it is
        return captured(record, worse)  # noqa: ASYNC104
    if is_a(error, BaseExceptionGroup):
        return _of_group(record, error)
    # It has no subclasses; to look for one, its class asks a hash of a class that may have none.
    return stray(record) if type(error) is trio.Cancelled else captured(record, error)


def _cancelled(record: Record) -> Outcome[object]:
    assert record.cancel is not None
    return record.cancel if record.stubborn is None else closed(record)


def _of_group(record: Record, group: BaseExceptionGroup[BaseException]) -> Outcome[object]:
    """The outcome of a spindle that raised several errors, cancellations among them or not."""
    raised = list(leaves(group))
    errors = [each for each in raised if not is_a(each, trio.Cancelled)]
    if record.cancel is None or len(errors) == len(raised):
        return captured(record, group)
    if not errors:
        return _cancelled(record)
    several = BaseExceptionGroup("raised while it was cancelled", errors)
    return captured(record, errors[0] if len(errors) == 1 else several)
