"""One spindle, stepped by hand: the unit of testing, without any event loop."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Generic, TypeVarTuple, Unpack

from typing_extensions import TypeVar

from spindle._core.errors import StillRunning, UsageError
from spindle._core.functions import check_function
from spindle._core.kernel.edge import discard_all
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.record import NEW, Unnamed
from spindle._core.kernel.snapshot import stuck
from spindle._core.kernel.wording import unexpected
from spindle._core.names import shown
from spindle._core.operations.clock import check_span
from spindle._core.states import Cancelled, Completed, Errored, Notified, Origin, Suspended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Coroutine as Coro

    from spindle._core.journal import Journal
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.messages import Notify

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
    ) -> None:
        """Prepare to run `fn(*args)`; nothing runs yet.

        Args:
            fn: the spindle's function.
            args: its arguments.
            provide: what `use` hands out: an implementation for each port, a value for any class.
            journal: is told all that happens.

        Raises:
            UsageError: `fn` is a coroutine object or cannot be called.
            NotProvided: an implementation does not implement its port.
        """
        check_function("Coroutine", fn)
        self._hand = Hand(provide, journal)
        self._record = self._hand.kernel.register(Unnamed, None, fn, args, {})

    def __del__(self) -> None:
        """Close it without a word when a test drops it half-way; its cleanup does not run."""
        hand = getattr(self, "_hand", None)  # there is none if it was refused when made
        if hand is not None:
            with contextlib.suppress(Exception):
                discard_all(hand.kernel)

    def run(self, answer: object = None) -> Suspended | Completed[R] | Errored | Cancelled:
        """Start it, or answer what it asks, and run it until it asks again or ends.

        Several yields may be pending, of its fibers: the answer goes to the oldest it fits.

        Args:
            answer: nothing for the first run, then what the pending yield is to return.

        Returns:
            The state it is in now.

        Raises:
            UnexpectedEvent: `answer` is not what a pending yield takes; nothing has happened.
            UsageError: it has ended, or is running, or was not started and cannot take an answer.
            Deadlock: it waits for something that nobody will bring; tells who waits for whom.
        """
        record, hand = self._record, self._hand
        if hand.holder is not None or hand.stepping:
            raise UsageError(f"{record.name} is running: run() cannot be called from inside it")
        if record.state is NEW:
            if answer is not None:
                raise UsageError(f"{record.name} has not asked anything yet: call run() first")
            hand.post(hand.kernel.launch, record)
        elif record.outcome is not None:
            raise UsageError(f"{record.name} has ended: {shown(record.outcome)}")
        else:
            wait = self._addressee(answer)
            number = wait.source.yield_id
            assert number is not None
            hand.kernel.out.clear()
            hand.post(hand.kernel.answer, wait.record, number, answer)
        return self._go_on()

    def advance(self, seconds: float) -> Suspended | Completed[R] | Errored | Cancelled:
        """Let so much time pass on its clock, deadlines firing in their order.

        Returns:
            The state it is in then.

        Raises:
            UsageError: `seconds` is not a number, or below 0.
            StillRunning: it has not been started.
            Deadlock: see `run`.
        """
        hand = self._hand
        hand.kernel.out.clear()
        hand.advance(check_span("advance", seconds))
        return self._go_on()

    def cancel(self, reason: str = "") -> Completed[R] | Errored | Cancelled:
        """Cancel it and run its cleanup; deadlines in it pass at once.

        Returns:
            `Cancelled`, or what it ended with instead: an error raised in its cleanup, the value
            it returned although it was cancelled, or the state it was in if it had ended before.

        Raises:
            UsageError: it waits for something that never comes.
        """
        record, hand = self._record, self._hand
        hand.kernel.out.clear()
        hand.leave(Cancelled(reason, Origin.REQUESTED))
        while hand.kernel.live and hand.pass_deadline():
            pass
        if record.outcome is None:
            raise UsageError(f"{record.name} goes on waiting although it was cancelled")
        return record.outcome

    @property
    def state(self) -> Suspended | Completed[R] | Errored | Cancelled:
        """The state it is in now.

        Raises:
            StillRunning: it has not been started.
        """
        record = self._record
        if record.outcome is not None:
            return record.outcome
        for wait in self._pending():
            return Suspended(wait.ask)
        raise StillRunning(f"{record.name} is {record.state.value}: it has not asked anything yet")

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
        hand = self._hand
        while self._record.outcome is None and not any(self._pending()):
            if not hand.pass_deadline():
                raise stuck(hand.kernel)
        return self.state

    def _pending(self) -> Iterator[YieldWait]:
        for spindle in self._hand.kernel.live.values():
            yield from spindle.pending.values()

    def _addressee(self, answer: object) -> YieldWait:
        pending = list(self._pending())
        for wait in pending:
            if isinstance(answer, tuple(wait.accepts)):
                return wait
        raise unexpected(self._record, pending[0], answer, "run()")
