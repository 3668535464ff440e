"""What spindles have done since they marked, if that can be told from the mark alone.

A stretch begins where a spindle starts or marks, and ends where it waits. As long as it is not
resumed from there, and has used nothing that another may change meanwhile, running its function
anew with what it was given at the mark leads to where it is. That is what lets the log of a whole
page begin anew: all its spindles are at the ends of such stretches.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakSet

from spindle._core.kernel.cells import is_abandoned
from spindle._core.kernel.meanings.table import MEANINGS, OPERATIONS, meaning_of
from spindle._core.kernel.record import START, Record, SpindleRecord
from spindle._core.messages import Ask, Notify
from spindle._core.operations.await_any import AwaitAny
from spindle._core.operations.cell import GetCell, NextChange, PutCell
from spindle._core.operations.clock import Now, RandomFloat, Sleep, UniqueId
from spindle._core.operations.keeping import Mark, Patched
from spindle._core.operations.port import Use
from spindle._core.operations.reason import CancelReason
from spindle._core.operations.scope import EnterScope, ExitScope, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from msgspec import Raw

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.meanings.meaning import Meaning
    from spindle._core.operations.cell import Cell, Changes
    from spindle._core.replay.commands import Command

__all__ = ["Stretch", "Stretches"]


class Stretch:
    """One that is not over, or at whose end its spindle waits.

    Attributes:
        place: among all of its page, in the order of their beginnings.
        at: when it began, in seconds of the page's clock.
        args: with what the function of its spindle began, or is to begin anew, as a log keeps it;
            None if that cannot be kept.
        asked: how many questions its spindle had asked before.
        drawn: how often chance had been asked on its page.
        channels: how many channels had been used on its page.
        said: how much its page had said.
        commands: what was done in it.
    """

    __slots__ = (
        "args",
        "asked",
        "at",
        "before",
        "channels",
        "commands",
        "drawn",
        "place",
        "reads",
        "said",
        "seen",
    )

    def __init__(
        self, record: SpindleRecord, args: tuple[Raw, ...] | None, place: int, said: int
    ) -> None:
        kernel = record.kernel
        self.place = place
        self.at = kernel.now
        self.args = args
        self.asked = record.asked
        self.drawn = kernel.chance.drawn
        self.channels = kernel.channels
        self.said = said
        self.commands: list[Command] = []
        self.reads: list[tuple[Cell[Any], int]] = []
        """Cells it has read, and how often each had been written by then."""
        self.seen: dict[Changes[Any], int] = {}
        """Its subscriptions, in the order in which it waited for them, and what they had seen."""
        self.before: dict[Cell[Any], tuple[int, Any]] = {}
        """Cells it has written: how often they had been before, and what they held."""

    def holds(self, kernel: Kernel) -> bool:
        """Whether what it has read is still what it would read."""
        return all(_puts(kernel, cell) == puts for cell, puts in self.reads)


class Stretches:
    """Those of one page."""

    def __init__(
        self,
        said: Callable[[], int],
        keep: Callable[[SpindleRecord], tuple[Raw, ...] | None],
        read_back: Callable[[Cell[Any], object], object],
    ) -> None:
        """None yet.

        Args:
            said: tells how much the page has said.
            keep: writes down with what a spindle starts, if that can be.
            read_back: makes of a value that a cell is given what would be read of it.
        """
        self._said = said
        self._keep = keep
        self._read_back = read_back
        self._started: dict[SpindleRecord, tuple[Raw, ...] | None] = {}
        self._of: dict[SpindleRecord, Stretch] = {}
        self._fresh: set[SpindleRecord] = set()
        """Who has done nothing yet that is not done again when its function is called anew."""
        self._held: set[Record] = set()
        """Who was stopped in the middle of a step."""
        self._stopped: Record | None = None
        """Which of them was stopped last, if nobody was resumed since."""
        self._places = 0
        self._subscriptions: dict[SpindleRecord, WeakSet[Changes[Any]]] = {}
        """All that spindles have waited for and still have."""
        self._seen: dict[Record, list[int]] = {}
        """What the subscriptions of a spindle that is to begin anew had seen."""
        self.meanings: Final[dict[type, Meaning]] = {
            kind: self._noted(kind, MEANINGS[kind]) for kind in OPERATIONS
        }
        """The table of operations, which notes what it is asked for."""

    def of(self, record: SpindleRecord) -> Stretch | None:
        """The stretch at whose end it waits, or that it is in; None if it is in none."""
        return self._of.get(record)

    def meaning_of(self, trap: object) -> Meaning | None:
        """See there."""
        meaning = meaning_of(trap)
        if meaning is not None:
            base = next(each for each in type(trap).__mro__ if each in OPERATIONS)
            meaning = self.meanings[type(trap)] = self._noted(base, meaning)
        return meaning

    # --- what happens ---------------------------------------------------------------------------

    def resumed(self, record: Record) -> None:
        """It goes on: at its beginning, or with something that has come."""
        if record.resumption is START and isinstance(record, SpindleRecord):
            self._started[record] = kept = self._keep(record)
            self._fresh.add(record)
            self.began(record, kept)
        elif record in self._held:
            self._held.remove(record)
            if record is not self._stopped:  # others ran meanwhile
                self.spoilt(record)
        else:
            self.spoils(record)
        self._stopped = None

    def held(self, record: Record) -> None:
        """It was stopped where it was, and goes on as if it had not been if it is the next."""
        self._held.add(record)
        self._stopped = record

    def began(self, record: SpindleRecord, args: tuple[Raw, ...] | None) -> None:
        """It begins, or marks."""
        self._places += 1
        self._of[record] = Stretch(record, args, self._places, self._said())

    def spoilt(self, record: Record) -> None:
        """What it does from now on cannot be told from its mark alone."""
        self._of.pop(_root(record), None)

    def is_fresh(self, record: SpindleRecord) -> bool:
        """Whether all that it has done so far is done again when its function is called anew.

        That follows from its own steps: whether it was stopped between them makes no difference.
        """
        return record in self._fresh

    def done(self, record: Record, commands: Sequence[Command]) -> None:
        """It was stepped, and has done this."""
        self._fresh.discard(_root(record))
        stretch = self.of(record) if isinstance(record, SpindleRecord) else None
        if stretch is not None:
            stretch.commands += commands

    def started_with(self, record: SpindleRecord) -> tuple[Raw, ...] | None:
        """With what its function was called first, and is called if it is started anew."""
        return self._started.get(record)

    def start_with(self, record: SpindleRecord, args: tuple[Raw, ...] | None) -> None:
        """It was called with this, before it marked."""
        self._started[record] = args

    def watch_on(self, record: SpindleRecord, seen: Sequence[int]) -> None:
        """It begins anew from its mark: its subscriptions have seen this, in their order.

        With nothing, those that are not yet made have seen nothing.
        """
        self._seen.pop(record, None)
        if seen:
            self._seen[record] = list(seen)

    def watches_on(self, record: SpindleRecord) -> bool:
        """Whether it still has a subscription that it has not waited for since its mark."""
        stretch = self._of.get(record)
        known = self._subscriptions.get(record, ())
        return stretch is None or any(each not in stretch.seen for each in known)

    def keep(self, live: Collection[SpindleRecord]) -> None:
        """Forget those whose spindles are over."""
        self._subscriptions = {
            each: known for each, known in self._subscriptions.items() if each in live
        }
        self._started = {each: args for each, args in self._started.items() if each in live}
        self._of = {each: stretch for each, stretch in self._of.items() if each in live}
        self._fresh.intersection_update(live)
        self._held = {each for each in self._held if _root(each) in live}

    # --- operations -----------------------------------------------------------------------------

    def _noted(self, kind: type, meaning: Meaning) -> Meaning:
        if kind in _HARMLESS:
            return meaning
        note = _NOTES.get(kind, Stretches.spoils)
        return partial(_performed, partial(note, self), meaning)

    def spoils(self, record: Record, operation: object = None) -> None:
        """It does something else."""
        self._fresh.discard(_root(record))
        self.spoilt(record)

    def enters(self, record: Record, operation: EnterScope | ExitScope) -> None:
        """It enters or leaves a scope."""
        if not isinstance(operation.scope, Timeout):
            self.spoils(record)

    def asks(self, record: Record, operation: Ask) -> None:
        """It asks, and may be answered at once by an event that waits."""
        if record.root.mailbox:
            self.spoils(record)

    def races(self, record: Record, operation: AwaitAny) -> None:
        """It waits for the first of several things."""
        harmless = all(isinstance(each, (Ask, Sleep, NextChange)) for each in operation.sources)
        if record.root.mailbox or not harmless:
            self.spoils(record)
        for each in operation.sources:
            if isinstance(each, NextChange):
                self.watches(record, cast("NextChange[object]", each))

    def watches(self, record: Record, operation: NextChange[Any]) -> None:
        """It waits for a change, unless there is one that its subscription has not seen."""
        changes = operation.changes
        self._fresh.discard(_root(record))
        self._subscriptions.setdefault(record.root, WeakSet()).add(changes)
        stretch = self._of.get(record) if isinstance(record, SpindleRecord) else None
        if stretch is None:
            return
        if changes not in stretch.seen:
            seen = self._seen.get(record)
            if seen:
                changes.seen = seen.pop(0)
            stretch.seen[changes] = changes.seen
        puts = _puts(record.kernel, changes.cell)
        if not puts and is_abandoned(record.kernel, changes.cell):
            self.spoilt(record)  # it hears that at once, and a spindle that is started may write it
        stretch.reads.append((changes.cell, puts))

    def writes(self, record: Record, operation: PutCell[Any]) -> None:
        """It writes a cell, which holds from now on what it would hold behind a snapshot."""
        operation.value = self._read_back(operation.cell, operation.value)
        self._fresh.discard(_root(record))
        stretch = self._of.get(record) if isinstance(record, SpindleRecord) else None
        if stretch is not None and operation.cell not in stretch.before:
            state = (record.kernel.cells or {}).get(operation.cell)
            before = (0, None) if state is None else (state.puts, state.value)
            stretch.before[operation.cell] = before

    def uses(self, record: Record, operation: object) -> None:
        """It asks for time or chance."""
        self._fresh.discard(_root(record))

    def reads(self, record: Record, operation: GetCell[Any]) -> None:
        """It reads a cell."""
        self._fresh.discard(_root(record))
        stretch = self._of.get(record) if isinstance(record, SpindleRecord) else None
        if stretch is not None:
            stretch.reads.append((operation.cell, _puts(record.kernel, operation.cell)))


def _root(record: Record) -> SpindleRecord:
    return record if isinstance(record, SpindleRecord) else record.root  # one that is over has none


def _performed(
    note: Callable[[Record, Any], None],
    meaning: Meaning,
    kernel: Kernel,
    record: Record,
    operation: Any,
) -> object:
    note(record, operation)
    return meaning(kernel, record, operation)


def _puts(kernel: Kernel, cell: Cell[Any]) -> int:
    state = None if kernel.cells is None else kernel.cells.get(cell)
    return 0 if state is None else state.puts


_HARMLESS: Final = frozenset(
    {
        CancelReason,
        Mark,
        Notify,
        Patched,
        Sleep,
        Use,
    }
)
"""What gives the same again when its spindle does it again from its mark."""
_NOTES: Final[dict[type, Callable[[Stretches, Record, Any], None]]] = {
    Ask: Stretches.asks,
    AwaitAny: Stretches.races,
    EnterScope: Stretches.enters,
    ExitScope: Stretches.enters,
    GetCell: Stretches.reads,
    NextChange: Stretches.watches,
    Now: Stretches.uses,
    PutCell: Stretches.writes,
    RandomFloat: Stretches.uses,
    UniqueId: Stretches.uses,
}
