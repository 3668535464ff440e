"""What a store is asked, as it is done in the thread that has the file.

Each checks before it writes: one that refuses leaves the transaction to the others as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from spindle.durable.errors import Fenced, NoSuchPage, PageExists, PageLogCorrupt
from spindle.durable.points import reach
from spindle.durable.row import Row
from spindle.durable.sqlite.rows import COLUMNS
from spindle.durable.store import Kept, Lease, PageRecord, PageStatus, Snapshot

if TYPE_CHECKING:
    from spindle.durable.sqlite.connection import Value
    from spindle.durable.sqlite.database import Database, Held

__all__ = [
    "acquire",
    "create",
    "due",
    "look",
    "pages",
    "purge",
    "read",
    "release",
    "renew",
    "rewind",
    "snapshot",
]


def create(
    database: Database, page: str, meta: bytes, frames: list[bytes], owner: str, ttl: float
) -> Lease:
    """Keep a new page, and lend it."""
    try:
        database.page(page)
    except NoSuchPage:
        row = Row(page, meta)
    else:
        raise PageExists(page)
    row.acquire(owner, ttl, database.clock(), database.next_epoch())
    database.add(row)
    lease = row.lease(ttl, None)
    database.append(lease, -1, frames)
    return row.lease(ttl, None)


def acquire(database: Database, page: str, owner: str, ttl: float) -> Lease:
    """Lend a page."""
    held = database.page(page)
    held.row.acquire(owner, ttl, database.clock(), database.next_epoch())
    database.keep(held)
    return held.row.lease(ttl, _snapshot(database, held))


def read(database: Database, lease: Lease, after: int) -> list[bytes]:
    """The frames behind a number."""
    held = database.held(lease)
    held.row.read(lease, after)
    return _frames(database, held, after)


def snapshot(database: Database, lease: Lease, seq: int, blob: bytes, prune_to: int) -> None:
    """Keep a snapshot, and prune."""
    held = database.held(lease)
    held.row.cover(lease, seq, prune_to)
    database.keep(held)
    execute = database.connection.execute
    execute("UPDATE pages SET snapshot = ? WHERE number = ?", (blob, held.number))
    reach("snapshot:kept, not pruned")
    if prune_to >= 0:
        execute("DELETE FROM frames WHERE page = ? AND seq <= ?", (held.number, prune_to))


def rewind(database: Database, lease: Lease, head: int) -> None:
    """Remove the frames behind a number."""
    held = database.held(lease)
    held.row.rewind(lease, head)
    database.keep(held)
    sql = "DELETE FROM frames WHERE page = ? AND seq > ?"
    database.connection.execute(sql, (held.number, head))


def renew(database: Database, leases: Sequence[Lease]) -> list[Lease]:
    """Let leases go on. No other process sees them, so nothing is written."""
    now = database.clock()
    return [each for each in leases if not _renewed(database, each, now)]


def _renewed(database: Database, lease: Lease, now: float) -> bool:
    try:
        return database.held(lease).row.renew(lease, now)
    except (Fenced, PageLogCorrupt):
        return False


def release(database: Database, lease: Lease, status: PageStatus, wake_at: float | None) -> None:
    """End a lease."""
    held = database.held(lease)
    held.row.release(lease, status, wake_at, database.clock())
    database.keep(held)


def due(database: Database, now: float, limit: int) -> list[str]:
    """The pages to be taken up: some are in memory, held; some of processes that are gone."""
    found: dict[str, Row] = {row.page: row for row in database.rows_in_memory()}
    most = limit + len(found)  # in the file, those in memory may still look due
    for condition, value in (
        ("owner IS NULL AND status = 'live' AND wake_at <= ? ORDER BY wake_at", now),
        ("owner IS NOT NULL AND status = 'live' AND epoch < ? ORDER BY changed", database.first),
    ):
        for each in _selected(database, f"{condition} LIMIT ?", (value, most)):
            found[each.row.page] = each.row
    clock = database.clock()
    since = [(row.due(now, clock), page) for page, row in found.items()]
    waiting = sorted((when, page) for when, page in since if when is not None)
    return [page for _, page in waiting[:limit]]


def pages(
    database: Database,
    status: PageStatus | None,
    after: str,
    limit: int,
    damaged: Callable[[PageLogCorrupt], object] = bool,
) -> list[PageRecord]:
    """The pages by name; `damaged` is told of those whose row is no page's."""
    if status is None:
        found = _selected(database, "page > ? ORDER BY page LIMIT ?", (after, limit), damaged)
    else:
        sql = "page > ? AND status = ? ORDER BY page LIMIT ?"
        found = _selected(database, sql, (after, status.value, limit), damaged)
    return [each.row.record() for each in found]


def look(database: Database, page: str) -> Kept:
    """All of a page."""
    held = database.page(page)
    frames = _frames(database, held, held.row.pruned)
    return Kept(held.row.record(), held.row.meta, _snapshot(database, held), frames)


def purge(database: Database, before: float, status: PageStatus, limit: int) -> int:
    """Remove what is old."""
    waits = "status = 'live' AND wake_at IS NOT NULL"
    sql = f"owner IS NULL AND status = ? AND changed < ? AND NOT ({waits}) LIMIT ?"
    old = _selected(database, sql, (status.value, before, limit))
    for each in old:
        database.connection.execute("DELETE FROM frames WHERE page = ?", (each.number,))
        database.connection.execute("DELETE FROM pages WHERE number = ?", (each.number,))
        database.forget(each.row.page)
    return len(old)


def _selected(
    database: Database,
    where: str,
    values: tuple[Value, ...],
    damaged: Callable[[PageLogCorrupt], object] = bool,
) -> list[Held]:
    rows = database.connection.execute(f"SELECT {COLUMNS} FROM pages WHERE {where}", values)
    found: list[Held] = []
    for each in list(rows):
        try:
            found.append(database.loaded(each))
        except PageLogCorrupt as damage:  # one page's: those beside it go on
            damaged(damage)
    return found


def _frames(database: Database, held: Held, after: int) -> list[bytes]:
    rows = database.connection.execute(
        "SELECT data FROM frames WHERE page = ? AND seq > ? ORDER BY seq", (held.number, after)
    )
    return [data for (data,) in rows if isinstance(data, bytes)]


def _snapshot(database: Database, held: Held) -> Snapshot | None:
    if held.row.covered < 0:
        return None
    sql = "SELECT snapshot FROM pages WHERE number = ?"
    [(blob,)] = database.connection.execute(sql, (held.number,))
    # One that is gone is damaged: without it, what was pruned would be looked for.
    return Snapshot(held.row.covered, blob if isinstance(blob, bytes) else b"")
