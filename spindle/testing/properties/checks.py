"""What must hold of every page that is played with, whoever wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING

from spindle._core.kernel.snapshot import stuck
from spindle._core.kernel.statistics import coroutines
from spindle.testing.books import books_differ

if TYPE_CHECKING:
    from spindle._core.errors import Deadlock
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.settlement import Receipt

__all__ = ["events_add_up", "nothing_can_go_on", "nothing_is_left"]


def events_add_up(kernel: Kernel, receipts: Sequence[Receipt]) -> Iterator[str]:
    """Every event is settled once, as its receipt says, or waits in a mailbox or in a hand."""
    books = kernel.ledger
    if books.accepted != len(receipts):
        yield f"{len(receipts)} events were handed in, the ledger has {books.accepted}"
    settled = Counter(each.settlement for each in receipts)
    yield from books_differ(books, settled)
    here = sum(each.in_hand is not None for each in coroutines(kernel))
    here += sum(len(each.mailbox or ()) for each in kernel.live.values())
    if settled[None] != here:
        yield f"{settled[None]} events are pending, {here} wait in a mailbox or are in hand"


def nothing_can_go_on(kernel: Kernel) -> Deadlock | None:
    """The error of a page whose spindles all wait for each other; None if one may get on."""
    if not kernel.live or any(each.pending for each in kernel.live.values()):
        return None
    at = kernel.timers.next_at()
    return stuck(kernel) if at is None or at == inf else None


def nothing_is_left(kernel: Kernel) -> Iterator[str]:
    """No coroutine, deadline, watcher or pending event is left of a page that has ended."""
    for name, left in (
        ("spindles", len(kernel.live)),
        ("coroutines", kernel.coroutines),
        ("events that are pending", kernel.ledger.pending),
        ("questions that are asked", len(kernel.pending())),
        ("reads that are gathered", len(kernel.gathered or ())),
        ("deadlines", 0 if kernel.timers.next_at() is None else 1),
    ):
        if left:
            yield f"the page has ended, and there are {name} left ({left})"
    for cell, state in (kernel.cells or {}).items():
        if state.waiting:
            yield f"the page has ended, and {len(state.waiting)} wait for {cell.name}"
