"""The pages that are open, and what has to be true of one that has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from spindle._core.settlement import Receipt, Settlement

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.ledger import Ledger
    from spindle._runtime.page import PageMachine
    from spindle.stress.page_load import Left
    from spindle.stress.report import Report

__all__ = ["Inspector", "kernel_of", "left_in"]


class Inspector:
    """Knows the pages that are open, and checks each when it has ended.

    Args:
        report: is told.
        left: of the user's, asks what is left of a page.
    """

    def __init__(self, report: Report, left: Left | None) -> None:
        self.report = report
        self._left = left
        self._open: dict[PageMachine, str] = {}

    def opened(self, page: PageMachine, name: str) -> None:
        """Take note of a page; it is to end."""
        self._open[page] = name

    def has_ended(
        self,
        page: PageMachine,
        *,
        opened: str,
        took: float | None,
        receipts: Sequence[Receipt] | None = None,
    ) -> None:
        """Check a page of which nothing should be left any more, and count it.

        Args:
            page: said to have ended.
            opened: the way it was opened, in words.
            took: seconds from asking for its end to here; None if that was not measured.
            receipts: of every event it was handed, if they are known.
        """
        name = self._open.pop(page, opened)
        self.report.ended(opened, took)
        found = [] if page.ended else ["the page has not ended"]
        found += left_in(kernel_of(page))
        if receipts is not None:
            self.report.events += len(receipts)
            found += _unsettled(page.ledger, receipts)
        if self._left is not None:
            found += self._left(page)
        for each in found:
            self.report.violated(f"{name}: {each}")

    def snapshots(self) -> Iterator[str]:
        """Show the pages that are open, as they stand now."""
        for page, name in self._open.items():
            yield f"{name}:\n{page.tree()}"


def kernel_of(page: PageMachine) -> Kernel:
    """Give what a page consists of."""
    return page._driver.kernel  # pyright: ignore[reportPrivateUsage] what is left of it


def left_in(kernel: Kernel) -> list[str]:
    """Say in words what is left of a page that has ended: nothing, if all is well."""
    cells = list((kernel.cells or {}).values())
    counts = {
        "live spindles": len(kernel.live),
        "ready coroutines": len(kernel.ready),
        "coroutines": kernel.coroutines,
        "visits from outside": len(kernel.outside or ()),
        "reads that are gathered": len(kernel.gathered or ()),
        "timers": int(kernel.timers.next_at() is not None),
        "waits for cells": sum(len(each.waiting) + len(each.watchers) for each in cells),
        "events pending": kernel.ledger.pending,
    }
    return [f"{count} {what} left" for what, count in counts.items() if count]


def _unsettled(ledger: Ledger, receipts: Sequence[Receipt]) -> Iterator[str]:
    """Compare the books of a page with the receipts of those who sent it events."""
    counted = Counter(receipt.settlement for receipt in receipts)
    if ledger.accepted != len(receipts):
        yield f"{len(receipts)} events were sent, {ledger.accepted} accepted"
    if counted[None]:
        yield f"{counted[None]} events were never settled"
    booked = {
        Settlement.HANDLED: ledger.handled,
        Settlement.REFUSED: ledger.refused,
        Settlement.DEAD_LETTERED: ledger.dead_lettered,
    }
    for settlement, count in booked.items():
        if counted[settlement] != count:
            yield (
                f"the receipts say that {counted[settlement]} events were {settlement.value}, "
                f"the ledger says {count}"
            )
