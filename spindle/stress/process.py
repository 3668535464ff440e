"""What the process has in hand: tasks and memory."""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path

import trio

__all__ = ["megabytes", "resident", "tasks_living"]


def tasks_living() -> int:
    """Count the tasks of the running trio program."""
    return trio.lowlevel.current_statistics().tasks_living


def resident() -> int:
    """Measure the memory of the process in bytes, after a collection of garbage.

    Where the system does not say what is resident now, it is the most that ever was.
    """
    gc.collect()
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def megabytes(count: int) -> str:
    """Write a number of bytes for people."""
    return f"{count / 1e6:.1f} MB"
