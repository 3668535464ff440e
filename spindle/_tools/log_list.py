"""`spindle log list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from spindle._tools.pages_of import all_pages
from spindle._tools.words import on_the_wall

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle.durable.sqlite.looking import StoreFile
    from spindle.durable.store import PageRecord, PageStatus

__all__ = ["list_pages"]

HEAD = ("page", "status", "head", "owner", "due")


def list_pages(
    file: StoreFile, status: PageStatus | None, json: bool, say: Callable[[str], None]
) -> int:
    """Print a line for each page.

    Returns:
        The status: 0.

    Raises:
        PageLogCorrupt: one cannot be listed; the others were.
    """
    if json:
        for record in all_pages(file, status):
            say(msgspec.json.encode(_plain(record)).decode())
    else:
        rows = [HEAD, *map(_row, all_pages(file, status))]
        widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
        for row in rows:
            cells = zip(row, widths, strict=True)
            say("  ".join(text.ljust(width) for text, width in cells).rstrip())
    for damage in file.damaged.values():
        raise damage
    return 0


def _row(record: PageRecord) -> tuple[str, ...]:
    return (
        record.page,
        record.status.value,
        str(record.head),
        _owner(record),
        "" if record.wake_at is None else on_the_wall(record.wake_at),
    )


def _owner(record: PageRecord) -> str:
    if record.owner is None:
        return ""
    return record.owner if _may_run(record) else f"{record.owner}, gone"


def _may_run(record: PageRecord) -> bool:
    return record.until == float("inf")


def _plain(record: PageRecord) -> dict[str, object]:
    return {
        "page": record.page,
        "status": record.status.value,
        "head": record.head,
        "owner": record.owner,
        "owner_gone": record.owner is not None and not _may_run(record),
        "wake_at": record.wake_at,
        "changed": record.changed,
    }
