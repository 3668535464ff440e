"""Steps of DBOS on SQLite, timed in a process of its own: `@DBOS.step()` in many workflows.

Run as a program: the file, whether it is to be in write-ahead mode, whether workflows converse, how
many there are, how many steps in all. It prints the microseconds that a step took. The workflows
have all begun before the clock does, and have not ended when it stops: only their steps are
counted. Where they converse, a step is what one of a page is: a message is received, a step made,
and the price published. The messages are there before the clock begins.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
import time

from dbos import DBOS, DBOSConfig

__all__: list[str] = []


class Gate:
    """Where workflows wait for each other, and say that their steps are done."""

    def __init__(self, workflows: int) -> None:
        self.workflows = workflows
        self.waiting = self.done = 0
        self.all_wait, self.go, self.all_done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait(self) -> None:
        self.waiting += 1
        if self.waiting == self.workflows:
            self.all_wait.set()
        await self.go.wait()

    def end(self) -> None:
        self.done += 1
        if self.done == self.workflows:
            self.all_done.set()


gate: Gate


@DBOS.step()
async def price(name: str) -> int:
    return len(name)


@DBOS.workflow()
async def quotes(steps: int) -> int:
    await gate.wait()
    total = 0
    for _ in range(steps):
        total += await price("tea")
    gate.end()
    return total


@DBOS.workflow()
async def conversations(steps: int) -> int:
    await gate.wait()
    total = 0
    for _ in range(steps):
        wanted: str = await DBOS.recv_async("wanted")
        found = await price(wanted)
        await DBOS.set_event_async("price", found)
        total += found
    gate.end()
    return total


async def timed(converse: bool, workflows: int, steps: int) -> float:
    """Microseconds a step."""
    global gate
    gate = Gate(workflows)
    each = steps // workflows
    run = conversations if converse else quotes
    handles = [await DBOS.start_workflow_async(run, each) for _ in range(workflows)]
    await gate.all_wait.wait()
    if converse:
        for handle in handles:
            for _ in range(each):
                await DBOS.send_async(handle.workflow_id, "tea", topic="wanted")
    began = time.perf_counter_ns()
    gate.go.set()
    await gate.all_done.wait()
    elapsed = time.perf_counter_ns() - began
    for handle in handles:
        assert await handle.get_result() == 3 * each
    return elapsed / 1000 / (each * workflows)


def main(path: str, ahead: str, converse: str, workflows: str, steps: str) -> None:
    """Measure, and print."""
    if int(ahead):
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA journal_mode = WAL")
        database.close()
    config: DBOSConfig = {
        "name": "figures",
        "system_database_url": f"sqlite:///{path}",
        "log_level": "ERROR",
    }
    DBOS(config=config)
    DBOS.launch()
    logging.disable()
    try:
        print(asyncio.run(timed(bool(int(converse)), int(workflows), int(steps))))
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:])
