"""What follows from the end of a spindle: the view is told, its key is free or taken again.

| policy | it failed | it returned | it was cancelled |
|---|---|---|---|
| `Report()` | told | told | told |
| `Escalate()` | told; the page is cancelled and its block raises | told | told |
| `Restart(PERMANENT)` | told; starts again | told; starts again | told |
| `Restart(TRANSIENT)` | told; starts again | told | told |
| `Restart(TEMPORARY)` | told | told | told |

Starting again ends when the intensity is used up: that is told as `RestartsSpent`, and the policy
says what follows. A significant spindle that ends for good ends the page. A successor, started with
`replace=True`, takes the key before any of this.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, cast

from spindle._core.errors import RestartsSpent
from spindle._core.kernel.asked import Asked
from spindle._core.kernel.cells import owner_ended
from spindle._core.kernel.loading import LoadRecord, batch_ended
from spindle._core.kernel.mail import empty
from spindle._core.kernel.record import Outside, Restarts, SpindleRecord
from spindle._core.states import Cancelled, Completed, Errored, Origin, Outcome
from spindle._core.supervision import REPORT, Escalate, Policy, Restart, When

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel

__all__ = ["spindle_ended"]


def spindle_ended(kernel: Kernel, record: SpindleRecord) -> None:
    """A spindle and all its fibers are over."""
    if record.block is Outside or isinstance(record, LoadRecord):
        if isinstance(record, LoadRecord):
            batch_ended(kernel, record)
        assert kernel.outside is not None
        del kernel.outside[record]
        record.args = ()  # a record refers to itself, and would hold them until it is collected
        return
    if kernel.shelves is not None and record.provide:
        kernel.shelves.left(record)
    outcome = record.outcome
    assert outcome is not None
    holder = kernel.live[record.key]
    if holder is not record:  # it was to take the key when that is free, and never started
        if holder.successor is record:
            holder.successor = None
        kernel.tell(record.source, outcome)
        return
    del kernel.live[record.key]
    if record.asked and kernel.stopping is None:
        if kernel.asked is None:
            kernel.asked = Asked()
        kernel.asked.ended(record.key, record.asked)
    last_word = record.policy
    if record.restarts is not None:
        again, last_word = cast("Restart", last_word), REPORT
        if _starts_again(kernel, record, outcome, again.when):
            spent = _restart(kernel, record)
            if spent is None:
                return
            outcome, last_word = spent, again.spent
    if record.mailbox is not None:
        empty(kernel, record)
    _tell_end(kernel, record, outcome)
    if kernel.watch is not None:
        kernel.watch.ended(record, outcome)
    if record.successor is not None:
        _make_way(kernel, record.successor)
    elif record.block.__cells__:
        owner_ended(kernel, record)
    if type(outcome) is Errored and not isinstance(last_word, Escalate):
        kernel.driver.failed(record, outcome.error, None)
    if record.significant or type(outcome) is Errored:
        _end_the_page(kernel, record, outcome, last_word)


def _tell_end(kernel: Kernel, record: SpindleRecord, outcome: Outcome[Any]) -> None:
    """Tell the view; what it does to a value is seen by nobody who asks for that of a handle."""
    if type(outcome) is Completed:
        own: object = kernel.own(outcome.value)
        if own is not outcome.value:
            outcome = Completed(own)
    kernel.tell(record.source, outcome)


def _make_way(kernel: Kernel, successor: SpindleRecord) -> None:
    kernel.live[successor.key] = successor
    kernel.launch(successor)


def _starts_again(kernel: Kernel, record: SpindleRecord, outcome: object, when: When) -> bool:
    if record.cancel is not None or record.successor is not None:
        return False
    if kernel.stopping is not None or kernel.closing is not None:
        return False
    if isinstance(outcome, Errored):
        return when is not When.TEMPORARY
    return isinstance(outcome, Completed) and when is When.PERMANENT


def _restart(kernel: Kernel, record: SpindleRecord) -> Errored | None:
    """Tell how it ended and start it again after a delay; what to tell, if it may not be."""
    policy = cast("Restart", record.policy)
    before = record.restarts
    assert before is not None
    lately = deque[float]() if before.lately is None else before.lately
    while lately and lately[0] <= kernel.now - policy.period:
        lately.popleft()
    if len(lately) >= policy.intensity:
        return _spent(record, policy)
    assert record.outcome is not None
    _tell_end(kernel, record, record.outcome)
    if kernel.watch is not None:
        kernel.watch.ended(record, record.outcome)
    again = kernel.register(
        record.block,
        record.instance,
        record.fn,
        record.args if before.given is None else before.given,
        record.provide,
        policy=policy,
        significant=record.significant,
        context=before.context.copy(),
    )
    kernel.restarts += 1
    again.launched = True  # events wait for it during the delay
    again.mailbox, record.mailbox = record.mailbox, None
    # A run that held out for a period was no failure in a row with the one before.
    row = before.row if kernel.now - before.at < policy.period else 0
    delay = policy.backoff(row, kernel.chance.random_float() if policy.jitter else 0.0)
    lately.append(kernel.now)
    if isinstance(record.outcome, Errored):
        kernel.driver.failed(record, record.outcome.error, delay)
    again.restarts = Restarts(lately, row + 1, kernel.now + delay, before.context)
    if delay > 0:
        again.alarm = kernel.set_timer(delay, kernel.launch, again)
    else:
        kernel.launch(again)
    return None


def _spent(record: SpindleRecord, policy: Restart) -> Errored:
    spent = RestartsSpent(
        f"{record.name} is not started again: it was, {policy.intensity} times within "
        f"{policy.period:g} s"
    )
    if isinstance(record.outcome, Errored):
        spent.__cause__ = record.outcome.error
    return Errored(spent)


def _end_the_page(
    kernel: Kernel, record: SpindleRecord, outcome: object, last_word: Policy
) -> None:
    """End the page where the policy of a spindle that ended wants that."""
    if type(outcome) is Errored and isinstance(last_word, Escalate):
        if kernel.escalated is None:
            kernel.escalated = []
        kernel.escalated.append(outcome.error)
        why = Cancelled(f"{record.name} failed", Origin.ESCALATED, record.source)
        kernel.cancel_page(why)
    elif record.significant and record.successor is None:
        why = Cancelled(f"{record.name} has ended", Origin.SIGNIFICANT, record.source)
        kernel.cancel_page(why)
