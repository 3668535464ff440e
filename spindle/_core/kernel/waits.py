"""What a coroutine can be suspended on; each knows where it is registered, and how to leave.

The invariant: a wait is registered in one place (a spindle's pending yields, a cell, a channel, the
timers, another coroutine's joiners) exactly as long as its coroutine is suspended on it. Whoever
fulfils a wait takes it out of that place; those that lose a race, or are cancelled, are withdrawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spindle._core.kernel.wording import listed
from spindle._core.names import name_of
from spindle._core.states import Completed, Withdrawn

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


class Wait:
    """One thing that `record` is suspended on; in a race, the one at `position`."""

    __slots__ = ("position", "record")

    def __init__(self, record: Record, position: int = 0) -> None:
        self.record = record
        self.position = position

    def withdraw(self, kernel: Kernel) -> None:
        """Wait no more."""
        raise NotImplementedError

    def __str__(self) -> str:
        """What it waits for, for a reader."""
        raise NotImplementedError

    def needs(self) -> list[Record]:
        """The coroutines of the page that only can end this wait."""
        return []


class YieldWait(Wait):
    """A pending yield: what was asked, under which id, and what may answer it."""

    __slots__ = ("ask", "source")

    def __init__(self, record: Record, ask: Ask, source: Source, position: int = 0) -> None:
        self.record = record
        self.position = position
        self.ask = ask
        self.source = source

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


class SleepWait(Wait):
    """Until a moment comes."""

    __slots__ = ("timer",)

    timer: Timer

    def withdraw(self, kernel: Kernel) -> None:
        """Call off the timer."""
        self.timer.call_off()

    def __str__(self) -> str:
        return f"sleep until {self.timer.at:g}"


class ChangeWait(Wait):
    """For the next value of a cell."""

    __slots__ = ("changes", "state")

    def __init__(
        self, record: Record, position: int, changes: Changes[Any], state: CellState
    ) -> None:
        super().__init__(record, position)
        self.changes = changes
        self.state = state

    def withdraw(self, kernel: Kernel) -> None:
        """Watch no more."""
        del self.state.waiting[self]

    def __str__(self) -> str:
        return f"cell {self.changes.cell.name}"


class TakeWait(Wait):
    """For an item of a channel."""

    __slots__ = ("channel",)

    def __init__(self, record: Record, position: int, channel: Channel[Any]) -> None:
        super().__init__(record, position)
        self.channel = channel

    def withdraw(self, kernel: Kernel) -> None:
        """Take nothing."""
        assert self.channel.takers is not None
        del self.channel.takers[self]

    def __str__(self) -> str:
        return f"take from {self.channel!r}"


class PutWait(Wait):
    """For room in a channel; holds the item."""

    __slots__ = ("channel", "item")

    def __init__(self, record: Record, channel: Channel[Any], item: object) -> None:
        super().__init__(record)
        self.channel = channel
        self.item = item

    def withdraw(self, kernel: Kernel) -> None:
        """Keep the item."""
        assert self.channel.putters is not None
        del self.channel.putters[self]

    def __str__(self) -> str:
        return f"put into {self.channel!r}"


class EndWait(Wait):
    """For the end of other coroutines; registered with each of them."""

    __slots__ = ()

    def ended(self, kernel: Kernel, target: Record) -> None:
        """`target` has ended; it has forgotten this wait already."""
        raise NotImplementedError


class ResultWait(EndWait):
    """For what one coroutine returns."""

    __slots__ = ("target",)

    def __init__(self, record: Record, position: int, target: Record) -> None:
        super().__init__(record, position)
        self.target = target

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


class AllWait(EndWait):
    """For what several coroutines return."""

    __slots__ = ("left", "targets")

    def __init__(self, record: Record, targets: tuple[Record, ...]) -> None:
        super().__init__(record)
        self.targets = targets
        self.left = {target: None for target in targets if target.outcome is None}
        for target in self.left:
            if target.joiners is None:
                target.joiners = {}
            target.joiners[self] = None

    def ended(self, kernel: Kernel, target: Record) -> None:
        """One has ended: fail with it, or go on waiting for the others."""
        del self.left[target]
        target.joined = True
        if not isinstance(target.outcome, Completed):
            left = list(self.left)
            self.withdraw(kernel)
            kernel.fulfil_with_outcome(self, target)
            kernel.cancel_siblings(left, target, self.record)
        elif not self.left:
            kernel.fulfil(self, values_of(self.targets))

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


class FibersWait(Wait):
    """For the end of the fibers of a `scope()` that is being left; nothing interrupts this wait."""

    __slots__ = ("fold",)

    def __init__(self, record: Record, fold: FiberScope) -> None:
        super().__init__(record)
        self.fold = fold

    def __str__(self) -> str:
        return "ends of " + listed([fiber.name for fiber in self.fold.fibers])

    def needs(self) -> list[Record]:
        """The fibers left."""
        return list(self.fold.fibers)


def values_of(targets: tuple[Record, ...]) -> tuple[object, ...]:
    """What coroutines that have all completed have returned."""
    values: list[object] = []
    for target in targets:
        target.joined = True
        assert isinstance(target.outcome, Completed)
        values.append(target.outcome.value)
    return tuple(values)
