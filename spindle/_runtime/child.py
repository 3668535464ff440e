"""A spindle's task, as its driver sees it: where it is parked, and what it is woken with."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias

import trio
from trio.lowlevel import Abort, RaiseCancelT

if TYPE_CHECKING:
    import outcome

    from spindle._core.kernel.record import Cause, Record
    from spindle._core.operations.port import Call
    from spindle._runtime.tasks import Tasks

__all__ = ["Child", "Result", "Steps", "child_of"]

Result: TypeAlias = "outcome.Value[object] | outcome.Error"
Steps: TypeAlias = Generator[Any, Any, object]
"""Part of a trampoline: yields trio's traps, returns the answer to an operation."""


class Child:
    """The task of one spindle. Woken at most once a park, also before it has parked."""

    __slots__ = (
        "_record",
        "_tasks",
        "call",
        "early",
        "insists",
        "parked",
        "queueing",
        "scope",
        "swallowed",
        "task",
        "unwinding",
    )

    def __init__(self, tasks: Tasks, record: Record) -> None:
        """Prepare the task of `record`."""
        self._tasks = tasks
        self._record = record
        # Shielded: a program around that is cancelled reaches its spindles through the page's own
        # cancel, with a reason and children first.
        self.scope = trio.CancelScope(shield=True)
        self.task: trio.lowlevel.Task | None = None
        self.parked = False
        self.queueing = False
        """Whether it has asked for the turn, and the input that says so is not applied yet."""
        self.insists = False
        """Whether no cancellation ends the queueing."""
        self.swallowed = 0
        """How many of trio's own awaits have seen a cancellation."""
        self.early: Result | None = None
        """What it was woken with before it parked."""
        self.unwinding: Cause | None = None
        """What cancelled its wait before it parked."""
        self.call: Call[Any] | None = None

    def parks(self) -> bool:
        """Whether there is nothing to do but to be parked; it is from now on."""
        if self.early is None and self.call is None and self.unwinding is None:
            self.parked = True
        return self.parked

    def wake(self, result: Result) -> None:
        """Resume the task with `result`, now or as soon as it parks."""
        if self.parked and self.task is not None:
            self.parked = False
            trio.lowlevel.reschedule(self.task, result)
        else:
            self.early = result

    def __call__(self, _: RaiseCancelT) -> Abort:
        """Asked by trio, which wants to cancel the wait, whether it may."""
        if not self._tasks.withdraw(self._record):
            return Abort.FAILED
        self.parked = False
        return Abort.SUCCEEDED


def child_of(record: Record) -> Child:
    """The task of a coroutine that has begun."""
    assert isinstance(record.driven, Child)
    return record.driven
