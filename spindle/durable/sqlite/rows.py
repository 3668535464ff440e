"""Pages as rows of the table, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from spindle.durable.row import Row
from spindle.durable.store import PageStatus

if TYPE_CHECKING:
    from spindle.durable.sqlite.connection import Value

__all__ = ["COLUMNS", "row_of", "values_of"]

COLUMNS: Final = (
    "number, page, meta, status, epoch, owner, until, wake_at, head, pruned, covered, crashes, "
    "crashed_at, changed"
)
"""All but the snapshot, which is read where it is wanted only."""


def row_of(values: Sequence[Value]) -> tuple[int, Row]:
    """Return a page's number in the file, and the page."""
    number, page, meta, status, *rest = cast("Sequence[Any]", values)
    return number, Row(page, meta, PageStatus(status), *rest)


def values_of(row: Row) -> tuple[Value, ...]:
    """Return what stands in the table, but for the number."""
    return (
        row.page,
        row.meta,
        row.status.value,
        row.epoch,
        row.owner,
        row.until,
        row.wake_at,
        row.head,
        row.pruned,
        row.covered,
        row.crashes,
        row.crashed_at,
        row.changed,
    )
