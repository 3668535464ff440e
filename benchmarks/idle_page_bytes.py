"""What an idle page with one suspended spindle takes: growth of a fresh process, per page."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import trio

from benchmarks.conversation import Echo, echo
from benchmarks.harness import Bench
from spindle import open_page

__all__ = ["bench"]

bench = Bench("idle_page_bytes", "bytes", n=5000, rounds=3)


async def _nursery(*, task_status: trio.TaskStatus[None]) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep_forever)
        task_status.started()


async def _page(hosted: bool, *, task_status: trio.TaskStatus[None]) -> None:
    async with open_page(Echo, hosted=hosted) as page:
        page.start(Echo, echo)
        await page.outbox.receive()
        task_status.started()
        await trio.sleep_forever()


KINDS = {
    "nursery": _nursery,
    "task": partial(_page, False),
    "hosted": partial(_page, True),
}


def resident() -> int:
    """The resident memory of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this platform does not tell a process's resident memory in /proc")


async def grow(kind: str, n: int) -> int:
    """Open `n` idle pages and return by how much the process grew."""
    async with trio.open_nursery() as nursery:
        for _ in range(50):
            await nursery.start(KINDS[kind])
        before = resident()
        for _ in range(n):
            await nursery.start(KINDS[kind])
        after = resident()
        nursery.cancel_scope.cancel()
    return after - before


def _in_a_fresh_process(kind: str, n: int) -> float:
    command = [sys.executable, "-m", "benchmarks.idle_page_bytes", kind, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


bench.case("task holding a nursery with one task")(partial(_in_a_fresh_process, "nursery"))
bench.case("task")(partial(_in_a_fresh_process, "task"))
bench.case("hosted")(partial(_in_a_fresh_process, "hosted"))

if __name__ == "__main__":
    print(trio.run(grow, sys.argv[1], int(sys.argv[2])))
