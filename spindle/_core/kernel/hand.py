"""A page stepped by hand: no event loop, and a clock that stands until it is moved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from spindle._core.errors import (
    ForeignAwait,
    OutsideSpindle,
    StillRunning,
    UnexpectedEvent,
    UsageError,
    hides_frames,
)
from spindle._core.kernel.closing import close_page
from spindle._core.kernel.edge import lacks_a_task
from spindle._core.kernel.ending import everyone
from spindle._core.kernel.generators import close_dropped_ones
from spindle._core.kernel.meanings.table import meaning_of
from spindle._core.kernel.record import AWAY, DONE, READY, RUNNING
from spindle._core.kernel.restless import STRETCH, restless
from spindle._core.kernel.snapshot import as_text, stuck
from spindle._core.kernel.solitude import alone
from spindle._core.kernel.stepper import step
from spindle._core.kernel.turns import Turns
from spindle._core.keyed import KEYS
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.names import shown
from spindle._core.operations.clock import check_span
from spindle._core.operations.port import Repeat
from spindle._core.operations.provision import check_provided
from spindle._core.states import Cancelled, Origin, asked_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.contracts.block import Block
    from spindle._core.journal import Journal
    from spindle._core.kernel.overruns import Overrunner
    from spindle._core.kernel.record import Cause, Record, SpindleRecord
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.operations.port import Call
    from spindle._core.operations.scope import Cleanup

__all__ = ["Hand"]

__tracebackhide__ = hides_frames

DEADLINES: Final = 100_000
"""How many deadlines pass in a row before a page counts as one that goes on for ever."""


class Hand(Turns):
    """Drives spindles with nothing but calls. Ports have to answer without waiting."""

    def __init__(
        self,
        provide: Mapping[Any, object] | None = None,
        journal: Journal | None = None,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits = DEFAULT_LIMITS,
        seed: bytes = b"",
    ) -> None:
        given = check_provided(provide)
        super().__init__(given, journal, blocks=blocks, limits=limits, seed=seed)
        self._at = 0.0
        self._before = 0
        """The steps of this turn when the coroutine that runs was resumed."""
        self._strides: dict[Record, int] = {}
        """How many operations each has done since it paused; of those only that were stopped."""

    def clock(self) -> float:
        """The virtual time, in seconds."""
        return self._at

    def pump(self, apply: Callable[..., None] | None = None, args: tuple[object, ...] = ()) -> None:
        """Pump as if no event loop ran around, as in an async test one may."""
        if not self._pumping:
            alone(close_dropped_ones, self._work, apply, args)

    def resume(self, record: Record, /) -> None:
        """Resume a coroutine, but not for ever: by hand nobody else would get a turn.

        Raises:
            StillRunning: it has done very many operations and never paused. A call is no pause, for
                by hand it is made at once.
        """
        self._before = self.turn_steps
        step(self, record)
        if self._strides or record.state is AWAY:
            self._look_at(record)

    def _look_at(self, record: Record) -> None:
        if record.state is AWAY:
            self._strode(record, 1)
        elif record.state is not READY:
            self._strides.pop(record, None)
        if self._strides.get(record, 0) >= STRETCH:
            del self._strides[record]
            raise StillRunning(restless(record))

    def hold(self, record: Record, value: object, error: BaseException | None) -> None:
        """See `Turns`."""
        self._strode(record)
        super().hold(record, value, error)

    def has_done(self, record: Record, steps: int) -> None:
        """A coroutine that comes here has done so many operations since it paused."""
        self._strides[record] = steps

    def _strode(self, record: Record, more: int = 0) -> None:
        done = self.turn_steps - self._before + more
        self._strides[record] = self._strides.get(record, 0) + done

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Make the call at once and post what came of it."""
        value: object = None
        error: BaseException | None = None
        # As on a hosted page: a call finds the context variables of its spindle, and has its own.
        run = record.context.copy().run
        if call.repeat is not Repeat.READ:
            run(KEYS.put, call.keyed)
        try:
            coroutine = run(call.begin)
        except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
            error = raised
        else:
            try:
                trap = run(coroutine.send, None)
            except StopIteration as stop:
                value = stop.value
            except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
                error = _waited(record, call, raised) if lacks_a_task(raised) else raised
            else:
                run(coroutine.close)
                error = _waited(record, call, trap)
        self.post(self.kernel.call_ended, record, call, value, error)
        del error  # or its traceback, this frame and it keep each other

    def cut_short(self, record: Record, cause: Cause) -> None:
        """Nothing to do: a call made by hand has ended before anything else can happen."""

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Raise it where the page was stepped."""
        raise interrupt

    def timer_was_set(self) -> None:
        """Nothing to do: deadlines are passed by hand, too."""

    def overran(self, overrunner: Overrunner) -> None:
        """Nothing to do: a snapshot shows it."""

    def cut(self, record: Record, cleanup: Cleanup) -> None:
        """Nothing to do: it happens where time is moved by hand."""

    def failed(self, record: SpindleRecord, error: Exception, again: float | None) -> None:
        """Nothing to do: it is among what the page says."""

    def flush(self) -> None:
        """Say that the page has ended; what the kernel says is read where it lies."""
        kernel = self.kernel
        over = kernel.stopping is not None and not kernel.live and not kernel.outside
        if kernel.watch is not None and over:
            kernel.watch.page_ended()

    async def ended(self, record: Record) -> None:
        """Refuse to wait.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            f"{record.name} is stepped by hand, where nothing goes on by itself: look at its "
            f"handle's outcome instead of waiting for it"
        )

    def reply(self, wait: YieldWait, answer: object) -> None:
        """Answer a pending yield; whoever asks for this has checked that it fits.

        Raises:
            UnexpectedEvent: a deadline that was due has withdrawn the question.
        """
        self.kernel.out.clear()
        self.let_due_pass(wait)
        self.post(self.kernel.answer, wait.record, wait.source.yield_id, answer)

    def let_due_pass(self, wait: YieldWait) -> None:
        """Let happen what is due by now, before a pending yield is answered.

        Where the clock stands because somebody asks, other deadlines of the same moment may stand.

        Raises:
            UnexpectedEvent: one of these has withdrawn the question.
        """
        at = self.next_at()
        if at is None or at > self._at:
            return
        self.post(self.arrive, at)
        record, number = wait.record, wait.source.yield_id
        assert number is not None
        if record.state is DONE or record.root.pending.get(number) is not wait:
            raise UnexpectedEvent(
                f"{shown(wait.ask)} is not asked any more: a deadline that was due has withdrawn "
                f"it, and what follows from that has happened"
            )

    def next_at(self) -> float | None:
        """When something happens next by itself, in seconds of the page's clock; None if never."""
        return self.kernel.timers.next_at()

    def pass_deadline(self, by: float = math.inf) -> bool:
        """Move the clock to the next deadline and let it fire; answers whether one is due by then.

        One that is infinitely far off never is.
        """
        at = self.next_at()
        if at is None or at > by or at == math.inf:
            return False
        self.post(self.arrive, at)
        return True

    def advance(self, seconds: float) -> None:
        """Move the clock, every deadline on the way firing at its own time.

        Raises:
            UsageError: `seconds` is no finite number, or below 0; or the page is at work.
        """
        until = self._at + check_span("advance", seconds, finite=True)
        self.check_idle("advance")
        while self.pass_deadline(until):
            pass
        self._at = until

    def let_time_pass(self, enough: Callable[[], bool]) -> None:
        """Pass one deadline after the other until it is enough.

        Raises:
            Deadlock: it is not, and there is none left.
            StillRunning: it is not, after very many.
        """
        for _ in range(DEADLINES):
            if enough():
                return
            if not self.pass_deadline():
                raise stuck(self.kernel)
        raise StillRunning(
            f"{DEADLINES:,} deadlines have passed and it goes on by itself: let a time of "
            f"your choice pass with advance(seconds)\n{as_text(self.kernel)}"
        )

    def end(self, cancelled: Cancelled) -> None:
        """Cancel the page and let the time that its cleanups take pass.

        Raises:
            UsageError: something goes on all the same; or the page is at work.
        """
        self.check_idle("cancel")
        self.leave(cancelled)
        for _ in range(DEADLINES):
            if not (self.kernel.live or self.kernel.outside) or not self.pass_deadline():
                break
        if self.kernel.live:
            raise UsageError(
                f"it goes on although it was cancelled: give each cleanup() a budget "
                f"that can be used up\n{as_text(self.kernel)}"
            )

    def stop(self, reason: str, grace: float) -> None:
        """End the page in two phases: a time of grace, then the cancellation.

        Raises:
            UsageError: `grace` is no finite number, or below 0; or see `end`.
        """
        until = self._at + check_span("stop", grace, finite=True)
        self.check_idle("stop")
        stopped = asked_for(reason, Origin.STOPPED)
        self.post(close_page, self.kernel, stopped)
        while self.kernel.live and self.pass_deadline(until):
            pass
        if self.kernel.live:
            self._at = until
        self.end(stopped)

    def check_idle(self, caller: str) -> None:
        """Refuse a call from inside the page, which would wait for its own turn to end.

        Raises:
            UsageError: the page is at work.
        """
        if self.stepping:
            running = [each.name for each in everyone(self.kernel) if each.state is RUNNING]
            inside = f"the code of {running[0]}" if running else "a port"
            raise UsageError(f"{caller}() was called from {inside}: call it from the test instead")

    def arrive(self, at: float) -> None:
        """Input: the clock comes to `at`; the deadline that is due next by then fires."""
        # Not the next one there is by now: another of the same instant may have fired before this.
        self._at = max(self._at, at)
        self.kernel.fire_due(at)


def _waited(record: Record, call: Call[Any], trap: object) -> Exception:
    if meaning_of(trap) is not None:
        return OutsideSpindle(
            f"{call.name} awaited {type(trap).__qualname__}: a port is outside the spindle and "
            f"cannot await operations; return a value and let {record.name} go on with it"
        )
    return ForeignAwait(
        f"{call.name} waited for something ({type(trap).__qualname__}). By hand there is no event "
        f"loop: give {record.name} a fake whose async methods answer without waiting"
    )
