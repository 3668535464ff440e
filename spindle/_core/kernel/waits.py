"""What a coroutine can be suspended on; each knows where it is registered, and how to leave.

The invariant: a wait is registered in one place (a spindle's pending yields, a cell, a channel, the
timers, another coroutine's joiners) exactly as long as its coroutine is suspended on it. Whoever
fulfils a wait takes it out of that place; those that lose a race, or are cancelled, are withdrawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from spindle._core.kernel.record import key_of
from spindle._core.kernel.wording import attached, listed
from spindle._core.names import name_of
from spindle._core.states import Completed, Errored, Withdrawn

if TYPE_CHECKING:
    from spindle._core.kernel.cells import CellState
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.timers import Timer
    from spindle._core.messages import Ask
    from spindle._core.operations.cell import Changes
    from spindle._core.operations.channel import Channel
    from spindle._core.operations.fiber import FiberScope
    from spindle._core.source import Source

__all__ = [
    "NOT_READY",
    "Aftermath",
    "AllWait",
    "ChangeWait",
    "EndWait",
    "FibersWait",
    "PutWait",
    "ResultWait",
    "SleepWait",
    "TakeWait",
    "Wait",
    "YieldWait",
]


class _NotReady:
    def __repr__(self) -> str:
        return "NOT_READY"


NOT_READY: Final = _NotReady()
"""The answer of a source that has nothing at once."""


class Wait(msgspec.Struct, eq=False):
    """One thing that `record` is suspended on; in a race, the one at `position`."""

    record: Record
    position: int

    def withdraw(self, kernel: Kernel) -> None:
        """Wait no more."""
        raise NotImplementedError

    def __str__(self) -> str:
        """What it waits for, for a reader."""
        raise NotImplementedError

    def needs(self) -> list[Record]:
        """The coroutines of the page without which this wait cannot end, if they are known."""
        return []


class YieldWait(Wait, eq=False):
    """A pending yield: what was asked, under which id, and what may answer it."""

    ask: Ask
    source: Source

    @property
    def accepts(self) -> frozenset[type]:
        """The classes of what may answer it."""
        return self.ask.__answers__

    def withdraw(self, kernel: Kernel) -> None:
        """Ask no more, and tell the view."""
        number = self.source.yield_id
        assert number is not None
        del self.record.root.pending[number]
        kernel.tell(self.source, Withdrawn(self.ask))

    def __str__(self) -> str:
        return f"yield {self.source.yield_id}, {name_of(type(self.ask))}"


class SleepWait(Wait, eq=False):
    """Until a moment comes."""

    timer: Timer | None = None

    def withdraw(self, kernel: Kernel) -> None:
        """Call off the timer."""
        assert self.timer is not None
        self.timer.call_off()

    def __str__(self) -> str:
        assert self.timer is not None
        return f"sleep until {self.timer.at:g}"


class ChangeWait(Wait, eq=False):
    """For the next value of a cell."""

    changes: Changes[Any]
    state: CellState

    def withdraw(self, kernel: Kernel) -> None:
        """Watch no more."""
        del self.state.waiting[self]

    def __str__(self) -> str:
        cell = self.changes.cell
        return f"cell {cell.name}" + ("" if self.needs() else ", whose spindle is not running")

    def needs(self) -> list[Record]:
        """The spindle that writes it."""
        cell = self.changes.cell
        owner = self.record.kernel.live.get(key_of(cell.block, cell.instance))
        return [] if owner is None else [owner]


class TakeWait(Wait, eq=False):
    """For an item of a channel."""

    channel: Channel[Any]

    def withdraw(self, kernel: Kernel) -> None:
        """Take nothing."""
        assert self.channel.takers is not None
        del self.channel.takers[self]

    def __str__(self) -> str:
        return f"take from {self.channel!r}"


class PutWait(Wait, eq=False):
    """For room in a channel; holds the item."""

    channel: Channel[Any]
    item: object

    def withdraw(self, kernel: Kernel) -> None:
        """Keep the item."""
        assert self.channel.putters is not None
        del self.channel.putters[self]

    def __str__(self) -> str:
        return f"put into {self.channel!r}"


class EndWait(Wait, eq=False):
    """For the end of other coroutines; registered with each of them."""

    def ended(self, kernel: Kernel, target: Record) -> None:
        """`target` has ended; it has forgotten this wait already."""
        raise NotImplementedError


class ResultWait(EndWait, eq=False):
    """For what one coroutine returns."""

    target: Record

    def ended(self, kernel: Kernel, target: Record) -> None:
        """Take what came of it."""
        kernel.fulfil_with_outcome(self, target)

    def withdraw(self, kernel: Kernel) -> None:
        """Join no more."""
        assert self.target.joiners is not None
        del self.target.joiners[self]

    def __str__(self) -> str:
        return f"end of {self.target.name}"

    def needs(self) -> list[Record]:
        """The one that is joined."""
        return [self.target]


class AllWait(EndWait, eq=False):
    """For what several coroutines return."""

    targets: tuple[Record, ...]
    left: dict[Record, None] = msgspec.field(default_factory=dict)

    def register(self) -> None:
        """Join all that have not ended."""
        for target in self.targets:
            if target.outcome is None:
                self.left[target] = None
                target.join(self)

    def ended(self, kernel: Kernel, target: Record) -> None:
        """One has ended: fail with it, or go on waiting for the others."""
        del self.left[target]
        if not isinstance(target.outcome, Completed):
            # One that failed in the same scope has ended before it, and has yet to tell of that.
            target = next((each for each in self.left if each.outcome is not None), target)
        target.joined = True
        if not isinstance(target.outcome, Completed):
            self.withdraw(kernel)
            error = kernel.error_of(target)
            kernel.fulfil_with_error(self, target if isinstance(target.outcome, Errored) else error)
            kernel.cancel_siblings(self.targets, target, error, self.record)
        elif not self.left:
            kernel.fulfil(self, values_of(kernel, self.targets))

    def withdraw(self, kernel: Kernel) -> None:
        """Join no more."""
        for target in self.left:
            assert target.joiners is not None
            del target.joiners[self]
        self.left.clear()

    def __str__(self) -> str:
        return "ends of " + listed([target.name for target in self.left])

    def needs(self) -> list[Record]:
        """Those that are joined and have not ended."""
        return list(self.left)


class Aftermath(EndWait, eq=False):
    """For a failure that comes too late to be raised: it is told with `error`, which was."""

    error: Exception

    def ended(self, kernel: Kernel, target: Record) -> None:
        """Tell of it; it counts as joined."""
        target.joined = True
        if isinstance(target.outcome, Errored):
            attached(self.error, target)


class FibersWait(Wait, eq=False):
    """For the end of the fibers of a `scope()` that is being left; nothing interrupts this wait."""

    fold: FiberScope

    def __str__(self) -> str:
        return "ends of " + listed([fiber.name for fiber in self.fold.fibers])

    def needs(self) -> list[Record]:
        """The fibers left."""
        return list(self.fold.fibers)


def values_of(kernel: Kernel, targets: tuple[Record, ...]) -> tuple[object, ...]:
    """What coroutines that have all completed have returned."""
    for target in targets:
        target.joined = True
    return tuple(value_of(kernel, each) for each in targets)


def value_of(kernel: Kernel, target: Record) -> object:
    """What a coroutine that has completed has returned; a spindle's is told to others, too."""
    assert isinstance(target.outcome, Completed)
    value: object = target.outcome.value
    return kernel.own(value) if target.owner is None else value
