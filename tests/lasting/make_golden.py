"""Makes golden pages of the format of today: `python -m tests.lasting.make_golden VERSION`.

Only for a new format: golden pages that are there are never made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import trio
from trio.testing import MockClock

from spindle.durable import Kept, MemoryStore, PageStatus, Store, open_sqlite_store
from tests.lasting import golden_office as office
from tests.lasting.golden_office import Working
from tests.lasting.golden_pages import BASE, PAGES, Golden, goes_on, opened_for, ready_to, seen

__all__ = ["FOLDER", "copied", "gone_on", "made"]

FOLDER = Path(__file__).parent / "golden"


async def copied(kept: Kept, to: Store) -> None:
    """Let a store have a page of another one, or of a file that was looked into."""
    frames, snapshot, record = list(kept.frames), kept.snapshot, kept.record
    gone = [b""] * (record.pruned + 1)
    lease = await to.create(record.page, kept.meta, gone + frames, owner="golden", ttl=1)
    if snapshot is not None:
        await to.snapshot(lease, snapshot.seq, snapshot.blob, prune_to=record.pruned)
    await to.release(lease, status=record.status, wake_at=record.wake_at)


@contextmanager
def as_before() -> Any:
    """The code as it was when some pages were made, and numbers that are no chance."""
    before = office.changes_not
    before.__qualname__ = before.__name__ = "changes"
    with mock.patch("secrets.randbits", return_value=7):
        yield before


async def lived(name: str, store: MemoryStore) -> tuple[list[str], list[str]]:
    """Let a page be made, and put away."""
    works, what = Working(), PAGES[name]
    async with opened_for(store, works) as host:
        page = await ready_to(host, name)
        told, _ = seen(page)
        told += await goes_on(page, works, what.before)
        _, asked = seen(page)
    return told, asked


async def gone_on(
    name: str, store: MemoryStore, since: float
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Take a page up, and let it go on.

    Returns:
        What it tells anew, what it asks, what it tells as it goes on, the calls that it makes.
    """
    works = Working()
    async with opened_for(store, works, since - trio.current_time()) as host:
        page = await host.take_up(name)
        told, asked = seen(page)
        more = await goes_on(page, works, [("pass", 0.0), *PAGES[name].after])
    return told, asked, more, works.calls


async def at_a_stretch(name: str) -> list[str]:
    """All that a page tells that is never put away."""
    works, what = Working(), PAGES[name]
    async with opened_for(MemoryStore(), works) as host:
        page = await ready_to(host, name)
        told, _ = seen(page)
        return told + await goes_on(page, works, [*what.before, ("pass", 0.0), *what.after])


def made(name: str, file: MemoryStore) -> Golden:
    """Make one, and see that it goes on as if nothing had been."""
    clock = MockClock()
    change: Callable[..., Any] = office.changes
    with as_before() as before:
        if name == "changes-before":
            office.changes = before  # type: ignore[assignment]
        told, asked = trio.run(lived, name, file, clock=clock)
        office.changes = change
        since = sum(about for what, about in PAGES[name].before if what == "pass")
        copy = MemoryStore()
        trio.run(copied, trio.run(file.look, name), copy)
        again, asked_again, more, calls = trio.run(gone_on, name, copy, since, clock=MockClock())
        whole = trio.run(at_a_stretch, name, clock=MockClock())
    assert asked_again == asked, (name, asked_again, asked)
    if PAGES[name].whole:
        assert again == told, (name, again, told)
    if not PAGES[name].in_doubt and name != "changes-before":
        assert told + more == whole, (name, told + more, whole)
    return Golden(again, asked, more, calls)


def main(version: str) -> None:
    """Write them."""
    path = FOLDER / f"pages_{version}.sqlite"
    if path.exists():
        sys.exit(f"{path} is there: it is never made anew")
    stores = {name: MemoryStore(clock=lambda: BASE) for name in PAGES}
    golden = {name: made(name, store) for name, store in stores.items()}

    async def write() -> None:
        async with open_sqlite_store(path, clock=lambda: BASE) as store:
            for name, made_of in stores.items():
                await copied(await made_of.look(name), store)
            lease = await store.acquire("hurries", owner="golden", ttl=1)
            await store.release(lease, status=PageStatus.PARKED)

    trio.run(write)
    path.with_name(path.name + ".lock").unlink()
    text = msgspec.json.format(msgspec.json.encode(golden), indent=1).decode()
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
