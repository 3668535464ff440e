"""Who is still there long after it was cancelled: named once, with its stack.

Whoever cancelled it, and for whatever reason. Who waits only for fibers of its own is not named:
they are. A look is taken when the oldest cancellation that has not done its work is due. Most have
done it before the page is idle again, so only then is a timer set; its place among the page's
deadlines is that of the moment when the cancellation was delivered, the same under every driver.
A page that always has something to do is never idle, but rests: then a timer is set as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from spindle._core.kernel.record import Life
from spindle._core.kernel.snapshot import for_what
from spindle._core.kernel.stack import stack_of
from spindle._core.kernel.waits import FibersWait
from spindle._core.names import shortened
from spindle._core.source import Source
from spindle._core.states import Cancelled

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.timers import Timer

__all__ = ["Overrunner", "Overruns"]


class Overrunner(msgspec.Struct, frozen=True):
    """A spindle or fiber that is still there long after it was cancelled. Prints as a report."""

    source: Source
    """The spindle it is, or is a fiber of."""
    name: str
    """Its block and instance; of a fiber, its function before that."""
    cancelled: Cancelled
    """Who cancelled it, and why."""
    seconds: float
    """How long ago it was cancelled."""
    state: str
    """As in a snapshot."""
    waits: tuple[str, ...]
    """What it waits for, if the page knows."""
    stack: tuple[str, ...]
    """Where it stands: `file:line function` a frame, the outermost first."""

    def __str__(self) -> str:
        waits = f" for {', or '.join(self.waits)}" if self.waits else ""
        head = (
            f"{self.name} is still there {self.seconds:g} s after it was cancelled "
            f"({shortened(self.cancelled.reason)}): {self.state}{waits}"
        )
        return "\n  ".join((head, *self.stack))


class Overruns:
    """The coroutines of a page that are cancelled and have not ended. Made on first use."""

    __slots__ = (
        "_due",
        "_kernel",
        "_late",
        "_place",
        "_restless",
        "_struck",
        "_timer",
        "_watched",
    )

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._struck: dict[Record, None] = {}
        """Those that were cancelled since the page was idle, and are left."""
        self._restless: dict[Record, None] = {}
        """Those of them that were left when the page rested, but was not idle."""
        self._due = 0.0
        """When these are late."""
        self._watched: dict[Record, float] = {}
        """When each of those that were left then is late; the earliest first."""
        self._late: dict[Record, float] = {}
        """Since when each that was named is late."""
        self._timer: Timer | None = None
        self._place: int | None = kernel.place()

    def struck(self, record: Record) -> None:
        """It was cancelled."""
        self._struck[record] = None

    def ended(self, record: Record) -> None:
        """It has ended."""
        if record in self._struck:
            del self._struck[record]
        elif record in self._late:
            del self._late[record]
        else:
            left = self._restless if record in self._restless else self._watched
            left.pop(record, None)
            if self._timer is not None and not self._watched and not self._restless:
                self._timer.call_off()
                self._timer = None

    def rest(self) -> None:
        """The page rests, and may never be idle: whoever was cancelled and is left is kept apart.

        At once, for they may be very many, most of which are only waiting for their turn.
        """
        if self._struck and not self._restless:
            self._restless, self._struck = self._struck, {}
            self._due = self._kernel.now + self._kernel.limits.overrun_seconds
            if self._timer is None:
                self._expect(self._due)

    def settle(self) -> None:
        """The page is idle: whoever was cancelled and is left is watched."""
        kernel = self._kernel
        self._watch_restless()
        if self._struck:
            due = kernel.now + kernel.limits.overrun_seconds
            self._watched.update(dict.fromkeys(self._struck, due))
            self._struck.clear()
            if self._timer is None:
                self._expect(due)
        if not self._watched and not self._late:
            kernel.overruns = None

    def named(self, record: Record) -> bool:
        """Whether it was named."""
        return record in self._late

    def overrunners(self) -> tuple[Overrunner, ...]:
        """Those that were named and are still there, as they stand now."""
        return tuple(self._look_at(record) for record in self._late)

    def _watch_restless(self) -> None:
        self._watched.update(dict.fromkeys(self._restless, self._due))
        self._restless.clear()

    def _expect(self, due: float) -> None:
        place, self._place = self._place, None
        self._timer = self._kernel.timer_at(due, self._look, place=place)
        self._kernel.driver.timer_was_set()

    def _look(self) -> None:
        self._timer = None
        self._watch_restless()
        kernel = self._kernel
        for record, due in list(self._watched.items()):
            if due > kernel.now:
                break
            del self._watched[record]
            if record.state is Life.ENDING or isinstance(record.waits, FibersWait):
                # Its fibers are to blame. When they are gone, it may be itself.
                self._watched[record] = kernel.now + kernel.limits.overrun_seconds
                continue
            self._late[record] = due
            kernel.driver.overran(self._look_at(record))
        if self._watched:
            self._expect(next(iter(self._watched.values())))

    def _look_at(self, record: Record) -> Overrunner:
        assert record.cancel is not None
        kernel = self._kernel
        return Overrunner(
            record.root.source,
            record.name,
            record.cancel,
            kernel.now - self._late[record] + kernel.limits.overrun_seconds,
            record.state.value,
            for_what(record),
            stack_of(record.coroutine),
        )
