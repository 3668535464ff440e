"""One spindle, stepped by hand: the unit of testing, without any event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVarTuple, Unpack, cast

from typing_extensions import TypeVar

from spindle._core.errors import ReplayMismatch, StillRunning, UsageError
from spindle._core.functions import check_function
from spindle._core.kernel.lane import NOTHING, START, lane_for
from spindle._core.names import shown
from spindle._core.operations.provision import check_provided
from spindle._core.public import publish
from spindle._core.source import Source
from spindle._core.states import Cancelled, Completed, Errored, Suspended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Coroutine as Coro

    from spindle._core.journal import Journal
    from spindle._core.kernel.by_hand import ByHand
    from spindle._core.messages import Ask, Notify
    from spindle._core.replay.log import Log

__all__ = ["Coroutine"]

R = TypeVar("R")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Coroutine(Generic[R]):
    """One spindle as a value: start it, answer it, look at what it says.

    Ports answer from what `provide` gives, without waiting. Nothing here needs an event loop, and
    nothing of it goes on by itself: its clock stands still while it asks something, and jumps where
    only time is waited for. Its fibers, and spindles that it forks, run with it.
    """

    # As long as it only talks it is in a lane; whatever else it does is done by a page of its own,
    # whose modules are loaded then.
    __slots__ = ("__weakref__", "_lane", "_page", "_seed")

    def __init__(
        self,
        fn: Callable[[Unpack[Ts]], Coro[Any, Any, R]],
        /,
        *args: *Ts,
        provide: Mapping[type, object] | None = None,
        journal: Journal | None = None,
        seed: int = 0,
        log: Log | None = None,
    ) -> None:
        """Prepare to run `fn(*args)`; nothing runs yet.

        Args:
            fn: the spindle's function.
            args: its arguments.
            provide: what `use` hands out: an implementation for each port, a value for any class.
            journal: is told all that happens.
            seed: of `random_float` and `unique_id`; a page with the same seed draws the same.
            log: a new one, in which it is written down, for `resume`.

        Raises:
            UsageError: `fn` is a coroutine object or cannot be called, or `seed` no whole number;
                or `log` is no `Log`, or not new, or cannot keep the arguments.
            NotProvided: an implementation does not implement its port.
        """
        check_function("Coroutine", fn)
        if not isinstance(seed, int):
            raise UsageError(f"seed= takes a whole number, not {shown(seed)}")
        given = check_provided(provide)
        self._seed = seed
        self._page: ByHand[R] | None = None
        self._lane = lane_for(fn, args, given) if journal is None and log is None else None
        if self._lane is None:
            from spindle._core.kernel.by_hand import ByHand

            taken = args if log is None else _begun(log, fn, args, seed)
            self._page = ByHand(fn, taken, given, seed, journal, log=log)

    @staticmethod
    def resume(
        fn: Callable[..., Coro[Any, Any, T]],
        log: Log,
        /,
        *,
        provide: Mapping[type, object] | None = None,
        journal: Journal | None = None,
    ) -> Coroutine[T]:
        """Take up a conversation where its log ends; it goes on being written there.

        Its code runs again from the beginning and gets what it got: nothing that calls do is done
        again, but a call whose end is not in the log, if it may be. A `once` of that kind raises
        `OutcomeUnknown`, if nothing `reconciles` it. `notified` has what it has said since the last
        answer, or mark.

        Args:
            fn: the spindle's function, as it is now.
            log: of a `Coroutine`, loaded or not. One that it was of takes nothing more then.
            provide: as for a new one.
            journal: is told what happens from now on.

        Raises:
            ReplayMismatch: the code does something else than the log says.
            UsageError: `log` is no `Log`, or empty, or its conversation goes on in a task or runs;
                or `fn` is no function; or an input has come in the middle of a long turn, as it may
                on trio: such a log is for `resume_coroutine`.
            NotProvided: as for a new one.
        """
        check_function("Coroutine.resume", fn)
        from spindle._core.kernel.by_hand import ByHand
        from spindle._core.replay.head import taken_up
        from spindle._core.replay.log import check_log

        check_log("Coroutine.resume()", log)
        log.check_free()
        args, head = taken_up(log, fn)
        made = cast("Coroutine[T]", object.__new__(Coroutine))
        made._lane, made._seed = None, head.seed
        made._page = page = ByHand[T](
            fn, args, check_provided(provide), head.seed, journal, log=log
        )
        try:
            page.retell(head)
        except (ReplayMismatch, UsageError):
            page.discard()
            raise
        return made

    def __del__(self) -> None:
        """Close it without a word when a test drops it half-way; its cleanup does not run."""
        # There is neither if it was refused when made.
        each = getattr(self, "_lane", None) or getattr(self, "_page", None)
        if each is not None:
            each.discard()

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
            UnexpectedEvent: `answer` is not what a pending yield takes: nothing has happened. Or a
                deadline that was due has withdrawn the question.
            UsageError: it has ended, or is running, or was not started and cannot take an answer.
            Deadlock: it waits for something that nobody will bring; tells who waits for whom.
            StillRunning: it asks nothing and goes on by itself, for ever.
        """
        lane = self._lane
        if lane is not None and to is None:
            state = lane.run(answer)
            if state is not None:
                return state
            if lane.has_left:
                return self._by_hand("run").go_on()
        return self._by_hand("run").run(answer, to)

    def advance(self, seconds: float) -> Suspended | Completed[R] | Errored | Cancelled:
        """Let so much time pass on its clock, deadlines firing in their order.

        Returns:
            The state it is in then. If it waits for nothing but time then, more of it passes.

        Raises:
            UsageError: `seconds` is no finite number, or below 0; or it is running.
            StillRunning: it has not been started; or see `run`.
            Deadlock: see `run`.
        """
        return self._by_hand("advance").advance(seconds)

    def cancel(self, reason: str = "") -> Completed[R] | Errored | Cancelled:
        """Cancel it and all that it started, and run their cleanups; deadlines in it pass at once.

        Returns:
            `Cancelled`, or what it ended with instead: an error raised in its cleanup, the value
            it returned although it was cancelled, or the state it was in if it had ended before.

        Raises:
            UsageError: it goes on all the same, in a `cleanup()` without end; or it is running; or
                `reason` is not a text.
        """
        return self._by_hand("cancel").cancel(reason)

    @property
    def state(self) -> Suspended | Completed[R] | Errored | Cancelled:
        """The state it is in now; of several pending yields, it shows the oldest one.

        Raises:
            StillRunning: it has not been started, or runs now.
        """
        lane = self._lane
        if lane is None:
            return self._by_hand("state").state
        if lane.outcome is not None:
            return lane.outcome
        if lane.asked is START or lane.asked is NOTHING:
            what = "new" if lane.asked is START else "away" if lane.calls else "running"
            raise StillRunning(f"{lane.name} is {what}: it has not asked anything yet")
        return Suspended(lane.asked)

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer, with their ids; of each spindle the oldest first."""
        lane = self._lane
        if lane is None:
            return self._by_hand("pending").pending()
        if lane.block is None or lane.asked is NOTHING:
            return []
        return [(Source(lane.block, None, lane.number), lane.asked)]

    @property
    def now(self) -> float:
        """Its clock: seconds since it was made."""
        return 0.0 if self._lane is not None else self._by_hand("now").now

    @property
    def notified(self) -> tuple[Notify, ...]:
        """What it notified the view of during the last `run`, `advance` or `cancel`, in order."""
        lane = self._lane
        return self._by_hand("notified").notified if lane is None else tuple(lane.notified)

    def _by_hand(self, caller: str) -> ByHand[R]:
        """The page that it is on, from now on if it has only talked so far.

        Raises:
            UsageError: it is running.
        """
        page, lane = self._page, self._lane
        if page is not None:
            return page
        assert lane is not None
        if lane.runs:
            inside = "a port" if lane.calls else f"the code of {lane.name}"
            raise UsageError(f"{caller}() was called from {inside}: call it from the test instead")
        from spindle._core.kernel.joining import join, take_up

        self._page = page = join(lane, self._seed)
        self._lane = None
        take_up(page)
        return page


def _begun(
    log: Log, fn: Callable[..., object], args: tuple[object, ...], seed: int
) -> tuple[Any, ...]:
    from spindle._core.replay.head import begun
    from spindle._core.replay.log import check_log

    check_log("Coroutine(log=)", log)
    return begun(log, fn, args, seed)


publish("spindle", [Coroutine])
