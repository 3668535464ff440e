"""What the process has in hand: tasks and memory."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import trio

__all__ = ["megabytes", "resident", "resident_after_collection", "tasks_living"]


def tasks_living() -> int:
    """Count the tasks of the running trio program."""
    return trio.lowlevel.current_statistics().tasks_living


def resident() -> int:
    """Measure the memory of the process in bytes.

    Where the system does not say what is resident now, it is the most that ever was; 0 where it
    does not say that either.
    """
    statm = Path("/proc/self/statm")
    if statm.exists():
        pages = int(statm.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def resident_after_collection() -> int:
    """Measure it when garbage has been collected."""
    gc.collect()
    return resident()


def megabytes(count: int) -> str:
    """Write a number of bytes for people."""
    return f"{count / 1e6:.1f} MB"
