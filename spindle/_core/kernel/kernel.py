"""The page kernel: the state of one page, and what every input does to it.

Pure and synchronous. Inputs (a start, an event, the end of a call, a cancellation, a deadline) are
method calls; what the spindles' operations do is in `meanings`; how coroutines end, one because of
another, is in `ending`; what follows from the end of a spindle, in `supervisor`. Who runs next is
decided here, first in first out, so that the same source gives the same conversation under every
driver. A driver adds only what it means for a coroutine to be resumed, and must apply inputs one at
a time, the next one when no coroutine can run (see `Turns`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final

from spindle._core.apart import apart
from spindle._core.errors import (
    LimitReached,
    OutcomeUnknown,
    PageClosed,
    PageClosing,
    SpindleError,
    hides_frames,
)
from spindle._core.journal import CallEnded, CancelCame, EventCame, Started
from spindle._core.kernel.cells import owner_began
from spindle._core.kernel.edge import stray
from spindle._core.kernel.ending import (
    cancel_siblings,
    cancel_tree,
    everyone,
    leave_fold,
    strike,
)
from spindle._core.kernel.groups import is_a
from spindle._core.kernel.record import (
    CANCEL,
    ERROR,
    NEW,
    READY,
    TURN,
    VALUE,
    WAITING,
    Outside,
    Record,
    Resumption,
    SpindleFunction,
    SpindleRecord,
)
from spindle._core.kernel.state import State
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.kernel.waits import FibersWait, Wait, value_of
from spindle._core.kernel.wording import key_is_taken, made_way, was_cancelled, with_origin
from spindle._core.names import name_of, shortened
from spindle._core.operations.port import Repeat
from spindle._core.states import Cancelled, Completed, Errored
from spindle._core.supervision import REPORT, Policy, check_policy
from spindle._core.tags import TAGS, Tag
from spindle._core.texts import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Context

    from spindle._core.contracts.block import Block
    from spindle._core.operations.port import Call

__all__ = ["Kernel"]

__tracebackhide__ = hides_frames

_WITHOUT_VALUE = frozenset({TURN, CANCEL})

CASCADE_CHUNK: Final = 500
"""How many coroutines are told of a cancellation before the rest of the program gets its turn."""


class Kernel(State):
    """The state of one page, and what changes it."""

    __slots__ = ()

    # --- inputs; what an event does is in `mail` ------------------------------------------------

    def register(
        self,
        block: type[Block],
        instance: str | None,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[Any, object],
        *,
        policy: Policy = REPORT,
        significant: bool = False,
        context: Context | None = None,
        replaced: Cancelled | None = None,
    ) -> SpindleRecord:
        """Take the key for a new spindle; `launch` lets it run.

        Args:
            block: the block, with `instance` its key.
            instance: see there.
            fn: its function.
            args: its arguments.
            provide: what it is given before what the page was given.
            policy: what happens when it fails or ends.
            significant: whether the page ends with it.
            context: its context variables; those of the caller if none are given.
            replaced: why who holds the key now is cancelled; None if the key has to be free.

        Raises:
            PageClosed: the page is ending.
            SpindleIsLive: the key is taken.
            UsageError: `instance` is not a text, `policy` no policy, `significant` no bool.
            LimitReached: there are too many coroutines.
        """
        if instance is not None:
            instance = plain_text("instance=", instance)
        check_policy(policy, significant)
        own = copy_context() if context is None else context
        record = SpindleRecord(
            block, instance, fn, args, provide, own, self, policy, significant=significant
        )
        self.enter(record, replaced)
        return record

    def enter(self, record: SpindleRecord, replaced: Cancelled | None = None) -> None:
        """Take the key for a spindle that has been made; see `register`, what is raised too."""
        self.admit(record)
        holder = self.live.get(record.key)
        if holder is None:
            self.live[record.key] = record
        elif replaced is None:
            self.coroutines -= 1
            raise key_is_taken(record)
        else:
            self._replace(holder, record, replaced)
        if TAGS.wanted:
            TAGS.put_into(record.context, Tag(self.name, record.name))

    def start(self, record: SpindleRecord) -> None:
        """Take the key for a spindle, and let it run; if that cannot be, it has ended at once."""
        try:
            self.enter(record)
        except SpindleError as refused:
            joiners = record.joiners or {}
            record.end(Errored(refused))
            for wait in list(joiners):
                wait.ended(self, record)
        else:
            self.launch(record)

    def admit(self, record: Record) -> None:
        """Count a new coroutine in.

        Raises:
            PageClosed: the page is ending.
            PageClosing: it is a spindle, and the page is being stopped.
            LimitReached: there are too many coroutines.
        """
        if self.stopping is not None:
            why = f"the page is ending ({shortened(self.stopping.reason)})"
            raise PageClosed(f"{record.name} was not started: {why}")
        if self.closing is not None and record.owner is None and record.root.block is not Outside:
            why = f"the page is being stopped ({shortened(self.closing.reason)})"
            raise PageClosing(f"{record.name} was not started: {why}")
        if self.coroutines >= self.limits.coroutines:
            raise LimitReached(
                f"{record.name} was not started: {self.coroutines} spindles and fibers are live, "
                f"and PageLimits(coroutines=) allows no more"
            )
        self.coroutines += 1

    def _replace(self, holder: SpindleRecord, record: SpindleRecord, why: Cancelled) -> None:
        # Who was to have the key next has not started and never will: only the newest is kept.
        waiting, holder.successor = holder.successor, record
        cancel_tree(self, holder if waiting is None else waiting, why)

    def launch(self, record: SpindleRecord) -> None:
        """Let a registered spindle run when its turn comes, and its key is free."""
        key = record.key
        if record.state is not NEW or self.live.get(key, record) is not record:
            return
        if self.live.pop(key, None) is not None:
            # In the order of launches: others may have been started since this one was asked for.
            self.live[key] = record
            owner_began(self, record)
            record.asked = 0 if self.asked is None else self.asked.take(key)
        record.launched = True
        if self.keeper is not None and record.restarts is not None:
            record.restarts = record.restarts._replace(given=apart(record.args))
        if self.journal is not None:
            self.note(Started(record.source, name_of(record.fn), record.args))
        if self.watch is not None:
            self.watch.started(record)
        self.ready.append(record)

    def let_in(self, fn: SpindleFunction, args: tuple[object, ...]) -> SpindleRecord:
        """Let a coroutine use the page's cells and channels for somebody outside.

        Raises:
            PageClosed: the page is ending.
            LimitReached: there are too many coroutines.
        """
        record = SpindleRecord(Outside, None, fn, args, {}, copy_context(), self)
        self.admit(record)
        if self.outside is None:
            self.outside = {}
        self.outside[record] = None
        return record

    def answer(self, record: Record, number: int, value: object) -> None:
        """Answer a pending yield without a letter; whoever asks for this has checked the value."""
        if self.journal is not None:
            self.note(EventCame(value, number, record.root.instance))
        wait = record.root.pending.pop(number)
        wait.record.heard = type(value)
        if self.watch is not None:
            self.watch.answered(wait.source, value)
        self.fulfil(wait, value)

    def call_ended(
        self, record: Record, call: Call[Any], value: object, error: BaseException | None
    ) -> None:
        """The call that `record` waits for returned `value` or raised `error`."""
        if self.journal is not None:
            self.note(CallEnded(record.origin, call.name, value, error))
        self.call_off_alarm(record)
        if self.shelves is not None and call.repeat is not Repeat.READ:
            self.shelves.written(call.given)
        if error is None:
            self.wake(record, VALUE, value)
        elif not is_a(error, Unwinding):
            self.wake(record, ERROR, error)
        elif call.repeat is Repeat.ONCE:
            unknown = OutcomeUnknown(f"{call.name} was cut: nobody knows whether it was done")
            self.wake(record, ERROR, unknown)
        elif record.cancelled() is None:
            self.wake(record, ERROR, stray(record).error)
        else:
            self.wake(record, CANCEL)

    def cancel_page(self, cancelled: Cancelled) -> None:
        """Cancel every spindle, the youngest first, children before parents; nothing new starts."""
        if self.stopping is not None:
            return
        self.stopping = cancelled
        if self.journal is not None:
            self.note(CancelCame(cancelled.reason))
        self.cancel_all(everyone(self), cancelled)

    def cancel_all(self, records: Iterator[Record], cancelled: Cancelled) -> None:
        """Deliver a cancellation; what is more than may be at a time, before anybody goes on."""
        if self._strike_some(records, cancelled):
            if self.cascade is None:
                self.cascade = deque()
            self.cascade.append((records, cancelled))
            self.driver.rest()

    def cascade_on(self) -> bool:
        """Go on with the deliveries that were too much at a time, the oldest first.

        Answers whether there is more to deliver.
        """
        assert self.cascade is not None
        if not self._strike_some(*self.cascade[0]):
            self.cascade.popleft()
            if not self.cascade:
                self.cascade = None
        return self.cascade is not None

    def _strike_some(self, records: Iterator[Record], cancelled: Cancelled) -> bool:
        """Strike as many as may be at a time; answers whether there may be more."""
        for _ in range(CASCADE_CHUNK):
            record = next(records, None)
            if record is None:
                return False
            strike(self, record, cancelled)
        return True

    def cancel(self, record: Record, cancelled: Cancelled) -> None:
        """Cancel a coroutine and what belongs to it."""
        cancel_tree(self, record, cancelled)

    def cancel_siblings(
        self, records: Iterable[Record], failed: Record, error: Exception, by: Record
    ) -> None:
        """Cancel those that were waited for together with one that failed, and gave `error`."""
        cancel_siblings(self, records, failed, error, by)

    # --- resuming -------------------------------------------------------------------------------

    def wake(self, record: Record, resumption: Resumption, value: object = None) -> None:
        """Resume a coroutine when its turn comes."""
        record.wake(resumption, value)
        self.ready.append(record)

    def fulfil(self, wait: Wait, value: object) -> None:
        """`wait`, which is registered nowhere any more, has got its value."""
        record = wait.record
        if record.waits is not wait:
            self._withdraw_losers(wait)
            value = wait.position, value
        record.waits = None
        record.state = READY
        record.resumption = VALUE
        record.with_value = value
        self.ready.append(record)

    def fulfil_with_error(self, wait: Wait, error: BaseException | Record) -> None:
        """`wait`, which is registered nowhere any more, has failed.

        `error` may be a coroutine that failed: several that join it get its error one by one.
        """
        if wait.record.waits is not wait:
            self._withdraw_losers(wait)
        wait.record.waits = None
        self.wake(wait.record, ERROR, error)

    def fulfil_with_outcome(self, wait: Wait, target: Record) -> None:
        """`target`, whose end `wait` was for, has ended."""
        target.joined = True
        outcome = target.outcome
        if type(outcome) is Completed:
            self.fulfil(wait, value_of(self, target))
        elif isinstance(outcome, Errored):
            self.fulfil_with_error(wait, target)
        else:
            self.fulfil_with_error(wait, self.error_of(target))

    def thrown(self, value: object) -> BaseException:
        """What is thrown into a coroutine that was woken with an error."""
        if isinstance(value, BaseException):
            return value
        assert isinstance(value, Record)
        return self.error_of(value)

    def error_of(self, target: Record) -> Exception:
        """What joining a coroutine that did not complete raises."""
        if isinstance(target.outcome, Errored):
            return with_origin(target.outcome.error, target)
        assert isinstance(target.outcome, Cancelled)
        if target.outcome is self.closing and self.stopping is None:
            return made_way(target, target.outcome)
        return was_cancelled(target, target.outcome)

    def _withdraw_losers(self, winner: Wait) -> None:
        waits = winner.record.waits
        assert isinstance(waits, tuple)
        for wait in waits:
            if wait is not winner:
                wait.withdraw(self)

    def withdraw_waits(self, record: Record) -> None:
        """Let a coroutine wait for nothing any more."""
        waits, record.waits = record.waits, None
        assert waits is not None
        for wait in waits if isinstance(waits, tuple) else (waits,):
            wait.withdraw(self)

    def hold(
        self, record: Record, value: object, error: BaseException | None, *, last: bool
    ) -> None:
        """Stop a running coroutine where it is; it goes on before all others, or after them."""
        if error is None:
            record.wake(VALUE, value)
        else:
            record.wake(ERROR, error)
        if last:
            self.ready.append(record)
        else:
            self.ready.appendleft(record)

    def withdraw(self, record: Record) -> bool:
        """A native cancellation wants to end the wait of `record`; answers whether it may.

        It may not when a value is on its way: that is received first.
        """
        if record.state is WAITING:
            if type(record.waits) is FibersWait:
                leave_fold(self, record, record.waits.fold)
                return False
            self.withdraw_waits(record)
        elif record.state is READY and record.resumption in _WITHOUT_VALUE:
            self.ready.remove(record)
        else:
            return False
        record.run()
        return True

    def call_off_alarm(self, record: Record) -> None:
        """Forget when its call was to be cut, or when it was to be started."""
        if record.alarm is not None:
            record.alarm.call_off()
            record.alarm = None
