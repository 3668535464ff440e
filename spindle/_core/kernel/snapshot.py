"""A page at one moment, as values: what runs, what it waits for, what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from spindle._core.errors import Deadlock
from spindle._core.kernel.record import ENDING, Record, SpindleRecord
from spindle._core.names import name_of
from spindle._core.states import Cancelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.waits import Wait

__all__ = ["Branch", "Snapshot", "snapshot", "stuck", "waits_of"]


MOST_INDENTS: Final = 20
"""How deep a tree is indented as text; further down the depth is a number."""


class Branch(msgspec.Struct, frozen=True):
    """One coroutine, and the fibers that belong to it."""

    name: str
    function: str
    state: str
    """`new`, `ready`, `running`, `waiting`, `away` (in a call), `ending` (its fibers are left)."""
    waits: tuple[str, ...]
    """What it waits for, a line each; several for `await_any`."""
    mailbox: int
    """How many events wait for it; 0 for a fiber."""
    restarts: int
    """How often it was restarted lately; 0 for a fiber."""
    cancelled: Cancelled | None
    fibers: tuple[Branch, ...]

    def lines(self) -> Iterator[str]:
        """It and its fibers as text, a line each."""
        # Without recursion, and with a bounded indent: chains of fibers may be long.
        left = [(self, 0)]
        while left:
            branch, depth = left.pop()
            indent = "  " * min(depth, MOST_INDENTS)
            yield indent + (f"(depth {depth}) " if depth > MOST_INDENTS else "") + branch._line()
            left.extend((fiber, depth + 1) for fiber in reversed(branch.fibers))

    def _line(self) -> str:
        waits = f" for {', or '.join(self.waits)}" if self.waits else ""
        cancelled = "" if self.cancelled is None else f", cancelled ({self.cancelled.reason})"
        held = f", {self.mailbox} events in its mailbox" if self.mailbox else ""
        again = f", restarted {self.restarts} times" if self.restarts else ""
        return f"{self.name}: {self.state}{waits}{cancelled}{held}{again}"


class Snapshot(msgspec.Struct, frozen=True):
    """A page at one moment. Prints as a tree."""

    now: float
    """Seconds since the page was opened."""
    spindles: tuple[Branch, ...]
    """In the order in which they were started."""
    cells: dict[str, object]
    """The cells that have been written, by name."""
    accepted: int
    """Events handed to the page, and how they were settled."""
    handled: int
    refused: int
    dead_lettered: int

    @property
    def pending(self) -> int:
        """How many events are not settled."""
        return self.accepted - self.handled - self.refused - self.dead_lettered

    def __str__(self) -> str:
        return "\n".join(line for spindle in self.spindles for line in spindle.lines())


def snapshot(kernel: Kernel) -> Snapshot:
    """Look at a page; linear in its coroutines and cells."""
    ledger = kernel.ledger
    cells = kernel.cells or {}
    return Snapshot(
        kernel.now,
        tuple(_tree(spindle) for spindle in kernel.live.values()),
        {cell.name: state.value for cell, state in cells.items() if state.puts},
        ledger.accepted,
        ledger.handled,
        ledger.refused,
        ledger.dead_lettered,
    )


def _tree(root: Record) -> Branch:
    # From the leaves up, without recursion: chains of fibers may be long.
    order = [root]
    for record in order:
        order.extend(record.children or ())
    made: dict[Record, Branch] = {}
    for record in reversed(order):
        made[record] = _branch(record, tuple(made[each] for each in record.children or ()))
    return made[root]


def _branch(record: Record, fibers: tuple[Branch, ...]) -> Branch:
    of_spindle = record if isinstance(record, SpindleRecord) else None
    return Branch(
        record.name,
        name_of(record.fn),
        record.state.value,
        tuple(str(wait) for wait in waits_of(record)),
        len((of_spindle and of_spindle.mailbox) or ()),
        len((of_spindle and of_spindle.starts) or ()),
        record.cancel,
        fibers,
    )


def waits_of(record: Record) -> tuple[Wait, ...]:
    """What a coroutine is suspended on."""
    waits = record.waits
    if waits is None:
        return ()
    return waits if isinstance(waits, tuple) else (waits,)


def stuck(kernel: Kernel) -> Deadlock:
    """The error of a page by hand on which nothing can go on: who waits for whom."""
    lines = [f"  {line}" for line in str(snapshot(kernel)).splitlines()]
    ring = _ring(kernel)
    if ring:
        lines.append("in a ring: " + " -> ".join(record.name for record in ring))
    return Deadlock(
        "nothing can go on: nobody outside is asked, no call is under way and no time is waited "
        "for\n" + "\n".join(lines)
    )


def _ring(kernel: Kernel) -> list[Record]:
    """Coroutines that wait for each other's ends, the first one again at the end, if there are."""
    seen: set[Record] = set()
    for start in _waiting(kernel):
        path: list[Record] = []
        each: Record | None = start
        while each is not None and each not in seen:
            seen.add(each)
            path.append(each)
            each = _needed(each)
        if each is not None and each in path:
            return [*path[path.index(each) :], each]
    return []


def _needed(record: Record) -> Record | None:
    for wait in waits_of(record):
        for needed in wait.needs():
            return needed
    for fiber in (record.children or ()) if record.state is ENDING else ():
        return fiber
    return None


def _waiting(kernel: Kernel) -> Iterator[Record]:
    left: list[Record] = list(kernel.live.values())
    while left:
        record = left.pop()
        left.extend(record.children or ())
        yield record
