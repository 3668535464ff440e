"""A page at one moment, as values: what runs, what it waits for, what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from spindle._core.errors import Deadlock
from spindle._core.kernel.record import AWAY, ENDING, NEW, WAITING, Record, SpindleRecord
from spindle._core.kernel.statistics import PageStatistics, coroutines, roots, statistics
from spindle._core.names import name_of, shortened
from spindle._core.source import Source
from spindle._core.states import Cancelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.waits import Wait

__all__ = [
    "Branch",
    "Snapshot",
    "Tree",
    "as_text",
    "for_what",
    "snapshot",
    "stuck",
    "tree",
    "waits_of",
]


MOST_INDENTS: Final = 20
"""How deep a tree is indented as text; further down the depth is a number."""


class Branch(msgspec.Struct, frozen=True):
    """One coroutine, and the fibers that belong to it."""

    name: str
    """Its block and instance; of a fiber, its function before that."""
    source: Source
    """The key it runs under, block and instance; of a fiber, that of its spindle."""
    function: str
    state: str
    """`new`, `ready`, `running`, `waiting`, `away` (in a call, or an await of trio's own), `ending`
    (its fibers are left)."""
    waits: tuple[str, ...]
    """What it waits for, a line each; several for `await_any`."""
    since: float | None
    """When it began to wait, in seconds of the page's clock; None if it does not."""
    waited: float
    """For how many seconds it has waited; 0 if it does not."""
    mailbox: int
    """How many events wait for it; 0 for a fiber."""
    restarts: int
    """How often it was restarted lately; 0 for a fiber."""
    last_event: str
    """The class of the last event that it received; empty if there was none."""
    cancelled: Cancelled | None
    """Who cancelled it, and why; None if nobody did."""
    overruns: bool
    """Whether it was named, for it is still there long after it was cancelled."""
    fibers: tuple[Branch, ...]
    """Those that belong to it, in the order of their starts."""

    def lines(self) -> Iterator[str]:
        """It and its fibers as text, a line each."""
        # Without recursion, and with a bounded indent: chains of fibers may be long.
        left: list[tuple[Branch, int]] = [(self, 0)]
        while left:
            branch, depth = left.pop()
            indent = "  " * min(depth, MOST_INDENTS)
            yield indent + (f"(depth {depth}) " if depth > MOST_INDENTS else "") + branch._line()
            left.extend((fiber, depth + 1) for fiber in reversed(branch.fibers))

    def _line(self) -> str:
        waits = f" for {', or '.join(self.waits)}" if self.waits else ""
        waited = f" ({self.waited:.3g} s)" if self.waited else ""
        cancelled = (
            "" if self.cancelled is None else f", cancelled ({shortened(self.cancelled.reason)})"
        )
        overruns = ", overruns" if self.overruns else ""
        held = f", {_counted(self.mailbox, 'event')} in its mailbox" if self.mailbox else ""
        again = f", restarted {_counted(self.restarts, 'time')}" if self.restarts else ""
        last = f", last event {self.last_event}" if self.last_event else ""
        return f"{self.name}: {self.state}{waits}{waited}{cancelled}{overruns}{held}{again}{last}"


class Tree(msgspec.Struct, frozen=True):
    """What runs on a page at one moment, and what it waits for. Prints a line a coroutine."""

    now: float
    """Seconds since the page was opened."""
    spindles: tuple[Branch, ...]
    """In the order in which they were started; then the batches that are being read."""

    def __str__(self) -> str:
        return "\n".join(line for spindle in self.spindles for line in spindle.lines())


class Snapshot(msgspec.Struct, frozen=True):
    """A page at one moment: all that can be seen of it. Prints as its tree."""

    tree: Tree
    """What runs, and what it waits for."""
    cells: dict[str, object]
    """The cells that have been written, by name."""
    statistics: PageStatistics
    """What the page has had to do, in numbers."""

    def __str__(self) -> str:
        return str(self.tree)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def snapshot(kernel: Kernel, outbox: int) -> Snapshot:
    """Look at a page; linear in its coroutines and cells."""
    cells = {cell.name: state.value for cell, state in (kernel.cells or {}).items() if state.puts}
    return Snapshot(tree(kernel), cells, statistics(kernel, outbox))


def tree(kernel: Kernel) -> Tree:
    """Look at what runs on a page; linear in its coroutines."""
    now, tick = kernel.driver.clock(), kernel.tick()
    # From the leaves up, without recursion: chains of fibers may be long.
    made: dict[Record, Branch] = {}
    for record in reversed(list(coroutines(kernel))):
        made[record] = _branch(record, now, tick, tuple(made[it] for it in record.children or ()))
    return Tree(now, tuple(made[root] for root in roots(kernel)))


def _branch(record: Record, now: float, tick: float, fibers: tuple[Branch, ...]) -> Branch:
    of_spindle = record if isinstance(record, SpindleRecord) else None
    waits = record.state in _WAITS
    # Rounded, or the difference of two clocks would show where they are the same.
    waited = round(max(tick - record.since, 0.0), 6) if waits else 0.0
    return Branch(
        record.name,
        record.origin,
        name_of(record.fn),
        record.state.value,
        for_what(record),
        round(now - waited, 6) if waits else None,
        waited,
        len((of_spindle and of_spindle.mailbox) or ()),
        len(of_spindle.restarts.lately or ()) if of_spindle and of_spindle.restarts else 0,
        "" if record.heard is None else name_of(record.heard).rpartition(".")[2],
        record.cancel,
        record.cancel is not None
        and record.kernel.overruns is not None
        and record.kernel.overruns.named(record),
        fibers,
    )


_WAITS: Final = frozenset({WAITING, AWAY, ENDING})


def for_what(record: Record) -> tuple[str, ...]:
    """What a coroutine waits for, a line each."""
    if record.state is AWAY and record.call is not None:
        return (f"the call {record.call.name}",)
    if record.state is NEW and record.alarm is not None:
        return (f"its restart at {record.alarm.at:g}",)
    return tuple(str(wait) for wait in waits_of(record))


def waits_of(record: Record) -> tuple[Wait, ...]:
    """What a coroutine is suspended on."""
    waits = record.waits
    if waits is None:
        return ()
    return waits if isinstance(waits, tuple) else (waits,)


def as_text(kernel: Kernel) -> str:
    """What runs and what it waits for, as part of a message."""
    return "\n".join(f"  {line}" for line in str(tree(kernel)).splitlines())


def stuck(kernel: Kernel) -> Deadlock:
    """The error of a page by hand on which nothing can go on: who waits for whom."""
    ring = _ring(kernel)
    named = "\nin a ring: " + " -> ".join(record.name for record in ring) if ring else ""
    return Deadlock(
        "nothing can go on: nobody outside is asked, no call is under way and no time is waited "
        f"for\n{as_text(kernel)}{named}"
    )


def _ring(kernel: Kernel) -> list[Record]:
    """Coroutines that wait for each other, the first one again at the end, if there are.

    The first way back into the path of a search in depth; without recursion, as paths may be long.
    """
    seen: set[Record] = set()
    for start in coroutines(kernel):
        path: dict[Record, Iterator[Record]] = {}
        each: Record | None = start
        while each is not None:
            if each in path:
                ring = list(path)
                return [*ring[ring.index(each) :], each]
            if each not in seen:
                seen.add(each)
                path[each] = iter(_needed(each))
            each = _next(path)
    return []


def _next(path: dict[Record, Iterator[Record]]) -> Record | None:
    """The next one to look at: needed by the last of the path, or by the one before it."""
    while path:
        last = next(reversed(path))
        for needed in path[last]:
            return needed
        del path[last]
    return None


def _needed(record: Record) -> list[Record]:
    """The coroutines of which one has to get on before `record` can."""
    if record.state is ENDING:
        return list(record.children or ())
    return [needed for wait in waits_of(record) for needed in wait.needs()]
