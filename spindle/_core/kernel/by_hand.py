"""A spindle that is stepped by hand on a page of its own: what `Coroutine` does by the kernel."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic

from typing_extensions import TypeVar

from spindle._core.errors import Deadlock, StillRunning, UnexpectedEvent, UsageError
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.edge import discard_all
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.record import NEW, Unnamed
from spindle._core.kernel.snapshot import stuck
from spindle._core.kernel.wording import unexpected
from spindle._core.names import name_of, shown
from spindle._core.states import (
    Cancelled,
    Completed,
    Errored,
    Notified,
    Origin,
    Suspended,
    asked_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextvars import Context

    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Record, SpindleFunction, SpindleRecord
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.messages import Ask, Notify
    from spindle._core.replay.log import Head, Log
    from spindle._core.source import Source

__all__ = ["ByHand"]

R = TypeVar("R")


class ByHand(Generic[R]):
    """The spindle and its page. Its methods are those of `Coroutine`."""

    __slots__ = ("hand", "record")

    def __init__(
        self,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[Any, object],
        seed: int,
        journal: Journal | None = None,
        context: Context | None = None,
        log: Log | None = None,
    ) -> None:
        """Prepare to run `fn(*args)`.

        Args:
            fn: the spindle's function.
            args: its arguments.
            provide: what it was given; checked.
            seed: a whole number.
            journal: is told all that happens.
            context: its context variables; those of the caller if there are none.
            log: where it is written down.
        """
        self.hand = _hand(journal, seed, log)
        kernel = self.hand.kernel
        kernel.provide = provide
        kernel.contract = name_of(fn)
        self.record: SpindleRecord = kernel.register(Unnamed, None, fn, args, {}, context=context)
        if kernel.keeper is not None:
            kernel.keeper.begin_with(self.record)

    def discard(self) -> None:
        """Close what nobody drives any more."""
        discard_all(self.hand.kernel)

    def retell(self, head: Head) -> None:
        """Do what its log says it has done, and go on as far as that goes by itself.

        Args:
            head: with what the log begins.

        Raises:
            ReplayMismatch: it does something else.
        """
        from spindle._core.replay.logged_hand import LoggedHand

        assert isinstance(self.hand, LoggedHand)
        self.hand.retell(head)
        if self.record.state is not NEW:
            self._go_on_if_it_can()

    def run(self, answer: object, to: Ask | None) -> Suspended | Completed[R] | Errored | Cancelled:
        """See `Coroutine`."""
        record, hand = self.record, self.hand
        hand.check_idle("run")
        if record.state is NEW:
            if answer is not None:
                raise UsageError(f"{record.name} has not asked anything yet: call run() first")
            hand.post(hand.kernel.launch, record)
        elif record.outcome is not None:
            raise UsageError(f"{record.name} has ended: {shown(record.outcome)}")
        else:
            wait = self._its_own(answer) if to is None else None
            if wait is None:
                wait = self._addressee(answer, to)
            try:
                hand.reply(wait, answer)
            except UnexpectedEvent:  # a deadline was due, after which it may go on by itself
                self._go_on_if_it_can()
                raise
        return self.go_on()

    def advance(self, seconds: float) -> Suspended | Completed[R] | Errored | Cancelled:
        """See `Coroutine`."""
        if self.record.state is NEW:
            raise self._not_started()
        hand = self.hand
        hand.check_idle("advance")
        hand.kernel.out.clear()
        hand.advance(seconds)
        return self.go_on()

    def cancel(self, reason: str) -> Completed[R] | Errored | Cancelled:
        """See `Coroutine`."""
        hand = self.hand
        hand.check_idle("cancel")
        hand.kernel.out.clear()
        hand.end(asked_for(reason, Origin.REQUESTED))
        outcome = self.record.outcome
        assert outcome is not None
        return outcome

    @property
    def state(self) -> Suspended | Completed[R] | Errored | Cancelled:
        """See `Coroutine`."""
        record = self.record
        if record.outcome is not None:
            return record.outcome
        for wait in self._pending():
            return Suspended(wait.ask)
        raise self._not_started()

    def pending(self) -> list[tuple[Source, Ask]]:
        """See `Coroutine`."""
        return self.hand.kernel.pending()

    @property
    def now(self) -> float:
        """See `Coroutine`."""
        return self.hand.clock()

    @property
    def notified(self) -> tuple[Notify, ...]:
        """See `Coroutine`."""
        out = self.hand.kernel.out
        return tuple(sent.notify for _, sent in out if isinstance(sent, Notified))

    def go_on(self) -> Suspended | Completed[R] | Errored | Cancelled:
        """Let time pass as long as it waits for nothing else."""
        for wait in self.record.pending.values():
            return Suspended(wait.ask)
        self.hand.let_time_pass(self._is_up_to_others)
        return self.state

    def _go_on_if_it_can(self) -> None:
        with suppress(Deadlock, StillRunning):  # it is said when it is run
            self.go_on()

    def _is_up_to_others(self) -> bool:
        return self.record.outcome is not None or any(self._pending())

    def _pending(self) -> Iterator[YieldWait]:
        for spindle in self.hand.kernel.live.values():
            yield from spindle.pending.values()

    def _its_own(self, answer: object) -> YieldWait | None:
        """The oldest of its own yields if `answer` fits it, as most do."""
        for wait in self.record.pending.values():
            return wait if type(answer) in wait.ask.__answers__ else None
        return None

    def _addressee(self, answer: object, to: Ask | None) -> YieldWait:
        pending = list(self._pending())
        if not pending:
            raise stuck(self.hand.kernel)
        asked = pending if to is None else [wait for wait in pending if wait.ask == to]
        for wait in asked:
            if isinstance(answer, tuple(wait.accepts)):
                return wait
        if not asked:
            raise _not_pending(self.record, pending, to)
        raise unexpected(self.record, asked, answer, "run()")

    def _not_started(self) -> StillRunning:
        record = self.record
        return StillRunning(f"{record.name} is {record.state.value}: it has not asked anything yet")


def _hand(journal: Journal | None, seed: int, log: Log | None) -> Hand:
    if log is None:
        return Hand(journal=journal, seed=seed_from(seed))
    from spindle._core.replay.logged_hand import LoggedHand

    return LoggedHand(log, journal, seed)


def _not_pending(record: Record, pending: list[YieldWait], to: Ask | None) -> UnexpectedEvent:
    asked = " and ".join(shown(wait.ask) for wait in pending)
    return UnexpectedEvent(f"{record.name} does not ask {shown(to)} now; it asks {asked}")
