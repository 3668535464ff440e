"""A process that appends to a store until it is killed, and what has to be there afterwards.

Run as a program it is the process; what was acknowledged it says, line by line.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import trio

from spindle.durable import (
    Chain,
    Durability,
    NoSuchPage,
    PageStatus,
    SqliteStore,
    open_sqlite_store,
    points,
    read_log,
)
from spindle.durable.sqlite import database

__all__ = ["PAGES", "Told", "append", "check", "heads_of", "run"]

ROOT = Path(__file__).parents[2]
PAGES = ("a", "b", "c", "d")
ROUNDS = 12
SNAPSHOT_EVERY = 4


def body_of(page: str, seq: int) -> bytes:
    """What stands in a frame: who reads it knows what it has to be."""
    return f"{page}:{seq}:".encode() + bytes([seq % 256]) * (seq % 700)


def batch_ends(head: int) -> int:
    """The last number of the append that begins behind a head: appends are of one to three."""
    return head + 1 + head % 3


# ── The process ──────────────────────────────────────────────────────────────────────────────────


def killing(label: str, nth: int) -> None:
    """End this process when a label is reached the nth time."""
    left = nth

    def reached(each: str) -> None:
        nonlocal left
        left -= each == label
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    points.watch(reached)


def say(page: str, head: int) -> None:
    os.write(1, f"{page} {head}\n".encode())


async def append(
    store: SqliteStore, page: str, rounds: int, say: Callable[[str, int], None] = say
) -> None:
    """Go on with a page."""
    chain = Chain(page)
    try:
        lease = await store.acquire(page, owner="child", ttl=1e9)
    except NoSuchPage:
        lease = await store.create(page, b"meta", [], owner="child", ttl=1e9)
    if lease.snapshot is not None:
        chain.open_snapshot(lease.snapshot.blob)
    for _ in read_log(chain, await store.read(lease, chain.head), lease.head):
        pass
    for number in range(rounds):
        head = chain.head
        frames = [
            chain.seal(float(seq), body_of(page, seq))
            for seq in range(head + 1, batch_ends(head) + 1)
        ]
        await store.append(lease, head, frames)
        say(page, chain.head)
        if number % SNAPSHOT_EVERY == SNAPSHOT_EVERY - 1:
            blob = chain.seal_snapshot(0.0, str(chain.head).encode())
            await store.snapshot(lease, chain.head, blob, prune_to=chain.head - 2)
    await store.release(lease, status=PageStatus.LIVE, wake_at=1.0)


async def main(path: str, level: str, rounds: int) -> None:
    opened = open_sqlite_store(path, level=Durability(level))
    async with opened as store, trio.open_nursery() as nursery:
        for page in PAGES:
            nursery.start_soon(append, store, page, rounds)


# ── Faults that a kill has to bring to light ─────────────────────────────────────────────────────


def commit_later() -> None:
    """Acknowledge first, and commit when the next transaction begins."""
    begin = database.Database.begin

    def begin_late(self: database.Database) -> None:
        with suppress(Exception):
            self.connection.execute("COMMIT")
        begin(self)

    def commit(self: database.Database) -> None:
        points.reach("batch:written")
        points.reach("batch:kept")

    database.Database.begin = begin_late  # type: ignore[method-assign]
    database.Database.commit = commit  # type: ignore[method-assign]
    database.Database.tidy = lambda *_, **__: None  # type: ignore[method-assign]


def commit_each_row() -> None:
    """Write without a transaction."""

    def settle(self: database.Database) -> None:
        rows, self._rows = self._rows, []
        for row in rows:
            self.connection.execute("INSERT INTO frames VALUES (?, ?, ?)", row)
            points.reach("batch:written")

    database.Database.begin = lambda self: None  # type: ignore[method-assign]
    database.Database.commit = lambda self: None  # type: ignore[method-assign]
    database.Database.settle = settle  # type: ignore[method-assign]


FAULTS = {"": lambda: None, "late": commit_later, "each": commit_each_row}


# ── Who kills it ─────────────────────────────────────────────────────────────────────────────────


@dataclass
class Told:
    """What a process has said, and how it ended.

    Attributes:
        heads: by page, the last number that was acknowledged.
        killed: it was, and did not come to its end.
    """

    heads: dict[str, int] = field(default_factory=dict)
    killed: bool = False


def run(
    path: Path,
    label: str = "",
    nth: int = 1,
    *,
    level: str = "process",
    lines: int = 0,
    fault: str = "",
) -> Told:
    """Run the process until it is killed: at a label, or when it has said so many lines."""
    rounds = 1_000_000 if lines else ROUNDS
    command = [sys.executable, __file__, str(path), level, str(rounds), label, str(nth), fault]
    told = Told()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout, 1):
            if not line.endswith(b"\n"):
                break
            page, head = line.split()
            told.heads[page.decode()] = int(head)
            if number == lines:
                process.kill()
    told.killed = process.returncode == -signal.SIGKILL
    assert told.killed or process.returncode == 0
    return told


def check(path: Path, told: Told) -> int:
    """Check that all that was acknowledged is there, in whole appends, without a gap.

    Returns:
        How many frames were ever appended.
    """
    return sum(head + 1 for head in heads_of(path, told).values())


def heads_of(path: Path, told: Told) -> dict[str, int]:
    """Check what `check` does, and return the number of the last frame of each page."""

    async def look() -> dict[str, int]:
        heads = {}
        async with open_sqlite_store(path) as store:
            pages = {each.page for each in await store.pages()}
            assert set(told.heads) <= pages <= set(PAGES)
            for page in sorted(pages):
                heads[page] = await _head(store, page)
                lost = heads[page] < told.heads.get(page, -1)
                assert not lost, f"acknowledged frames of {page} lost"
        return heads

    return trio.run(look)


async def _head(store: SqliteStore, page: str) -> int:
    """Check what is there of one page, and return the number of its last frame."""
    kept = await store.look(page)
    chain = Chain(page)
    if kept.snapshot is not None:
        assert chain.open_snapshot(kept.snapshot.blob).body == str(kept.snapshot.seq).encode()
        assert kept.record.pruned == kept.snapshot.seq - 2
        behind = kept.frames[kept.snapshot.seq - kept.record.pruned :]
    else:
        assert kept.record.pruned == -1
        behind = kept.frames
    for frame in read_log(chain, behind, kept.record.head):
        assert frame.body == body_of(page, frame.seq)
    head = -1
    while head < chain.head:
        head = batch_ends(head)
    assert head == chain.head, f"a part of an append is there: {page} ends with {chain.head}"
    return head


if __name__ == "__main__":
    _, where, chosen, how_many, at, count, sown = sys.argv
    FAULTS[sown]()
    database.LARGE = database.LARGEST = 30_000  # type: ignore[misc]
    killing(at, int(count))
    trio.run(main, where, chosen, int(how_many))
