"""Stores with pages, as a server leaves them behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import trio

from spindle import DurableHost, PageMachine, open_durable_host
from spindle.durable import open_sqlite_store
from tests.lasting.counter import Counter, Counting, Shop, Till, count

__all__ = ["ann", "changed", "counted", "damaged", "nothing", "served", "three"]


def served(path: Path, visit: Callable[[DurableHost], Awaitable[object]]) -> Till:
    """Run a server, and stop it."""
    till = Till()

    async def serve() -> None:
        async with (
            open_sqlite_store(path) as store,
            open_durable_host(store, provide={Shop: till}, wake=None) as host,
        ):
            await visit(host)

    trio.run(serve)
    return till


async def counted(host: DurableHost, name: str, *numbers: int) -> PageMachine:
    """A page that has added these."""
    page = await host.create(Counting, name)
    page.start(Counter, count, 1)
    for number in numbers:
        await page.resume(Counter.Add(number)).settled()
    return page


async def ann(host: DurableHost) -> None:
    page = await counted(host, "ann", 2)
    await page.resume(Counter.Order()).settled()


async def three(host: DurableHost) -> None:
    await ann(host)
    await counted(host, "anna")
    ben = await counted(host, "ben")
    await ben.resume(Counter.Done()).settled()
    await ben.cancel("bought")


async def nothing(_: DurableHost) -> None:
    await trio.lowlevel.checkpoint()


def changed(path: Path, what: str, page: str) -> None:
    """Change what a store knows of a page beside its frames."""
    file = sqlite3.connect(path)
    file.execute(f"UPDATE pages SET {what} WHERE page = ?", (page,))
    file.commit()
    file.close()


def damaged(path: Path, seq: int) -> None:
    file = sqlite3.connect(path)
    file.execute(
        "UPDATE frames SET data = CAST(data || x'00' AS BLOB) WHERE page = 1 AND seq = ?", (seq,)
    )
    file.commit()
    file.close()
