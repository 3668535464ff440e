"""Measuring in a process of its own, and what such a process can tell of itself.

Run as a program it is that process: told a module, a function of it and its arguments, it prints
what the function returns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVarTuple, Unpack

import trio

from benchmarks.production import as_in_production

__all__ = ["in_a_fresh_process", "resident"]

Ts = TypeVarTuple("Ts")


def in_a_fresh_process(fn: Callable[[Unpack[Ts]], Awaitable[float]], *args: *Ts) -> float:
    """Run `fn(*args)` on trio in a fresh process.

    Args:
        fn: an async function at the top of its module.
        args: texts and numbers.
    """
    told = [fn.__module__, fn.__name__, json.dumps(args)]
    command = [sys.executable, "-m", "benchmarks.process", *told]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def resident() -> int:
    """The resident memory of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this platform does not tell a process's resident memory in /proc")


if __name__ == "__main__":
    as_in_production()
    module, name, args = sys.argv[1:]
    print(trio.run(getattr(import_module(module), name), *json.loads(args)))
