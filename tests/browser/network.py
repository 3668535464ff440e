"""Chromium's network service, a process of its own, held still: what has not reached it yet."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVICE = "network.mojom.NetworkService"


@contextmanager
def held_still(seconds: float) -> Iterator[threading.Event]:
    """Stop the network service of this process's browser, and let it go on after `seconds`.

    The event is set just before it goes on.
    """
    (service,) = (pid for pid in _descendants(os.getpid()) if SERVICE in _command(pid))
    goes_on = threading.Event()

    def go_on() -> None:
        goes_on.set()
        os.kill(service, signal.SIGCONT)

    timer = threading.Timer(seconds, go_on)
    os.kill(service, signal.SIGSTOP)
    timer.start()
    try:
        yield goes_on
    finally:
        timer.join()


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(children).split():
            yield int(child)
            yield from _descendants(int(child))


def _command(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/cmdline"))


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return ""
