"""The books of a page against the receipts of what was handed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.settlement import Settlement

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from spindle._core.kernel.ledger import Ledger

__all__ = ["books_differ"]


def books_differ(books: Ledger, receipts: Counter[Settlement | None]) -> Iterator[str]:
    """Where the books count other settlements than the receipts, which are counted by theirs."""
    for settlement, counted in (
        (Settlement.HANDLED, books.handled),
        (Settlement.REFUSED, books.refused),
        (Settlement.DEAD_LETTERED, books.dead_lettered),
    ):
        if receipts[settlement] != counted:
            yield (
                f"{counted} events count as {settlement.value}, {receipts[settlement]} receipts "
                f"say so"
            )
