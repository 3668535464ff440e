"""Turns: inputs are applied one at a time, the next one when no spindle can run.

Together with the kernel's order of readiness this is what makes one source give one conversation
under every driver. An input (an event, the end of a call, a cancellation) queues with the time it
came; before it is applied, every deadline due by then fires, each in a turn of its own. Spindles
run one at a time: while one holds the turn, `holder` names it. A call of `post` from inside a turn
queues and never recurses.

A turn is bounded: after `TURN_BOUND` operations of one spindle that never waited the others have
theirs, and after so many steps while an input waits that is applied, though spindles can run.
Otherwise one that goes on for ever would keep the page's events from its neighbours. Steps are
counted, not timed, so that it is the same under every driver.

Above the outbox's high-water mark the page pauses: no spindle is stepped and no input applied until
the view has caught up, but a cancellation of the page. It pauses, too, for as long as the rest of
the program takes, after a number of operations. The order of things is not changed by either.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections import deque
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.record import DONE
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.states import Cancelled, Origin, asked_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.contracts.block import Block
    from spindle._core.journal import Journal
    from spindle._core.kernel.overruns import Overrunner
    from spindle._core.kernel.record import Cause, Record, SpindleRecord
    from spindle._core.kernel.state import Said
    from spindle._core.operations.port import Call
    from spindle._core.operations.scope import Cleanup

__all__ = ["STEPS_A_SPELL", "TURN_BOUND", "Turns"]

TURN_BOUND: Final = 1000

STEPS_A_SPELL: Final = 32
"""After how many resumptions at a stretch a driver is asked whether that is enough."""


class Turns(ABC):
    """The part that every driver of a page shares: a kernel, its queue of inputs, the pump."""

    def __init__(
        self,
        provide: Mapping[Any, object],
        journal: Journal | None = None,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits = DEFAULT_LIMITS,
        seed: bytes | Callable[[], bytes] = b"",
    ) -> None:
        self.kernel = Kernel(self, provide, journal, blocks=blocks, limits=limits, seed=seed)
        self.kernel.ready, self.kernel.out = self.row()
        self.holder: Record | None = None
        self.leaving: Cancelled | None = None
        """Why the page is to end, from the moment that is asked for."""
        self.mark = sys.maxsize
        """How many messages the kernel may have for the view before it is asked for room."""
        self.resting = False
        """Whether the rest of the program has its turn."""
        self.inputs: deque[tuple[float, Callable[..., None], tuple[Any, ...]]] | None = None
        """What was posted and is not applied yet: with its time, the call that applies it."""
        self.turn_steps: int = 0
        """How many operations were answered at once, and others resumed, in this turn."""
        self._pumping = False
        self._ahead = 0
        """How much the page has posted itself, one after the other, that overtook something."""

    def row(self) -> tuple[deque[Record], list[Said]]:
        """Where the kernel keeps who runs next, and what is said."""
        return deque(), []

    @abstractmethod
    def clock(self) -> float:
        """Seconds since the page was opened."""

    @abstractmethod
    def resume(self, record: Record, /) -> None:
        """Resume a spindle whose turn it is."""

    @abstractmethod
    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """See `Driver`."""

    @abstractmethod
    def cut_short(self, record: Record, cause: Cause) -> None:
        """See `Driver`."""

    @abstractmethod
    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """See that Ctrl-C, which hit a spindle's code, ends what drives the page."""

    @abstractmethod
    def timer_was_set(self) -> None:
        """See `Driver`."""

    @abstractmethod
    def overran(self, overrunner: Overrunner) -> None:
        """See `Driver`."""

    @abstractmethod
    def cut(self, record: Record, cleanup: Cleanup) -> None:
        """See `Driver`."""

    @abstractmethod
    def failed(self, record: SpindleRecord, error: Exception, again: float | None) -> None:
        """See `Driver`."""

    @abstractmethod
    def flush(self) -> None:
        """Pass on what the kernel has for the view."""

    @abstractmethod
    async def ended(self, record: Record) -> None:
        """See `Driver`."""

    def cancel_record(self, record: Record, reason: str) -> None:
        """See `Driver`."""
        self.post(self.kernel.cancel, record, asked_for(reason, Origin.HANDLE))

    def rest(self) -> None:  # noqa: B027 - by hand there is no rest of the program
        """Much was done: let the rest of the program have its turn before the page goes on."""

    def make_room(self) -> None:  # noqa: B027 - by hand there always is
        """Pass on what there is for the view, and set `mark` anew; by hand nothing is too much."""

    @property
    def paused(self) -> bool:
        """Whether something outside the page has to happen before anything goes on."""
        if self.resting:
            return True
        if len(self.kernel.out) < self.mark or self.kernel.stopping is not None:
            return False
        # What conflates takes no room there: a page that paused for it would stay so.
        self.make_room()
        return len(self.kernel.out) >= self.mark

    def spell(self) -> None:  # noqa: B027 - by hand there is no hurry
        """Called after every so many resumptions at a stretch; by hand there is nothing to do."""

    def step_done(self) -> bool:
        """Count an operation that did not suspend; answers whether its spindle is to be held."""
        self.turn_steps += 1
        return self.turn_steps >= TURN_BOUND or self.kernel.cascade is not None

    def hold(self, record: Record, value: object, error: BaseException | None) -> None:
        """Stop a running coroutine where it is; it goes on with what it got when it may.

        That is before all others, which see nothing of it, or after them if its turn is over.
        """
        over = self.turn_steps >= TURN_BOUND
        if over and not self.inputs:
            self.turn_steps = 0
        elif not over and self.inputs:
            self.turn_steps -= 1  # going on is no step of its own: when that happens is chance
        self.kernel.hold(record, value, error, last=over)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do before something comes from outside."""
        kernel = self.kernel
        return not kernel.ready and kernel.cascade is None and self.holder is None

    @property
    def stepping(self) -> bool:
        """Whether the page is at work, so that an input would queue."""
        return self._pumping

    @property
    def acts(self) -> bool:
        """Whether what runs now is the page's own code."""
        return self._pumping

    def post(self, apply: Callable[..., None], *args: object) -> None:
        """Queue an input; it has been applied on return if the page was idle."""
        if self._pumping or self.inputs or self.kernel.ready or self.holder is not None:
            (self._line_up_own if self.acts else self._line_up)(apply, args)
            self.pump()
        else:
            self.pump(apply, args)

    def _line_up(self, apply: Callable[..., None], args: tuple[object, ...]) -> None:
        if self.inputs is None:
            self.inputs = deque()
        self.inputs.append((self.clock(), apply, args))

    def _line_up_own(self, apply: Callable[..., None], args: tuple[object, ...]) -> None:
        """Line up what the page posts itself, in the moment of which it posts it.

        That goes before what comes later than this moment, deadlines too, though the page is behind
        its clock; but not one after the other without end, for the others are to have their turn.
        """
        at = self.kernel.now
        inputs = self.inputs = deque() if self.inputs is None else self.inputs
        later = sum(1 for _ in takewhile(lambda each: each[0] > at, reversed(inputs)))
        self._ahead = self._ahead + 1 if later else 0
        if self._ahead > TURN_BOUND:
            self._ahead = later = 0
        inputs.insert(len(inputs) - later, (at, apply, args))

    def go_next(self, apply: Callable[..., None], *args: object) -> None:
        """See `Driver`: an input of the page's own, that goes before all others."""
        if self.inputs is None:
            self.inputs = deque()
        self.inputs.appendleft((self.kernel.now, apply, args))

    def leave(self, cancelled: Cancelled) -> None:
        """Post the end of the page; the first reason given stands."""
        self.leaving = self.leaving or cancelled
        self.post(self.kernel.cancel_page, self.leaving)

    @abstractmethod
    def pump(self, apply: Callable[..., None] | None = None, args: tuple[object, ...] = ()) -> None:
        """Let spindles run and inputs in, in order, until there is nothing to do at once.

        An idle page may be given an input to begin with, which saves the queue.
        """

    def _work(self, apply: Callable[..., None] | None, args: tuple[object, ...]) -> None:
        self._pumping = True
        kernel, ready, steps = self.kernel, self.kernel.ready, 0
        try:
            if apply is not None:
                if self.resting or self.mark <= 0 or kernel.timers.heap is not None:
                    self._line_up(apply, args)
                else:
                    kernel.moment = None
                    self.turn_steps = 0
                    apply(*args)
            while (ready or self.inputs or kernel.cascade is not None) and self.holder is None:
                if (self.resting or len(kernel.out) >= self.mark) and self.paused:
                    if not self._go_on_all_the_same():
                        break
                elif kernel.cascade is not None:
                    if kernel.cascade_on():
                        self.rest()
                elif ready and (not self.inputs or self._may_go_on()):
                    record = ready.popleft()
                    # One that was cancelled before it ever ran is over, and still in the row.
                    if record.state is not DONE:
                        self.resume(record)
                    steps += 1
                    if not steps % STEPS_A_SPELL:
                        self.spell()
                else:
                    self._admit()
        finally:
            self._pumping = False
        if kernel.overruns is not None:
            if self.idle:
                kernel.overruns.settle()
            elif self.resting and kernel.cascade is None:
                kernel.overruns.rest()
        self.flush()

    def _may_go_on(self) -> bool:
        """Count a resumption while an input waits; answers whether the turn may last that long."""
        self.turn_steps += 1
        return self.turn_steps <= TURN_BOUND

    def _go_on_all_the_same(self) -> bool:
        """The page pauses: only its cancellation, if it was asked for, is applied."""
        # A rest ends by itself, and when it comes is chance: nothing may overtake because of it.
        if self.resting or self.leaving is None or self.kernel.stopping is not None:
            return False
        self.kernel.cancel_page(self.leaving)
        return True

    def _admit(self) -> None:
        kernel, inputs = self.kernel, self.inputs
        assert inputs
        self.turn_steps = 0
        at, apply, args = inputs[0]
        if kernel.timers.heap is not None and kernel.fire_due(at):
            return
        inputs.popleft()
        kernel.arrive(at)
        apply(*args)
