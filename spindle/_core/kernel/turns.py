"""Turns: inputs are applied one at a time, the next one when no spindle can run.

Together with the kernel's order of readiness this is what makes one source give one conversation
under every driver. An input (an event, the end of a call, a cancellation) queues with the time it
came; before it is applied, every deadline due by then fires, each in a turn of its own. Spindles
run one at a time: while one holds the turn, `holder` names it. A call of `post` from inside a turn
queues and never recurses.

Above the outbox's high-water mark the page pauses: no spindle is stepped and no input applied until
the view has caught up, but a cancellation of the page. It pauses, too, for as long as the rest of
the program takes, after a number of operations. The order of things is not changed by either.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Any

from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.record import Life
from spindle._core.limits import DEFAULT_LIMITS, PageLimits
from spindle._core.states import Cancelled, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spindle._core.contracts.block import Block
    from spindle._core.journal import Journal
    from spindle._core.kernel.record import Cause, Record
    from spindle._core.operations.port import Call

__all__ = ["Turns"]


class Turns(ABC):
    """The part that every driver of a page shares: a kernel, its queue of inputs, the pump."""

    def __init__(
        self,
        provide: Mapping[Any, object],
        journal: Journal | None = None,
        *,
        blocks: tuple[type[Block], ...] | None = None,
        limits: PageLimits = DEFAULT_LIMITS,
        seed: bytes = b"",
    ) -> None:
        self.kernel = Kernel(self, provide, journal, blocks=blocks, limits=limits, seed=seed)
        self.holder: Record | None = None
        self.leaving: Cancelled | None = None
        """Why the page is to end, from the moment that is asked for."""
        self._inputs: deque[tuple[float, Callable[..., None], tuple[Any, ...]]] = deque()
        self._pumping = False

    @abstractmethod
    def clock(self) -> float:
        """Seconds since the page was opened."""

    @abstractmethod
    def resume(self, record: Record) -> None:
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
    def flush(self) -> None:
        """Pass on what the kernel has for the view."""

    @abstractmethod
    async def ended(self, record: Record) -> None:
        """See `Driver`."""

    def cancel_record(self, record: Record, reason: str) -> None:
        """See `Driver`."""
        self.post(self.kernel.cancel, record, Cancelled(reason, Origin.HANDLE))

    def rest(self) -> None:  # noqa: B027 - by hand there is no rest of the program
        """Much was done: let the rest of the program have its turn before the page goes on."""

    @property
    def paused(self) -> bool:
        """Whether something outside the page has to happen before anything goes on."""
        return False

    @property
    def resting(self) -> bool:
        """Whether the rest of the program has its turn."""
        return False

    def step_done(self) -> bool:
        """Count an operation that did not suspend; answers whether the page is to pause."""
        return False

    @property
    def stepping(self) -> bool:
        """Whether the page is at work, so that an input would queue."""
        return self._pumping

    @property
    def waiting_inputs(self) -> int:
        """How many inputs were posted and not applied yet."""
        return len(self._inputs)

    def post(self, apply: Callable[..., None], *args: object) -> None:
        """Queue an input; it has been applied on return if the page was idle."""
        self._inputs.append((self.clock(), apply, args))
        self.pump()

    def leave(self, cancelled: Cancelled) -> None:
        """Post the end of the page; the first reason given stands."""
        self.leaving = self.leaving or cancelled
        self.post(self.kernel.cancel_page, self.leaving)

    def pump(self) -> None:
        """Let spindles run and inputs in, in order, until there is nothing to do at once."""
        if self._pumping:
            return
        self._pumping = True
        kernel = self.kernel
        try:
            while self.holder is None:
                if kernel.cascade is not None:
                    if self.resting:
                        break
                    kernel.cascade_on()
                    if kernel.cascade is not None:
                        self.rest()
                elif self.paused:
                    if self.leaving is None or kernel.stopping is not None:
                        break
                    kernel.cancel_page(self.leaving)
                elif kernel.ready:
                    record = kernel.ready.popleft()
                    # One that was cancelled before it ever ran is over, and still in the row.
                    if record.state is not Life.DONE:
                        self.resume(record)
                elif self._inputs:
                    self._admit()
                else:
                    break
        finally:
            self._pumping = False
        self.flush()

    def _admit(self) -> None:
        kernel = self.kernel
        at, apply, args = self._inputs[0]
        if kernel.fire_due(at):
            return
        self._inputs.popleft()
        kernel.now = max(kernel.now, at)
        apply(*args)
