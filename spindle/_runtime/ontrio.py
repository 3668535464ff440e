"""What the drivers on trio share: the clock, the deadlines, the way to the view, the end."""

from __future__ import annotations

from abc import ABC
from math import inf, nextafter
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import trio

from spindle._core.kernel.closing import close_page
from spindle._core.kernel.restless import has_gone_on
from spindle._core.kernel.state import NOBODY, NOTHING
from spindle._core.kernel.turns import STEPS_A_SPELL, TURN_BOUND, Turns
from spindle._core.kernel.waits import EndWait
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.states import Cancelled, Origin, asked_for
from spindle._runtime.alone import ticks
from spindle._runtime.gone import Gone
from spindle._runtime.life_log import log_cut, log_failure, log_restless
from spindle._runtime.opening import raise_escalated
from spindle._runtime.outbox import Outbox
from spindle._runtime.receipt import PageReceipt
from spindle._runtime.report import report
from spindle._runtime.timekeeper import Appointment, Timekeeper

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping

    from spindle._core.contracts.block import Block
    from spindle._core.contracts.contract import Spindle
    from spindle._core.journal import Journal
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.ledger import Letter
    from spindle._core.kernel.overruns import Overrunner
    from spindle._core.kernel.record import Record, SpindleFunction, SpindleRecord
    from spindle._core.kernel.state import Said
    from spindle._core.kernel.waits import YieldWait
    from spindle._core.messages import Ask, Event
    from spindle._core.operations.scope import Cleanup
    from spindle._core.settlement import Receipt
    from spindle._core.source import Source
    from spindle._core.supervision import Policy

__all__ = ["OnTrio", "Onlooker"]

STEPS: Final = 32 * STEPS_A_SPELL
"""After so many operations that did not suspend, the rest of the program gets its turn."""
SPELL: Final = 0.001
"""After so many seconds of stepping at a stretch, too."""


class OnTrio(Turns, ABC):
    """Turns in a trio program. `nursery` outlives every spindle of the page."""

    def __init__(
        self,
        nursery: trio.Nursery,
        provide: Mapping[Any, object],
        journal: Journal | None = None,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits = DEFAULT_LIMITS,
        seed: bytes | Callable[[], bytes] = b"",
        keeper: Timekeeper | None = None,
    ) -> None:
        super().__init__(provide, journal, blocks=blocks, limits=limits, seed=seed)
        self.nursery = nursery
        self.outbox = Outbox(self)
        self.mark = self.outbox.room()
        self.appointment: Appointment | None = None
        """With the timekeeper, for the next deadline."""
        self.residence: dict[Any, None] | None = None
        """The pages of its host, which it leaves when nothing of it is left."""
        self._clock = trio.lowlevel.current_clock()
        self._opened_at = self._clock.current_time()
        self.kernel.tick = ticks(self._clock)
        self._keeper = keeper
        self._keeps_own_time = keeper is None
        self._emptied: trio.Event | None = None
        self._steps = 0
        self._began = 0.0

    def row(self) -> tuple[deque[Record], list[Said]]:
        """None of its own: it borrows one when it has work."""
        return NOBODY, NOTHING

    letter: Callable[[Event, int | None, str | None], Letter] = PageReceipt
    """Makes what an event comes in, which may be what its sender gets."""

    def receipt(self, letter: Letter) -> Receipt:
        """What the sender of a letter gets."""
        assert isinstance(letter, PageReceipt)
        return letter

    def begin(
        self,
        block: type[Spindle[Any]],
        instance: str | None,
        fn: SpindleFunction,
        args: tuple[object, ...],
        provide: Mapping[type, object],
        *,
        policy: Policy,
        significant: bool,
    ) -> SpindleRecord:
        """Start a spindle; see `PageMachine.start`."""
        kernel = self.kernel
        record = kernel.register(
            block, instance, fn, args, provide, policy=policy, significant=significant
        )
        self.post(kernel.launch, record)
        return record

    def pending(self) -> list[tuple[Source, Ask]]:
        """The yields that wait for an answer, as far as anybody may know of them."""
        return self.kernel.pending()

    def check_edge(self, what: str) -> None:
        """See that somebody outside may use cells and channels.

        Raises:
            UsageError: not on this page.
        """

    # --- time -----------------------------------------------------------------------------------

    def clock(self) -> float:
        """Seconds since the page was opened, on trio's clock."""
        return self._clock.current_time() - self._opened_at

    def next_deadline(self) -> float | None:
        """When the next timer is due, on trio's clock."""
        at = self.kernel.timers.next_at()
        if at is None:
            return None
        due = at + self._opened_at
        # Rounded down, it would be due by trio's clock and not yet by the page's.
        return due if due - self._opened_at >= at else nextafter(due, inf)

    def timer_was_set(self) -> None:
        """See that the page looks at the clock in time."""
        if self._keeper is None:
            self._keeper = Timekeeper(self.nursery)
        self._keeper.expect(self)

    def look_at_the_clock(self) -> None:
        """A deadline may be due: every one that is fires before this input is applied."""
        self.post(self.timer_was_set)

    def overran(self, overrunner: Overrunner) -> None:
        """Say it in the log: whoever waits for the end of the page cannot know what holds it."""
        report(str(overrunner), page=self.kernel.name, spindle=overrunner.name)

    def cut(self, record: Record, cleanup: Cleanup) -> None:
        """Say it in the log: what was to be undone may not be, and the code does not hear of it."""
        log_cut(self.kernel.name, record, cleanup)

    def failed(self, record: SpindleRecord, error: Exception, again: float | None) -> None:
        """Say it in the log, unless it is the outcome that the caller of a coroutine gets."""
        if self.kernel.blocks is not None:
            log_failure(self.kernel.name, record, error, again)

    def as_kept(self, wait: YieldWait, answer: object) -> object:
        """What a question is answered with, which was checked.

        Raises:
            UsageError: it cannot be kept, where a log is.
        """
        return answer

    # --- the rest of the program ----------------------------------------------------------------

    def make_room(self) -> None:
        """Move what there is to the outbox."""
        out = self.kernel.out
        self.mark = self.outbox.put(*out)
        out.clear()

    def rest(self) -> None:
        """Let all other tasks have a turn before the page goes on."""
        if not self.resting:
            self._steps = 0
            self._began = 0.0
            self.resting = True
            self.nursery.start_soon(self._rest, name="spindle rest")

    def step_done(self) -> bool:
        """Count an operation; after so many the page rests until all other tasks had a turn."""
        self.turn_steps += 1
        self._steps = steps = self._steps + 1
        if not steps % STEPS_A_SPELL:
            self._be_busy()
        if self.turn_steps >= TURN_BOUND:
            return True
        return (self.resting or len(self.kernel.out) >= self.mark) and self.paused

    def hold(self, record: Record, value: object, error: BaseException | None) -> None:
        """See `Turns`; of one that never pauses, and never lets its page be idle, the log tells."""
        if self.turn_steps >= TURN_BOUND and has_gone_on(record, self.turn_steps):
            log_restless(self.kernel.name, record)
        super().hold(record, value, error)

    def be_busy(self) -> None:
        """Count something that the rest of the program had no turn meanwhile."""
        self._steps += 1
        if not self._steps % STEPS_A_SPELL:
            self._be_busy()

    def _be_busy(self) -> None:
        self.spell()
        if self._steps >= STEPS:
            self.rest()

    def spell(self) -> None:
        """Rest when the page has been at work for a while, too."""
        now = perf_counter()
        if now - self._began > 10 * SPELL:
            self._began = now  # of another stretch
        elif now - self._began > SPELL:
            self.rest()

    async def _rest(self) -> None:
        await trio.lowlevel.cancel_shielded_checkpoint()
        self.resting = False
        self.pump()

    # --- the end --------------------------------------------------------------------------------

    def flush(self) -> None:
        """Move what the kernel has for the view to the outbox."""
        kernel = self.kernel
        out = kernel.out
        if out:
            self.mark = self.outbox.put(*out)
            out.clear()
        if kernel.live:
            return
        if self._emptied is not None:
            self._emptied.set()
        if kernel.stopping is not None and not kernel.outside:
            self._close()

    @property
    def gone(self) -> bool:
        """Whether the page was cancelled and nothing of it is left."""
        kernel = self.kernel
        return kernel.stopping is not None and not kernel.live and not kernel.outside

    async def end(self, cancelled: Cancelled) -> None:
        """Cancel everything and wait until nothing is left; the first reason given stands."""
        self.leave(cancelled)
        await self.emptied()
        if self._keeps_own_time and self._keeper is not None:
            await self._keeper.end()

    def _close(self) -> None:
        if self._keeper is not None:
            self._keeper.forget(self)
        self.outbox.end()
        if self.kernel.watch is not None:
            self.kernel.watch.page_ended()
        self.kernel.driver = Gone(self._clock, self._opened_at)
        if self.residence is not None:
            if self.residence.pop(self, self) is None:
                for error in self.kernel.escalated or ():
                    ended = "a spindle's failure has ended its page"
                    report(ended, error, page=self.kernel.name)
        elif self.kernel.escalated is not None:
            # Spindles are shielded: this cancels the body of the page.
            self.nursery.cancel_scope.cancel()

    @property
    def escalated(self) -> tuple[Exception, ...]:
        """The errors of spindles that have ended the page."""
        return tuple(self.kernel.escalated or ())

    @property
    def _is_ending(self) -> bool:
        # A page that rests has yet to apply what was asked for.
        return self.leaving is not None or self.kernel.stopping is not None

    async def emptied(self) -> None:
        """Wait until no spindle is left; always a checkpoint."""
        await trio.lowlevel.checkpoint()
        while self.kernel.live or (self._is_ending and self.kernel.outside):
            if self._emptied is None or self._emptied.is_set():
                self._emptied = trio.Event()
            await self._emptied.wait()

    async def waited_for(self) -> None:
        """Wait until no spindle is left, and hear of what has ended the page from inside."""
        await self.emptied()
        await trio.lowlevel.checkpoint_if_cancelled()
        if self.residence is not None:
            raise_escalated("page", self.escalated)

    def close(self, cancelled: Cancelled, grace: float) -> None:
        """Begin the time of grace; who does it sees that it ends after `grace` seconds."""
        self.post(close_page, self.kernel, cancelled)

    async def stop(self, reason: str, grace: float) -> None:
        """Tell all spindles, give them `grace` seconds, then cancel what is left."""
        cancelled = asked_for(reason, Origin.STOPPED)
        self.close(cancelled, grace)
        try:
            with trio.move_on_after(grace):
                await self.emptied()
        finally:
            self.leave(cancelled)
        await self.end(cancelled)

    async def ended(self, record: Record) -> None:
        """See `Driver`."""
        await trio.lowlevel.checkpoint()
        if record.outcome is not None:
            return
        onlooker = Onlooker(record, 0)
        record.join(onlooker)
        try:
            await onlooker.seen.wait()
        finally:
            if record.joiners is not None:
                record.joiners.pop(onlooker, None)

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Raise it in the page's nursery: the body is cancelled, and the page with it."""
        self.nursery.start_soon(_raise, interrupt)


class Onlooker(EndWait, eq=False):
    """Somebody outside who waits for the end of a coroutine, and does not join it."""

    seen: trio.Event = msgspec.field(default_factory=trio.Event)

    def ended(self, kernel: Kernel, target: Record) -> None:
        """See `EndWait`."""
        self.seen.set()


async def _raise(interrupt: KeyboardInterrupt) -> None:  # noqa: ASYNC124 - a task to be
    raise interrupt
