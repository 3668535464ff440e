"""One spindle, stepped by hand: the unit of testing, without any event loop."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Generic, TypeVarTuple, Unpack

from typing_extensions import TypeVar

from spindle._core.errors import StillRunning, UnexpectedEvent, UsageError
from spindle._core.kernel.edge import check_function, discard
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.record import Life, Record, Unnamed, Wait
from spindle._core.kernel.wording import answers
from spindle._core.names import name_of, shown
from spindle._core.states import Cancelled, Completed, Errored, Notified, Origin, Suspended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Coroutine as Coro

    from spindle._core.journal import Journal
    from spindle._core.messages import Notify

__all__ = ["Coroutine"]

R = TypeVar("R")
Ts = TypeVarTuple("Ts")


class Coroutine(Generic[R]):
    """One spindle as a value: start it, answer it, look at what it says.

    Ports answer from what `provide` gives, without waiting. Nothing here needs an event loop, and
    nothing of it goes on by itself.
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
        record = getattr(self, "_record", None)  # there is none if it was refused when made
        if record is not None:
            with contextlib.suppress(Exception):
                discard(record)

    def run(self, answer: object = None) -> Suspended | Completed[R] | Errored | Cancelled:
        """Start it, or answer what it asks, and run it until it asks again or ends.

        Args:
            answer: nothing for the first run, then what the pending yield is to return.

        Returns:
            The state it is in now.

        Raises:
            UnexpectedEvent: `answer` is not what the pending yield takes; nothing has happened.
            UsageError: it has ended, or is running, or was not started and cannot take an answer.
        """
        record, hand = self._record, self._hand
        if record.state is Life.WAITING:
            number, wait = next(iter(record.pending.items()))
            _check(record, wait, answer)
            hand.kernel.out.clear()
            hand.post(hand.kernel.answer, record, number, answer)
        elif record.state is Life.NEW:
            if answer is not None:
                raise UsageError(f"{record.name} has not asked anything yet: call run() first")
            hand.post(hand.kernel.launch, record)
        elif record.state is Life.DONE:
            raise UsageError(f"{record.name} has ended: {shown(record.outcome)}")
        else:
            raise UsageError(f"{record.name} is running: run() cannot be called from inside it")
        return self.state

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
        while record.outcome is None and hand.pass_deadline():
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
        for wait in record.pending.values():
            return Suspended(wait.ask)
        raise StillRunning(f"{record.name} is {record.state.value}: it has not asked anything yet")

    @property
    def notified(self) -> tuple[Notify, ...]:
        """What it notified the view of during the last `run` or `cancel`, in order."""
        out = self._hand.kernel.out
        return tuple(sent.notify for _, sent in out if isinstance(sent, Notified))


def _check(record: Record, wait: Wait, answer: object) -> None:
    if isinstance(answer, tuple(wait.accepts)):
        return
    asked = name_of(type(wait.ask))
    brought = "nothing" if answer is None else name_of(type(answer))
    if isinstance(answer, type):
        brought = f"the class {name_of(answer)}, not an instance of it"
    raise UnexpectedEvent(
        f"{record.name} asks {asked}, which takes {answers(wait.accepts)}; run() brought {brought}"
    )
