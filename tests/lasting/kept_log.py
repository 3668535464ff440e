"""What is in the store of a server that was killed, read from a copy of its files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import trio

from spindle._core.replay.inputs import Ended, Sent
from spindle._core.replay.log import Frame
from spindle.durable import Chain, Kept, NoSuchPage, open_sqlite_store, read_log
from tests.lasting.desk import PAGES

__all__ = ["KeptLog", "kept_logs"]

_decode = msgspec.msgpack.Decoder(Frame).decode


@dataclass
class KeptLog:
    """The log of one page.

    Attributes:
        snapshot: the number of the frame that a snapshot covers; -1 if there is none.
        head: the number of the last frame.
        events: what came for whom, in order: its frame, block, kind, turn and number of the client.
        ends: of calls, in order: its frame, the block, the method, and what came of it.
    """

    snapshot: int
    head: int
    events: list[tuple[int, str, str, int, int]] = field(default_factory=list)
    ends: list[tuple[int, str, str, str]] = field(default_factory=list)

    def ended(self, block: str, after: int) -> list[tuple[str, str]]:
        """What calls of a block have ended behind a frame, and what came of them."""
        return [(call, what) for seq, of, call, what in self.ends if of == block and seq > after]


def _read(kept: Kept, page: str) -> KeptLog:
    chain, snapshot = Chain(page), kept.snapshot
    if snapshot is None:
        assert kept.record.pruned == -1
    else:
        chain.open_snapshot(snapshot.blob)
        assert kept.record.pruned == snapshot.seq, "a snapshot without its pruning is there"
    log = KeptLog(-1 if snapshot is None else snapshot.seq, kept.record.head)
    for sealed in read_log(chain, kept.frames, kept.record.head):
        if sealed.seq:
            _note(log, sealed.seq, _decode(sealed.body).input)
    return log


def _note(log: KeptLog, seq: int, came: Any) -> None:
    if isinstance(came, Sent):
        block, kind = came.kind.split(".")[-2:]
        value: Any = msgspec.msgpack.decode(came.value)
        turn, number = value.values() if isinstance(value, dict) else value
        log.events.append((seq, block, kind, turn, number))
    elif isinstance(came, Ended):
        what = "failed" if came.error is not None else str(msgspec.msgpack.decode(came.value))
        log.ends.append(
            (seq, came.who.block.rpartition(".")[2], came.call.rpartition(".")[2], what)
        )


async def _look(path: Path) -> dict[str, KeptLog]:
    logs: dict[str, KeptLog] = {}
    async with open_sqlite_store(path) as store:
        for page in PAGES:
            try:
                kept = await store.look(page)
            except NoSuchPage:
                continue
            logs[page] = _read(kept, page)
    return logs


def kept_logs(path: Path) -> dict[str, KeptLog]:
    """Read the logs of a store that no process has open, which is left as it is."""
    with TemporaryDirectory() as folder:
        for each in path.parent.glob(f"{path.name}*"):
            if not each.name.endswith("-shm"):
                shutil.copy(each, folder)
        copy = Path(folder) / path.name
        return trio.run(_look, copy) if copy.exists() else {}
