"""The page kernel: the state of one page, and what every input does to it.

Pure and synchronous. Inputs (a start, an event, the end of a call, a cancellation, a deadline) are
method calls; what the spindles' operations do is in `meanings`; how coroutines end, one because of
another, is in `cascade` and `ending`; what the view is to be told collects in `out`. Who runs next
is decided here, first in first out, so that the same source gives the same conversation under every
driver. A driver adds only what it means for a coroutine to be resumed, and must apply inputs one at
a time, the next one when no coroutine can run (see `Turns`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, Protocol

from spindle._core.errors import LimitReached, OutcomeUnknown, PageClosed, PageClosing
from spindle._core.journal import (
    CallEnded,
    CancelCame,
    Entry,
    EventCame,
    Journal,
    MessageSent,
    Started,
    TimerFired,
)
from spindle._core.kernel.cells import owner_began
from spindle._core.kernel.chance import Chance
from spindle._core.kernel.edge import stray
from spindle._core.kernel.ending import (
    cancel_siblings,
    cancel_tree,
    everyone,
    leave_fold,
    strike,
)
from spindle._core.kernel.groups import is_a
from spindle._core.kernel.ledger import Ledger
from spindle._core.kernel.record import (
    CANCEL,
    ERROR,
    NEW,
    READY,
    TURN,
    VALUE,
    WAITING,
    Key,
    Outside,
    Record,
    Resumption,
    SpindleFunction,
    SpindleRecord,
)
from spindle._core.kernel.timers import Timer, Timers
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.kernel.waits import FibersWait, Wait
from spindle._core.kernel.wording import key_is_taken, made_way, was_cancelled, with_origin
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import name_of, shortened
from spindle._core.operations.port import Repeat
from spindle._core.states import Cancelled, Completed, Errored
from spindle._core.supervision import REPORT, Policy
from spindle._core.texts import plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Context

    from spindle._core.contracts.block import Block
    from spindle._core.kernel.cells import CellState
    from spindle._core.kernel.overruns import Overrunner, Overruns
    from spindle._core.kernel.record import Cause
    from spindle._core.messages import Ask
    from spindle._core.operations.cell import Cell
    from spindle._core.operations.port import Call
    from spindle._core.source import Source
    from spindle._core.states import Sent

__all__ = ["NOBODY", "Driver", "Kernel"]

_WITHOUT_VALUE = frozenset({TURN, CANCEL})

CASCADE_CHUNK: Final = 500
"""How many coroutines are told of a cancellation before the rest of the program gets its turn."""


class _Nobody(deque["Record"]):
    """The row of a page that is at rest: nobody may join it, so that nobody is forgotten there."""

    def append(self, record: Record, /) -> None:
        raise AssertionError(f"{record.name} was woken outside of a turn")


NOBODY: Final = _Nobody()
"""The row of a page that is at rest."""


class Driver(Protocol):
    """What the kernel asks of whoever drives the coroutines. None of these may call back at once.

    The last two are asked by handles.
    """

    def clock(self) -> float:
        """Seconds since the page was opened."""
        ...

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """The coroutine has left for a call: see that it is done, then post `call_ended`."""
        ...

    def cut_short(self, record: Record, cause: Cause) -> None:
        """The coroutine is cancelled while it is away: end its call or foreign await."""
        ...

    def timer_was_set(self) -> None:
        """There is a new deadline."""
        ...

    def overran(self, overrunner: Overrunner) -> None:
        """A coroutine is still there long after it was cancelled: see that this is heard of."""
        ...

    def cancel_record(self, record: Record, reason: str) -> None:
        """Post the cancellation of a coroutine and of what belongs to it."""
        ...

    async def ended(self, record: Record) -> None:
        """Wait until it has ended."""
        ...


class Kernel:
    """The state of one page."""

    __slots__ = (
        "_now",
        "abandoned",
        "asked",
        "blocks",
        "cascade",
        "cells",
        "chance",
        "channels",
        "closing",
        "coroutines",
        "driver",
        "escalated",
        "journal",
        "ledger",
        "limits",
        "live",
        "moment",
        "out",
        "outside",
        "overruns",
        "provide",
        "ready",
        "stopping",
        "timers",
    )

    def __init__(
        self,
        driver: Driver,
        provide: Mapping[Any, object],
        journal: Journal | None = None,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits = DEFAULT_LIMITS,
        seed: bytes | Callable[[], bytes] = b"",
    ) -> None:
        self.driver = driver
        self.provide = provide
        self.journal = journal
        self.blocks = blocks
        """The page's contract; None where any block may be started."""
        self.limits = limits
        self.chance = Chance(seed)
        self.channels = 0
        """How many channels have been used; each is known by its number."""
        self._now = 0.0
        self.moment: float | None = None
        """When the turn began; None as long as nobody has asked."""
        self.out: list[tuple[Source, Sent]] = []
        self.ready: deque[Record] = NOBODY
        """Who runs next, given by the driver."""
        self.live: dict[Key, SpindleRecord] = {}
        self.outside: dict[SpindleRecord, None] | None = None
        """Coroutines that use cells and channels for somebody outside the page."""
        self.coroutines = 0
        """How many are live, fibers included."""
        self.timers = Timers()
        self.ledger = Ledger()
        self.asked: dict[Key, int] = {}
        """The last yield of each key whose spindle has ended: no other is given its number."""
        self.cells: dict[Cell[Any], CellState] | None = None
        self.abandoned: set[Key] | None = None
        """Keys whose spindle ended without having put a value into each of its cells."""
        self.closing: Cancelled | None = None
        """Why the page is being stopped, from the time of grace on."""
        self.stopping: Cancelled | None = None
        """Why the page is cancelled."""
        self.cascade: deque[tuple[Iterator[Record], Cancelled]] | None = None
        """Whom cancellations have still to be delivered to: before anything else happens."""
        self.overruns: Overruns | None = None
        """Who is cancelled and has not ended; None if nobody is."""
        self.escalated: list[Exception] | None = None
        """What ends the page by the policy of the spindles that raised it."""

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
            UsageError: `instance` is not a text.
            LimitReached: there are too many coroutines.
        """
        if instance is not None and type(instance) is not str:
            instance = plain_text("instance=", instance)
        own = copy_context() if context is None else context
        record = SpindleRecord(
            block, instance, fn, args, provide, own, self, policy, significant=significant
        )
        self.admit(record)
        holder = self.live.get(record.key)
        if holder is None:
            self.live[record.key] = record
        elif replaced is None:
            self.coroutines -= 1
            raise key_is_taken(record)
        else:
            self._replace(holder, record, replaced)
        return record

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
            record.asked = self.asked.get(key, 0) if self.asked else 0
        record.launched = True
        if self.journal is not None:
            self.note(Started(record.source, name_of(record.fn), record.args))
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
        self.fulfil(record.root.pending.pop(number), value)

    def call_ended(
        self, record: Record, call: Call[Any], value: object, error: BaseException | None
    ) -> None:
        """The call that `record` waits for returned `value` or raised `error`."""
        if self.journal is not None:
            self.note(CallEnded(record.root.source, call.name, value, error))
        self.call_off_alarm(record)
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
        """Deliver a cancellation; what is more than may be at a time, as soon as no code runs."""
        if self._strike_some(records, cancelled):
            if self.cascade is None:
                self.cascade = deque()
            self.cascade.append((records, cancelled))

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

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds of the page's clock; it stands still during a turn."""
        if self.moment is None:
            # Read when it is first asked for: most turns never ask.
            self.arrive(self.driver.clock())
        return self._now

    def arrive(self, at: float) -> None:
        """A turn begins at that time; the clock never goes back."""
        if at > self._now:
            self._now = at
        self.moment = self._now

    def set_timer(self, seconds: float, do: Callable[..., None], *args: object) -> Timer:
        """Call `do` in so many seconds, in a turn of its own."""
        timer = self.timers.set(self.now + seconds, do, args)
        self.driver.timer_was_set()
        return timer

    def fire_due(self, by: float) -> bool:
        """Let the next deadline due by then fire, at its own time; answers whether one was."""
        due = self.timers.pop_due(by)
        if due is None:
            return False
        self.arrive(due.at)
        if self.journal is not None:
            self.note(TimerFired())
        due.fire()
        return True

    def call_off_alarm(self, record: Record) -> None:
        """Forget when its call was to be cut, or when it was to be started."""
        if record.alarm is not None:
            record.alarm.call_off()
            record.alarm = None

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
        if isinstance(outcome, Completed):
            self.fulfil(wait, outcome.value)
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
        if waits is None:
            return
        for wait in waits if isinstance(waits, tuple) else (waits,):
            wait.withdraw(self)

    def hold(self, record: Record, value: object, error: BaseException | None) -> None:
        """Stop a running coroutine where it is; it goes on with what it got, before all others."""
        if error is None:
            record.wake(VALUE, value)
        else:
            record.wake(ERROR, error)
        self.ready.appendleft(record)

    def withdraw(self, record: Record) -> bool:
        """A native cancellation wants to end the wait of `record`; answers whether it may.

        It may not when a value is on its way: that is received first.
        """
        if record.state is WAITING:
            if isinstance(record.waits, FibersWait):
                leave_fold(self, record, record.waits.fold)
                return False
            self.withdraw_waits(record)
        elif record.state is READY and record.resumption in _WITHOUT_VALUE:
            if record in self.ready:
                self.ready.remove(record)
        else:
            return False
        record.run()
        return True

    # --- what the view is told ------------------------------------------------------------------

    def tell(self, source: Source, message: Sent) -> None:
        """Say `message` to the view."""
        if self.journal is not None:
            self.note(MessageSent(source, message))
        self.out.append((source, message))

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer; of each spindle the oldest first."""
        return [
            (wait.source, wait.ask)
            for record in self.live.values()
            for wait in record.pending.values()
        ]

    def note(self, entry: Entry) -> None:
        """Tell the journal, of which there is one."""
        assert self.journal is not None
        self.journal.record(self.now, entry)
