"""How coroutines end: cancelled from above, or over, with all that belongs to them.

Cancellation is delivered to all in one pass, children before parents, the newest first. Very many
are told in parts, between which the rest of the program has its turn, but nobody else on the page.
A coroutine is struck once, with the first reason that reaches it; what belongs to one that was
struck has been struck before it, so that no cascade walks a tree twice. (Without that mark a chain
of 5,000 takes half a minute.)

```
its code is over ─▶ its fibers are cancelled ─▶ they have ended ─▶ its outcome stands
```
The outcome follows those of its fibers. It is what the code returned or raised, unless a fiber has
failed and nobody joined it: then it is that failure.

Nothing here recurses, because chains of fibers may be 50,000 deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from spindle._core.errors import PageClosing
from spindle._core.kernel.groups import is_a, leaves
from spindle._core.kernel.mail import settle_in_hand
from spindle._core.kernel.overruns import Overruns
from spindle._core.kernel.record import (
    AWAY,
    CANCEL,
    DONE,
    ENDING,
    NEW,
    WAITING,
    Batch,
    Record,
    SpindleRecord,
)
from spindle._core.kernel.supervisor import spindle_ended
from spindle._core.kernel.tracebacks import traceback_of
from spindle._core.kernel.waits import Aftermath, FibersWait
from spindle._core.kernel.wording import attached, with_origin
from spindle._core.operations.port import Repeat
from spindle._core.operations.scope import Scope
from spindle._core.states import Cancelled, Errored, Origin, Outcome

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Cause
    from spindle._core.kernel.waits import EndWait
    from spindle._core.operations.fiber import FiberScope

__all__ = [
    "cancel_fold",
    "cancel_siblings",
    "cancel_tree",
    "descending",
    "everyone",
    "finish",
    "interrupt",
    "leave_fold",
    "strike",
]


# --- cancelled from above ---------------------------------------------------------------------


def descending(records: Sequence[Record]) -> Iterator[Record]:
    """Every coroutine of these trees, but what is cancelled already: children before parents.

    The newest first.
    """
    for root in reversed(records):
        if not root.children:
            yield root
            continue
        left, owners = [[root]], list[Record]()
        while left:
            if left[-1]:
                record = left[-1].pop()
                if not record.children:
                    yield record
                elif record.cancel is None:
                    owners.append(record)
                    left.append(list(record.children))
            else:
                left.pop()
                if owners:
                    yield owners.pop()


def everyone(kernel: Kernel) -> Iterator[Record]:
    """Every coroutine of the page, in the order of `descending`; a spindle after its successor.

    But for batches: each goes with the last one that waits for it.
    """
    visits = [each for each in kernel.outside or () if each.block is not Batch]
    for spindle in reversed([*visits, *kernel.live.values()]):
        if spindle.successor is not None:
            yield spindle.successor
        yield from descending((spindle,))


def cancel_tree(kernel: Kernel, record: Record, cancelled: Cancelled) -> None:
    """Cancel `record` and what belongs to it."""
    kernel.cancel_all(descending((record,)), cancelled)


def cancel_fold(kernel: Kernel, fibers: Iterable[Record], cancelled: Cancelled) -> None:
    """Cancel several fibers and what belongs to them, the newest first."""
    kernel.cancel_all(descending(list(fibers)), cancelled)


def cancel_siblings(
    kernel: Kernel, records: Iterable[Record], failed: Record, error: Exception, by: Record
) -> None:
    """Cancel those that `by` waited for together with one that failed, and gave `error`."""
    left: list[Record] = []
    for record in dict.fromkeys(records):
        if record.outcome is None:
            record.join(Aftermath(by, 0, error))
            left.append(record)
        elif isinstance(record.outcome, Errored) and not record.joined:
            record.joined = True
            attached(error, record)
    what = "failed" if isinstance(failed.outcome, Errored) else "was cancelled"
    why = Cancelled(f"{failed.name} {what}", Origin.SCOPE_LEFT, by.root.source)
    cancel_fold(kernel, left, why)


def strike(kernel: Kernel, record: Record, cancelled: Cancelled) -> None:
    """Deliver a cancellation to one coroutine; the first one counts."""
    if record.cancel is None and record.state is not DONE:
        record.cancel = cancelled
        if record.state is not NEW:
            if kernel.overruns is None:
                kernel.overruns = Overruns(kernel)
            kernel.overruns.struck(record)
        interrupt(kernel, record)


def interrupt(kernel: Kernel, record: Record) -> None:
    """`record` may be cancelled now: see that it learns it wherever it waits."""
    state = record.state
    if state is NEW:
        assert record.cancel is not None
        finish(kernel, record, record.cancel)
        return
    cause = record.cancelled() if record.scopes else record
    if cause is None:
        return
    if state is WAITING:
        if type(record.waits) is FibersWait:
            leave_fold(kernel, record, record.waits.fold)
        else:
            kernel.withdraw_waits(record)
            kernel.wake(record, CANCEL)
    elif state is AWAY:
        call = record.call
        if call is None or call.repeat is Repeat.READ or _is_a_budget(cause):
            kernel.driver.cut_short(record, cause)
        elif record.alarm is None:
            record.alarm = kernel.set_timer(kernel.limits.call_seconds, _cut, kernel, record)


def _is_a_budget(cause: Cause) -> bool:
    return isinstance(cause, Scope) and cause.shield


def _cut(kernel: Kernel, record: Record) -> None:
    """A call that was let run on has taken too long."""
    record.alarm = None
    cause = record.cancelled()
    assert cause is not None
    kernel.driver.cut_short(record, cause)


def leave_fold(kernel: Kernel, record: Record, fold: FiberScope, how: str = "is being cut") -> None:
    """`record` has to leave a `scope()`: its fibers are cancelled, their ends are waited for."""
    by = record.root.source
    why = record.cancel or Cancelled(f"its scope() {how}", Origin.SCOPE_LEFT, by)
    cancel_fold(kernel, fold.fibers, why)


# --- over -------------------------------------------------------------------------------------


def finish(kernel: Kernel, record: Record, outcome: Outcome[object]) -> None:
    """The code of `record` is over: settle what it held, then end what belongs to it."""
    if kernel.closing is not None:
        outcome = _or_way_made(kernel.closing, record, outcome)
    if record.in_hand is not None:
        settle_in_hand(kernel, record, outcome)
    assert record.waits is None
    if record.alarm is not None:
        kernel.call_off_alarm(record)
    if record.scopes is not None:
        for scope in record.scopes:
            if scope.call_off is not None:
                scope.call_off()
        record.scopes = None
    if not record.children:
        _end(kernel, record, outcome)
        return
    record.wind_up(outcome)
    name, source = record.name, record.root.source
    why = record.cancel or Cancelled(f"{name} has ended", Origin.OWNER_ENDED, source)
    cancel_fold(kernel, record.children, why)  # it ends with the last of them


def _or_way_made(stop: Cancelled, record: Record, outcome: Outcome[object]) -> Outcome[object]:
    """The outcome; of a spindle that has let through that nobody answers: the page's stop."""
    return stop if record.owner is None and _made_way(outcome) else outcome


def _made_way(outcome: Outcome[object] | None) -> bool:
    """Whether it ended by what a yield raises in the time of grace, and nothing else."""
    return isinstance(outcome, Errored) and all(
        is_a(each, PageClosing) for each in leaves(outcome.error)
    )


def _can_end(record: Record) -> bool:
    """Whether nothing is left of one whose code is over but its outcome."""
    return not record.children


def _end(kernel: Kernel, record: Record, outcome: Outcome[object]) -> None:
    """`record` and all its fibers are over; so may be its owner then, which waited for that."""
    ends = record
    while True:
        if ends.failures is not None:
            made_way = kernel.closing is not None and _made_way(outcome)
            outcome = _with_failures(outcome, ends.failures, made_way)
            ends.failures = None
        if kernel.closing is not None:
            outcome = _or_way_made(kernel.closing, ends, outcome)
        if type(outcome) is Errored:  # to ask a struct's class otherwise takes ten times as long
            ends.traceback = traceback_of(outcome.error)
        ends.end(outcome)
        kernel.coroutines -= 1
        if kernel.overruns is not None and ends.cancel is not None:
            kernel.overruns.ended(ends)
        owner = ends.owner
        if owner is not None:
            _fiber_ended(kernel, ends, owner)
        if ends.joiners is not None:
            _tell_joiners(kernel, ends, ends.joiners)
        if owner is None:
            assert isinstance(ends, SpindleRecord)
            spindle_ended(kernel, ends)
            return
        if owner.state is not ENDING or not _can_end(owner):
            return
        ends, outcome = owner, owner.with_value


def _with_failures(
    outcome: Outcome[object], failures: list[Record], made_way: bool
) -> Outcome[object]:
    """What the code came to, or the first failure of a fiber that nobody joined."""
    for fiber in failures:
        if fiber.joined:
            continue
        assert isinstance(fiber.outcome, Errored)
        if made_way or not isinstance(outcome, Errored):
            outcome, made_way = fiber.outcome, False
            with_origin(outcome.error, fiber)
        else:
            attached(outcome.error, fiber)
    return outcome


def _tell_joiners(kernel: Kernel, record: Record, joiners: dict[EndWait, None]) -> None:
    for wait in list(joiners):
        # One that has lost a race to another wait for this very end is gone already.
        if wait in joiners:
            del joiners[wait]
            wait.ended(kernel, record)
    record.joiners = None


def _fiber_ended(kernel: Kernel, fiber: Record, owner: Record) -> None:
    assert owner.children is not None
    del owner.children[fiber]
    fold, fiber.fold = fiber.fold, None
    failed = type(fiber.outcome) is Errored
    if fold is not None:
        del fold.fibers[fiber]
        if failed:
            _fold_failed(kernel, fold, fiber, owner)
        if not fold.fibers and isinstance(owner.waits, FibersWait) and owner.waits.fold is fold:
            kernel.fulfil(owner.waits, None)
    elif failed and not (kernel.closing is not None and _made_way(fiber.outcome)):
        if owner.failures is None:
            owner.failures = []
        owner.failures.append(fiber)


def _fold_failed(kernel: Kernel, fold: FiberScope, fiber: Record, owner: Record) -> None:
    """A fiber of a `scope()` has failed: the first failure cancels the others and the body."""
    assert isinstance(fiber.outcome, Errored)
    if fold.failure is not None:
        attached(fold.failure, fiber)
        return
    fold.failure = with_origin(fiber.outcome.error, fiber)
    why = Cancelled(f"{fiber.name} failed", Origin.SCOPE_LEFT, fiber.root.source)
    cancel_fold(kernel, fold.fibers, why)
    fold.expired = True
    interrupt(kernel, owner)
