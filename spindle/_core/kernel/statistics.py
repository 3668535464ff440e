"""What a page has had to do so far, and has at the moment, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from spindle._core.kernel.record import AWAY, Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record, SpindleRecord

__all__ = ["PageStatistics", "coroutines", "roots", "statistics"]


class PageStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """A page at one moment, in numbers."""

    accepted: int
    """Events handed to the page so far."""
    handled: int
    """Those that a spindle received, and got on to its next yield or returned."""
    refused: int
    """Those that nobody could take, with the reason on the receipt."""
    dead_lettered: int
    """Those that were taken in, and that nobody will handle any more."""
    spindles: int
    """Live ones, those included that wait to be started again."""
    fibers: int
    """Live ones."""
    calls: int
    """Calls of ports in flight."""
    restarts: int
    """How often a spindle was started again so far."""
    outbox: int
    """Messages that the view has not received yet; `page.outbox.statistics()` says more."""

    @property
    def pending(self) -> int:
        """How many events are not settled."""
        return self.accepted - self.handled - self.refused - self.dead_lettered


def roots(kernel: Kernel) -> list[SpindleRecord]:
    """Its spindles, and the coroutines that read in batches for them."""
    batches = [record for record in kernel.outside or () if record.block is Batch]
    return [*kernel.live.values(), *batches]


def coroutines(kernel: Kernel) -> Iterator[Record]:
    """The coroutines of a page, owners before their fibers."""
    left: list[Record] = list(roots(kernel))
    for record in left:
        left.extend(record.children or ())
        yield record


def statistics(kernel: Kernel, outbox: int) -> PageStatistics:
    """Count; linear in the page's coroutines.

    Args:
        kernel: of the page.
        outbox: how many messages have left the kernel and not reached the view.
    """
    ledger, there = kernel.ledger, list(coroutines(kernel))
    return PageStatistics(
        accepted=ledger.accepted,
        handled=ledger.handled,
        refused=ledger.refused,
        dead_lettered=ledger.dead_lettered,
        spindles=len(kernel.live),
        fibers=sum(record.root is not record for record in there),
        calls=sum(record.state is AWAY and record.call is not None for record in there),
        restarts=kernel.restarts,
        outbox=outbox + len(kernel.out),
    )
