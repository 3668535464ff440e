"""Pages as rows of the table, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from spindle._core.names import shown
from spindle.durable.errors import PageLogCorrupt
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


_NAME: Final = (str, type(None))
_TIME: Final = (int, float)
_KINDS: Final[Sequence[type | tuple[type, ...]]] = (
    *(int, str, bytes, str, int, _NAME, _TIME, (*_TIME, type(None))),
    *(int, int, int, int, int, _TIME),
)
"""Of what stands in each of those."""

_STATUSES: Final = {each.value: each for each in PageStatus}


def row_of(values: Sequence[Value]) -> tuple[int, Row]:
    """Return a page's number in the file, and the page.

    Raises:
        PageLogCorrupt: that is not what was written.
    """
    number, page, meta, status, *rest = cast("Sequence[Any]", values)
    for name, value, kind in zip(COLUMNS.split(", "), values, _KINDS, strict=True):
        if not isinstance(value, kind):
            raise _damage(page, f"the {name} of a page", shown(value))
    if status not in _STATUSES:
        raise _damage(page, f"a status out of {', '.join(_STATUSES)}", shown(status))
    row = Row(page, meta, _STATUSES[status], *rest)
    if row.pruned > row.covered:
        wanted = f"a snapshot of frames up to {row.pruned}, which were pruned"
        raise _damage(page, wanted, "none" if row.covered < 0 else f"one up to {row.covered}")
    return number, row


def _damage(page: object, expected: str, found: str) -> PageLogCorrupt:
    name = page if isinstance(page, str) else shown(page)
    return PageLogCorrupt(name, -1, expected, found, range(0))


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
