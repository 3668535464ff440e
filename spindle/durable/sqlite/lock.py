"""One process, and one store of it, has a file open.

The lock is the operating system's and ends with the process, however that ends. The file beside the
store is left there: who removes it may remove the one that another has just locked.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from struct import Struct as Layout
from threading import Lock
from typing import Final

import msgspec

from spindle.durable.errors import StoreInUse

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _is_locked(descriptor: int) -> bool | None:
        return None

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_locked(descriptor: int) -> bool | None:
        """Whether another process has locked it; None where the system's `flock` is not known."""
        if sys.platform == "linux":
            layout, place = Layout("hhqqi0q"), 0
            question = layout.pack(fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
        elif sys.platform == "darwin":
            layout, place = Layout("qqihh"), 3
            question = layout.pack(0, 0, 0, fcntl.F_RDLCK, os.SEEK_SET)
        else:
            return None
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, question)
        return bool(layout.unpack(answer)[place] != fcntl.F_UNLCK)


__all__ = ["FileLock", "is_held"]


class _Holder(msgspec.Struct):
    """Who has the file, as the file beside it says."""

    pid: int
    since: str
    command: str


class FileLock:
    """The lock of a store's file.

    Args:
        path: of the store.

    Raises:
        StoreInUse: another has it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._file = _beside(self._path)
        with _guard:
            if self._path in _ours:
                raise StoreInUse(
                    f"{self._path} is open in this process already: share the store that has it"
                )
            # Opened by who has it only: closing it anywhere would end the lock of this process.
            self._descriptor = self._take()
            _ours.add(self._path)

    def release(self) -> None:
        """Let others have it."""
        with _guard:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            _ours.discard(self._path)

    def _take(self) -> int:
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError as error:
            said = os.pread(descriptor, 4096, _FIRST) if hasattr(os, "pread") else b""
            os.close(descriptor)
            raise StoreInUse(self._refusal(said)) from error
        me = _Holder(os.getpid(), time.strftime("%Y-%m-%d %H:%M:%S"), " ".join(sys.orig_argv))
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, _FIRST, os.SEEK_SET)
        os.write(descriptor, json.dumps(msgspec.to_builtins(me)).encode())
        return descriptor

    def _refusal(self, said: bytes) -> str:
        try:
            holder = msgspec.json.decode(said.strip(b"\0"), type=_Holder)
            who = f"process {holder.pid}, since {holder.since} ({holder.command[:200]})"
        except msgspec.DecodeError:
            who = "another process"
        return (
            f"{self._path} is open in {who}: a store belongs to one process at a time. Stop that "
            f"one, or give this one a file of its own"
        )


def is_held(path: Path) -> bool | None:
    """Whether a process has the store of that path open; None where that cannot be asked.

    The lock is not taken for that: a server that starts meanwhile gets it.
    """
    path = path.resolve()
    with _guard:  # see `FileLock`: what is held here is not opened
        if path in _ours:
            return True
        try:
            descriptor = os.open(_beside(path), os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError:
            return None
        try:
            return _is_locked(descriptor)
        except OSError:
            return None
        finally:
            os.close(descriptor)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


_ours: Final[set[Path]] = set()
_guard: Final = Lock()
_FIRST: Final = 1  # the byte before is what is locked, and on Windows what is locked cannot be read
