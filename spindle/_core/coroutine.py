"""One spindle, stepped by hand: the unit of testing, without any event loop."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Generic, TypeVarTuple, Unpack

from typing_extensions import TypeVar

from spindle._core.errors import StillRunning, UnexpectedEvent, UsageError
from spindle._core.functions import check_function
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.edge import discard_all
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.record import NEW, Unnamed
from spindle._core.kernel.snapshot import stuck
from spindle._core.kernel.wording import unexpected
from spindle._core.names import name_of, shown
from spindle._core.states import Cancelled, Completed, Errored, Notified, Origin, Suspended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Coroutine as Coro

    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.messages import Ask, Notify
    from spindle._core.source import Source

__all__ = ["Coroutine"]

R = TypeVar("R")
Ts = TypeVarTuple("Ts")


class Coroutine(Generic[R]):
    """One spindle as a value: start it, answer it, look at what it says.

    Ports answer from what `provide` gives, without waiting. Nothing here needs an event loop, and
    nothing of it goes on by itself: its clock stands still while it asks something, and jumps where
    only time is waited for. Its fibers, and spindles that it forks, run with it.
    """

    __slots__ = ("_hand", "_record")

    def __init__(
        self,
        fn: Callable[[Unpack[Ts]], Coro[Any, Any, R]],
        /,
        *args: *Ts,
        provide: Mapping[type, object] | None = None,
        journal: Journal | None = None,
        seed: int = 0,
    ) -> None:
        """Prepare to run `fn(*args)`; nothing runs yet.

        Args:
            fn: the spindle's function.
            args: its arguments.
            provide: what `use` hands out: an implementation for each port, a value for any class.
            journal: is told all that happens.
            seed: of `random_float` and `unique_id`; a page with the same seed draws the same.

        Raises:
            UsageError: `fn` is a coroutine object or cannot be called, or `seed` no whole number.
            NotProvided: an implementation does not implement its port.
        """
        check_function("Coroutine", fn)
        self._hand = Hand(provide, journal, seed=seed_from(seed))
        self._hand.kernel.contract = name_of(fn)
        self._record = self._hand.kernel.register(Unnamed, None, fn, args, {})

    def __del__(self) -> None:
        """Close it without a word when a test drops it half-way; its cleanup does not run."""
        hand = getattr(self, "_hand", None)  # there is none if it was refused when made
        if hand is not None:
            with contextlib.suppress(Exception):
                discard_all(hand.kernel)

    def run(
        self, answer: object = None, *, to: Ask | None = None
    ) -> Suspended | Completed[R] | Errored | Cancelled:
        """Start it, or answer what it asks, and run it until it asks again or ends.

        Several yields may be pending, of its fibers and of spindles that it forked.

        Args:
            answer: nothing for the first run, then what the pending yield is to return.
            to: the question it answers; if None, the oldest pending one that it fits.

        Returns:
            The state it is in now.

        Raises:
            UnexpectedEvent: `answer` is not what a pending yield takes; nothing has happened.
            UsageError: it has ended, or is running, or was not started and cannot take an answer.
            Deadlock: it waits for something that nobody will bring; tells who waits for whom.
            StillRunning: it asks nothing and goes on by itself, for ever.
        """
        record, hand = self._record, self._hand
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
            number = wait.source.yield_id
            assert number is not None
            hand.kernel.out.clear()
            hand.post(hand.kernel.answer, wait.record, number, answer)
        return self._go_on()

    def advance(self, seconds: float) -> Suspended | Completed[R] | Errored | Cancelled:
        """Let so much time pass on its clock, deadlines firing in their order.

        Returns:
            The state it is in then. If it waits for nothing but time then, more of it passes.

        Raises:
            UsageError: `seconds` is no finite number, or below 0; or it is running.
            StillRunning: it has not been started; or see `run`.
            Deadlock: see `run`.
        """
        if self._record.state is NEW:
            raise self._not_started()
        hand = self._hand
        hand.kernel.out.clear()
        hand.advance(seconds)
        return self._go_on()

    def cancel(self, reason: str = "") -> Completed[R] | Errored | Cancelled:
        """Cancel it and all that it started, and run their cleanups; deadlines in it pass at once.

        Returns:
            `Cancelled`, or what it ended with instead: an error raised in its cleanup, the value
            it returned although it was cancelled, or the state it was in if it had ended before.

        Raises:
            UsageError: it goes on all the same, in a `cleanup()` without end; or it is running; or
                `reason` is not a text.
        """
        hand = self._hand
        hand.check_idle("cancel")
        hand.kernel.out.clear()
        hand.end(Cancelled(reason, Origin.REQUESTED))
        outcome = self._record.outcome
        assert outcome is not None
        return outcome

    @property
    def state(self) -> Suspended | Completed[R] | Errored | Cancelled:
        """The state it is in now; of several pending yields, it shows the oldest one.

        Raises:
            StillRunning: it has not been started, or runs now.
        """
        record = self._record
        if record.outcome is not None:
            return record.outcome
        for wait in self._pending():
            return Suspended(wait.ask)
        raise self._not_started()

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer, with their ids; of each spindle the oldest first."""
        return self._hand.kernel.pending()

    @property
    def now(self) -> float:
        """Its clock: seconds since it was made."""
        return self._hand.clock()

    @property
    def notified(self) -> tuple[Notify, ...]:
        """What it notified the view of during the last `run`, `advance` or `cancel`, in order."""
        out = self._hand.kernel.out
        return tuple(sent.notify for _, sent in out if isinstance(sent, Notified))

    def _go_on(self) -> Suspended | Completed[R] | Errored | Cancelled:
        """Let time pass as long as it waits for nothing else."""
        for wait in self._record.pending.values():
            return Suspended(wait.ask)
        self._hand.let_time_pass(self._is_up_to_others)
        return self.state

    def _is_up_to_others(self) -> bool:
        return self._record.outcome is not None or any(self._pending())

    def _pending(self) -> Iterator[YieldWait]:
        for spindle in self._hand.kernel.live.values():
            yield from spindle.pending.values()

    def _its_own(self, answer: object) -> YieldWait | None:
        """The oldest of its own yields if `answer` fits it, as most do."""
        for wait in self._record.pending.values():
            return wait if type(answer) in wait.ask.__answers__ else None
        return None

    def _addressee(self, answer: object, to: Ask | None) -> YieldWait:
        pending = list(self._pending())
        if not pending:
            raise stuck(self._hand.kernel)
        asked = pending if to is None else [wait for wait in pending if wait.ask == to]
        for wait in asked:
            if isinstance(answer, tuple(wait.accepts)):
                return wait
        if not asked:
            raise _not_pending(self._record, pending, to)
        raise unexpected(self._record, asked, answer, "run()")

    def _not_started(self) -> StillRunning:
        record = self._record
        return StillRunning(f"{record.name} is {record.state.value}: it has not asked anything yet")


def _not_pending(record: Record, pending: list[YieldWait], to: Ask | None) -> UnexpectedEvent:
    asked = " and ".join(shown(wait.ask) for wait in pending)
    return UnexpectedEvent(f"{record.name} does not ask {shown(to)} now; it asks {asked}")
