"""The page kernel: the state of one page, and what every input does to it.

Pure and synchronous. Inputs (a start, an event, the end of a call, a cancellation, a deadline) are
method calls; what the spindles' operations do is in `meanings`; what the view is to be told
collects in `out`. Who runs next is decided here, first in first out, so that the same source gives
the same conversation under every driver. A driver adds only what it means for a spindle to be
resumed, and must apply inputs one at a time, the next one when no spindle can run (see `Turns`).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from spindle._core.contracts.block import Block
from spindle._core.errors import PageClosed, SpindleIsLive
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
from spindle._core.kernel.ledger import Ledger
from spindle._core.kernel.mail import empty, settle_in_hand
from spindle._core.kernel.record import Cause, Life, Record, Resumption, SpindleFunction
from spindle._core.kernel.timers import Timers
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.names import name_of
from spindle._core.states import Withdrawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.messages import Ask
    from spindle._core.port import Call
    from spindle._core.source import Source
    from spindle._core.states import Cancelled, Outcome, Sent

__all__ = ["Driver", "Kernel"]

Key: TypeAlias = tuple[type[Block] | None, str | None]

_WITHOUT_VALUE = frozenset({Resumption.TURN, Resumption.CANCEL})


class Driver(Protocol):
    """What the kernel asks of whoever drives the spindles. None of these may call back at once."""

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """The spindle has left for a call: see that it is done, then post `call_ended`."""
        ...

    def cut_short(self, record: Record, cause: Cause) -> None:
        """The spindle is cancelled while it is away: end its call or foreign await."""
        ...

    def timer_was_set(self) -> None:
        """There is a new deadline."""
        ...


class Kernel:
    """The state of one page."""

    __slots__ = (
        "driver",
        "journal",
        "ledger",
        "live",
        "now",
        "out",
        "provide",
        "ready",
        "stopping",
        "timers",
    )

    def __init__(
        self, driver: Driver, provide: Mapping[Any, object], journal: Journal | None = None
    ) -> None:
        self.driver = driver
        self.provide = provide
        self.journal = journal
        self.now = 0.0
        self.out: list[tuple[Source, Sent]] = []
        self.ready: deque[Record] = deque()
        self.live: dict[Key, Record] = {}
        self.timers = Timers()
        self.ledger = Ledger()
        self.stopping: Cancelled | None = None

    # --- inputs; what an event does is in `mail` ------------------------------------------------

    def register(
        self,
        block: type[Block],
        instance: str | None,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[Any, object],
    ) -> Record:
        """Take the key for a new spindle; `launch` lets it run.

        Raises:
            PageClosed: the page is ending.
            SpindleIsLive: the key is taken.
        """
        record = Record(block, instance, fn, args, provide)
        if self.stopping is not None:
            raise PageClosed(
                f"{record.name} was not started: the page is ending ({self.stopping.reason})"
            )
        if (block, instance) in self.live:
            raise SpindleIsLive(
                f"{record.name} is running: a second one under the same block needs a name of its "
                f"own, start(..., instance='...')"
            )
        self.live[block, instance] = record
        return record

    def launch(self, record: Record) -> None:
        """Let a registered spindle run when its turn comes."""
        if record.state is Life.NEW:
            if self.journal is not None:
                self.note(Started(record.source, name_of(record.fn), record.args))
            self.ready.append(record)

    def answer(self, record: Record, number: int, value: object) -> None:
        """Answer a pending yield without a letter; whoever asks for this has checked the value."""
        if self.journal is not None:
            self.note(EventCame(value, number, record.instance))
        self.resume(record, number, value)

    def call_ended(
        self, record: Record, call: Call[Any], value: object, error: BaseException | None
    ) -> None:
        """The call that `record` waits for returned `value` or raised `error`."""
        if self.journal is not None:
            self.note(CallEnded(record.source, call.name, value, error))
        if error is None:
            self.wake(record, Resumption.VALUE, value)
        elif isinstance(error, Unwinding):
            self.wake(record, Resumption.CANCEL)
        else:
            self.wake(record, Resumption.ERROR, error)

    def cancel_page(self, cancelled: Cancelled) -> None:
        """Cancel every spindle, the youngest first; nothing new starts."""
        if self.stopping is not None:
            return
        self.stopping = cancelled
        if self.journal is not None:
            self.note(CancelCame(cancelled.reason))
        for record in reversed(list(self.live.values())):
            record.cancel = cancelled
            self.interrupt(record)

    def fire_due(self, by: float) -> bool:
        """Let the next deadline due by then fire, at its own time; answers whether one was."""
        due = self.timers.pop_due(by)
        if due is None:
            return False
        at, do = due
        self.now = max(self.now, at)
        if self.journal is not None:
            self.note(TimerFired())
        do()
        return True

    # --- who runs -------------------------------------------------------------------------------

    def wake(self, record: Record, resumption: Resumption, value: object = None) -> None:
        """Let `record` go on when its turn comes."""
        record.wake(resumption, value)
        self.ready.append(record)

    def resume(self, record: Record, number: int, value: object) -> None:
        """Let a pending yield return `value`."""
        del record.pending[number]
        self.wake(record, Resumption.VALUE, value)

    def hold(self, record: Record, value: object, error: Exception | None) -> None:
        """Stop a running spindle where it is; it goes on with what it got, before all others."""
        if error is None:
            record.wake(Resumption.VALUE, value)
        else:
            record.wake(Resumption.ERROR, error)
        self.ready.appendleft(record)

    def interrupt(self, record: Record) -> None:
        """`record` may be cancelled now: see that it learns it wherever it waits."""
        if record.state is Life.NEW:
            assert record.cancel is not None
            if record in self.ready:
                self.ready.remove(record)
            self.finish(record, record.cancel)
            return
        cause = record.cancelled()
        if cause is None:
            return
        if record.state is Life.WAITING:
            self.withdraw_yields(record)
            self.wake(record, Resumption.CANCEL)
        elif record.state is Life.AWAY:
            self.driver.cut_short(record, cause)

    def withdraw(self, record: Record) -> bool:
        """A native cancellation wants to end the wait of `record`; answers whether it may.

        It may not when a value is on its way: that is received first.
        """
        if record.state is Life.WAITING:
            self.withdraw_yields(record)
        elif record.state is Life.READY and record.resumption in _WITHOUT_VALUE:
            if record in self.ready:
                self.ready.remove(record)
        else:
            return False
        record.run()
        return True

    def finish(self, record: Record, outcome: Outcome[object]) -> None:
        """`record` is over: settle what it held, free its key, tell the view."""
        settle_in_hand(self, record, outcome)
        self.withdraw_yields(record)
        empty(self, record)
        for scope in record.scopes:
            scope.call_off()
        record.scopes.clear()
        record.end(outcome)
        del self.live[record.key]
        self.tell(record.source, outcome)

    # --- what the view is told ------------------------------------------------------------------

    def tell(self, source: Source, message: Sent) -> None:
        """Say `message` to the view."""
        if self.journal is not None:
            self.note(MessageSent(source, message))
        self.out.append((source, message))

    def withdraw_yields(self, record: Record) -> None:
        """Ask nothing any more."""
        for wait in record.pending.values():
            self.tell(wait.source, Withdrawn(wait.ask))
        record.pending.clear()

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
