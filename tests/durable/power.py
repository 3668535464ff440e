"""A disk whose power can be cut: what was not flushed may be there, or a part of it, or nothing.

A layer below SQLite, which apsw lets Python write. It passes everything on, and remembers what each
file had when it was flushed last and what was written since.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import apsw

from spindle.durable.sqlite.connection import Connection
from tests.durable.killed import Told

__all__ = ["Cut", "Disk"]

SECTOR = 512


@dataclass
class _File:
    """What is safe, and what was done since: bytes at an offset, or a new length."""

    safe: bytearray
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def copy(self) -> _File:
        return _File(bytearray(self.safe), list(self.since))

    def flush(self) -> None:
        for offset, data in self.since:
            _apply(self.safe, offset, data)
        self.since = []


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        content.extend(bytes(max(0, offset - len(content))))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


@dataclass
class Cut:
    """What there was at one moment, and what had been acknowledged by then."""

    files: dict[str, _File]
    told: Told

    def leave(self, folder: Path, chance: Random) -> None:
        """Write what the disk may have when the power is back."""
        for name, file in self.files.items():
            content = bytearray(file.safe)
            for offset, data in _survivors(file.since, chance):
                _apply(content, offset, data)
            (folder / name).write_bytes(content)


def _survivors(
    since: list[tuple[int, bytes | None]], chance: Random
) -> list[tuple[int, bytes | None]]:
    """None, the first few, any, or any sectors of any."""
    kind = chance.randrange(4)
    if kind == 0:
        return []
    if kind == 1:
        return since[: chance.randint(0, len(since))]
    kept = [each for each in since if chance.random() < 0.5]
    if kind == 2:
        return kept
    torn: list[tuple[int, bytes | None]] = []
    for offset, data in kept:
        if data is None:
            torn.append((offset, None))
            continue
        sectors = range(0, len(data), SECTOR)
        torn += [(offset + at, data[at : at + SECTOR]) for at in sectors if chance.random() < 0.7]
    return torn


class Disk(apsw.VFS):
    """Takes a cut at each of some operations on its files.

    Args:
        name: under which SQLite knows it.
        told: what has been acknowledged, as it goes on.
        every: the power is cut at each operation of this many.

    Attributes:
        syncs: the files that were flushed, or should have been.
        broken: no flush succeeds any more.
    """

    def __init__(self, name: str, told: Told, every: int) -> None:
        super().__init__(name, "")
        self.name = name
        self.told = told
        self.cuts: list[Cut] = []
        self.syncs: list[str] = []
        self.broken = False
        self._every = every
        self._operations = 0
        self._files: dict[str, _File] = {}

    def connect(self, path: Path) -> Connection:
        connection = apsw.Connection(str(path), vfs=self.name)
        # What apsw layers has no shared memory, which only several connections need.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        return connection

    def file(self, path: str) -> _File:
        name = os.path.basename(path)
        if name not in self._files:
            content = Path(path).read_bytes() if os.path.exists(path) else b""
            self._files[name] = _File(bytearray(content))
        return self._files[name]

    def tick(self) -> None:
        self._operations += 1
        if self._operations % self._every == 0:
            files = {name: file.copy() for name, file in self._files.items()}
            self.cuts.append(Cut(files, Told(dict(self.told.heads))))

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return _OnDisk(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.tick()
        super().xDelete(filename, syncdir)
        self._files.pop(os.path.basename(filename), None)


class _OnDisk(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = os.path.basename(path or "")
        self._file = disk.file(path) if path else _File(bytearray())
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.tick()
        self._file.since.append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.tick()
        self._file.since.append((newsize, None))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._disk.tick()
        self._disk.syncs.append(self._name)
        if self._disk.broken:
            raise apsw.IOError("the disk does not answer")
        self._file.flush()
        self._disk.tick()
