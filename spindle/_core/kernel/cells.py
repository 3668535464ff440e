"""Cells as the page keeps them: the value, and who is to be told of the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

from spindle._core.apart import apart
from spindle._core.errors import Abandoned, CellEmpty, NotOwner, UsageError
from spindle._core.kernel.channels import bring, fail, join
from spindle._core.kernel.record import Unnamed, key_of
from spindle._core.kernel.waits import NOT_READY, ChangeWait
from spindle._core.kernel.wording import stays_empty
from spindle._core.names import name_of
from spindle._core.operations.cell import NO_DEFAULT, Cell, Change, Changes
from spindle._core.operations.channel import Channel

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.operations.cell import NextChange, PutCell

__all__ = [
    "CellState",
    "get",
    "is_abandoned",
    "next_change",
    "owner_began",
    "owner_ended",
    "put",
    "wait_for",
    "watch",
]


class CellState:
    """One cell of one page. It outlives the spindle that writes it."""

    __slots__ = ("is_fixed", "puts", "value", "waiting", "watchers")

    def __init__(self) -> None:
        self.value: Any = None
        self.is_fixed = False
        """Whether those that read it may share it: nobody can change it, or there is no log."""
        self.puts = 0
        """How often it was written; 0 while it is empty."""
        self.waiting: dict[ChangeWait, None] = {}
        self.watchers: dict[ref[Channel[Any]], None] = {}
        """Channels that bring the next value, of an empty cell, while anybody has them."""

    def hold(self, kernel: Kernel, value: object) -> None:
        """Have another value."""
        self.value = value
        self.is_fixed = kernel.keeper is None or apart(value) is value

    def read(self, kernel: Kernel) -> Any:
        """The value, for one that reads it."""
        return self.value if self.is_fixed else kernel.own(self.value)

    def add_watcher(self, channel: Channel[Any]) -> None:
        """Let `channel` bring the next value."""
        self.watchers[ref(channel, self._forget)] = None

    def take_watchers(self) -> list[Channel[Any]]:
        """Those that were added and are there still, in that order."""
        watchers, self.watchers = self.watchers, {}
        return [channel for each in watchers if (channel := each()) is not None]

    def _forget(self, dropped: ref[Channel[Any]]) -> None:
        self.watchers.pop(dropped, None)


def _state_of(kernel: Kernel, cell: Cell[Any]) -> CellState:
    if kernel.cells is None:
        kernel.cells = {}
    state = kernel.cells.get(cell)
    if state is None:
        block = cell.block
        if kernel.blocks is not None and block not in kernel.blocks:
            known = ", ".join(name_of(each) for each in kernel.blocks)
            raise UsageError(
                f"{cell.name} is a cell of a block that is not part of this page's contract, "
                f"which has {known}"
            )
        state = kernel.cells[cell] = CellState()
    return state


def put(kernel: Kernel, record: Record, operation: PutCell[Any]) -> Change[object]:
    """Write a cell and wake who watches, in the order in which they began to."""
    cell, value, root = operation.cell, operation.value, record.root
    if root.block is Unnamed and cell.instance is None:
        root.refer(cell.block)
    if root.block is not cell.block or root.instance != cell.instance:
        raise _not_owner(root, cell)
    state = _state_of(kernel, cell)
    old = state.read(kernel)
    state.hold(kernel, value)
    state.puts += 1
    change = Change(old, state.read(kernel))
    if state.waiting:
        for wait in list(state.waiting):
            # One that has lost a race to another wait for this very put is gone already; of
            # several that share a subscription only one is told.
            if wait.changes.seen != state.puts and wait in state.waiting:
                del state.waiting[wait]
                wait.changes.seen = state.puts
                kernel.fulfil(wait, state.read(kernel))
    if state.watchers:
        for channel in state.take_watchers():
            bring(kernel, channel, state.read(kernel))
    return change


def _not_owner(root: SpindleRecord, cell: Cell[Any]) -> NotOwner:
    remedy = "Write a cell of its own block"
    if root.block is cell.block and root.instance is not None:
        remedy = f"Write .of({root.instance!r}) of the cell, which is this spindle's own"
    elif root.block is cell.block:
        remedy = "Write the cell itself, without .of()"
    return NotOwner(
        f"{root.name} wanted to write the cell {cell.name}, which only "
        f"{owner_of(cell)} writes. {remedy}, or send it an event"
    )


def owner_of(cell: Cell[Any]) -> str:
    """The name of the spindle that writes a cell."""
    return cell.name.rpartition(".")[0]


def get(kernel: Kernel, cell: Cell[Any], default: object) -> object:
    """Read a cell."""
    state = _state_of(kernel, cell)
    if state.puts:
        return state.read(kernel)
    if default is not NO_DEFAULT:
        return default
    raise CellEmpty(
        f"{cell.name} was read before its first put: give a default, get(...), or wait for a "
        f"value with watch() or changes()"
    )


def watch(kernel: Kernel, cell: Cell[Any]) -> Channel[Any]:
    """Give a channel that brings one value, now or with the next put, and is closed then."""
    state = _state_of(kernel, cell)
    channel = Channel[Any](1)
    join(kernel, channel)
    if state.puts:
        bring(kernel, channel, state.read(kernel))
    elif is_abandoned(kernel, cell):
        fail(kernel, channel, _no_value(kernel, cell))
    else:
        state.add_watcher(channel)
    return channel


def next_change(kernel: Kernel, record: Record, operation: NextChange[Any]) -> object:
    """A value of the cell that was not seen yet, or `NOT_READY`."""
    changes = operation.changes
    if changes.kernel is not kernel:
        _settle_in(kernel, changes)
    puts = changes.state.puts
    if puts > changes.seen:
        changes.seen = puts
        return changes.state.read(kernel)
    if not puts and is_abandoned(kernel, changes.cell):
        raise _no_value(kernel, changes.cell)
    return NOT_READY


def _settle_in(kernel: Kernel, changes: Changes[Any]) -> None:
    state = _state_of(kernel, changes.cell)
    if changes.kernel is not None:
        raise UsageError(
            f"this subscription to {changes.cell.name} belongs to another page: make it where it "
            f"is used, `changes = cell.changes()` in the spindle, before its loop"
        )
    changes.kernel, changes.state = kernel, state


def wait_for(
    kernel: Kernel, record: Record, operation: NextChange[Any], position: int
) -> ChangeWait:
    """Be woken by the next put."""
    changes = operation.changes
    wait = ChangeWait(record, position, changes, changes.state)
    changes.state.waiting[wait] = None
    return wait


def owner_began(kernel: Kernel, record: SpindleRecord) -> None:
    """A spindle takes its key: it may write its cells yet."""
    if kernel.abandoned is not None:
        kernel.abandoned.pop(record.key, None)


def owner_ended(kernel: Kernel, record: SpindleRecord) -> None:
    """A spindle is gone: who waits for the first value of one of its cells learns it."""
    for declared in record.block.__cells__:
        cell = declared.known(record.instance)
        state = None if cell is None or kernel.cells is None else kernel.cells.get(cell)
        if state is not None and state.puts:
            continue
        if kernel.abandoned is None:
            kernel.abandoned = {}
        # Not its own key: by hand that may be another one.
        made_way = kernel.closing is not None and record.outcome is kernel.closing
        kernel.abandoned[key_of(record.block, record.instance)] = made_way
        if cell is not None and state is not None:
            _abandon(kernel, cell, state)


def _abandon(kernel: Kernel, cell: Cell[Any], state: CellState) -> None:
    for wait in list(state.waiting):
        if wait in state.waiting:
            del state.waiting[wait]
            kernel.fulfil_with_error(wait, _no_value(kernel, cell))
    for channel in state.take_watchers():
        fail(kernel, channel, _no_value(kernel, cell))


def is_abandoned(kernel: Kernel, cell: Cell[Any]) -> bool:
    """Whether its spindle has ended without having written it, and none is there."""
    return kernel.abandoned is not None and key_of(cell.block, cell.instance) in kernel.abandoned


def _no_value(kernel: Kernel, cell: Cell[Any]) -> Exception:
    """What waiting for a first value raises that never comes.

    If its spindle has made way for the end of the page, so may who waits.
    """
    assert kernel.abandoned is not None
    made_way = kernel.abandoned[key_of(cell.block, cell.instance)]
    if made_way and kernel.closing is not None and kernel.stopping is None:
        return stays_empty(cell.name, kernel.closing)
    return Abandoned(f"{cell.name} gets no value: {owner_of(cell)} ended without putting one")
