"""The server of two desks, in a process that is there to be killed.

Lines of JSON come in: events, replies of the backend, and `finish`. And go out: what views are
told, how events were settled, calls of the backend, and how a page stands when it is taken up and
at last.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import trio

from spindle import DurableHost, PageMachine, PageParked, Receipt, call_key, open_durable_host
from spindle._core.states import Notified, Yielded
from spindle._lasting.page import LastingPage
from spindle.durable import Durability, NoSuchPage, points
from spindle.durable.sqlite import database
from spindle.durable.sqlite.connection import Connection, connect
from spindle.durable.sqlite.store import open_database_store
from tests.lasting.desk import EVENTS, PAGES, Desk, Shop, starts
from tests.lasting.faults import FAULTS

__all__ = ["CHILD_LABELS", "DISK_LABELS", "Order", "serve"]

CHILD_LABELS = ("call:sent", "call:answered", "view:to be told", "receipt:to be told")
DISK_LABELS = ("disk:to be written", "disk:written, not flushed", "disk:flushed")
DISK_ENOUGH = 2048
"""Bytes from which a write is one of frames, not of a header."""


class Order(msgspec.Struct):
    """What a server is to do.

    Attributes:
        path: of its store.
        label: where it is killed; nowhere if empty.
        nth: when that is reached for the nth time.
        every: after how many frames logs begin anew.
        ttl: of leases.
        fault: that is sown.
    """

    path: str
    label: str = ""
    nth: int = 1
    every: int = 3
    ttl: float = 10.0
    fault: str = ""


def die_at(label: str, nth: int) -> None:
    """End this process when a label is reached the nth time."""
    left = nth

    def reached(each: str) -> None:
        nonlocal left
        left -= each == label
        if each == label and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    points.watch(reached)


@dataclass
class Wire:
    """The two pipes."""

    out: int
    calls: dict[int, tuple[trio.Event, list[str]]] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)

    def say(self, *words: object) -> None:
        line = msgspec.json.encode(words) + b"\n"
        os.write(self.out, line)  # the pipe is emptied all the time


@dataclass
class Backend(Shop):
    """Asks who holds the other end."""

    wire: Wire

    async def _ask(self, method: str, page: str, turn: int, key: str) -> str:
        number, came, answer = next(self.wire.numbers), trio.Event(), list[str]()
        self.wire.calls[number] = came, answer
        self.wire.say("call", number, method, page, turn, key)
        points.reach("call:sent")
        await came.wait()
        points.reach("call:answered")
        return answer[0]

    async def price(self, page: str, turn: int) -> str:
        return await self._ask("price", page, turn, "")

    async def order(self, page: str, turn: int) -> str:
        return await self._ask("order", page, turn, call_key())

    async def pay(self, page: str, turn: int) -> str:
        return await self._ask("pay", page, turn, call_key())

    async def file(self, page: str, turn: int) -> str:
        return await self._ask("file", page, turn, call_key())


def driver_of(page: PageMachine) -> LastingPage:
    driver = page._driver
    assert isinstance(driver, LastingPage)
    return driver


def asked(page: PageMachine) -> dict[str, tuple[int, int]]:
    """By block, what it asks: the turn, and the number of the question."""
    found: dict[str, tuple[int, int]] = {}
    for source, ask in page.pending():
        assert source.yield_id is not None
        turn: Any = getattr(ask, "turn")  # noqa: B009 - of whatever block
        found[source.block.__name__] = turn, source.yield_id
    return found


def busy(page: PageMachine) -> list[str]:
    """The blocks that ask nothing, for they are at something."""
    kernel = driver_of(page).kernel
    asking = {source.block for source, _ in kernel.pending()}
    return [each.block.__name__ for each in kernel.live.values() if each.block not in asking]


def cells(page: PageMachine) -> dict[str, object]:
    states = driver_of(page).kernel.cells or {}
    return {
        f"{each.block.__name__}.{each.declaration()[0]}": state.value
        for each, state in states.items()
        if state.puts
    }


async def opened(host: DurableHost, name: str) -> PageMachine:
    """A page, made or taken up, on which all run that should."""
    try:
        page = await host.take_up(name)
    except PageParked:
        page = await host.take_up(name, force=True)
    except NoSuchPage:
        page = await host.create(Desk, name)
    live = {record.block for record in driver_of(page).kernel.live.values()}
    for block, fn, args in starts(name):
        if block not in live:
            start: Any = page.start
            start(block, fn, *args)
    return page


async def view(page: PageMachine, name: str, wire: Wire) -> None:
    """Show what it is told."""
    async for source, sent in page.outbox:
        points.reach("view:to be told")
        turn, text, what = -1, "", type(sent).__name__
        if isinstance(sent, Yielded):
            turn = getattr(sent.ask, "turn")  # noqa: B009
        elif isinstance(sent, Notified):
            what = type(sent.notify).__name__
            turn, text = getattr(sent.notify, "turn", -1), getattr(sent.notify, "text", "")
        block = source.block.__name__
        wire.say("told", name, block, what, turn, text, source.yield_id, repr(sent))


async def settle(receipt: Receipt, name: str, seq: int, wire: Wire) -> None:
    """Say when it is known what became of an event."""
    settlement = await receipt.settled()
    points.reach("receipt:to be told")
    wire.say("settled", name, seq, settlement.name)


async def hear(
    nursery: trio.Nursery, pages: dict[str, PageMachine], wire: Wire, inward: int
) -> None:
    """Do what comes in, until it is over."""
    rest = b""
    async with trio.lowlevel.FdStream(inward) as stream:
        async for chunk in stream:
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                match msgspec.json.decode(line):
                    case ["reply", number, text]:
                        came, answer = wire.calls.pop(number)
                        answer.append(text)
                        came.set()
                    case ["event", name, word, turn, seq, number]:
                        event = EVENTS[word](turn, seq)
                        receipt = pages[name].resume(event, yield_id=number)
                        nursery.start_soon(settle, receipt, name, seq, wire)
                    case _:
                        return


async def main(order: Order, wire: Wire, inward: int, connected: Any) -> None:
    path, level = Path(order.path), Durability.POWER
    async with (
        open_database_store(path, level, time.time, connected) as store,
        open_durable_host(
            store,
            provide={Shop: Backend(wire)},
            ttl=order.ttl,
            grace=0,
            snapshot_every=order.every,
            wake=None,
        ) as host,
        trio.open_nursery() as nursery,
    ):
        pages: dict[str, PageMachine] = {}
        for name in PAGES:
            pages[name] = page = await opened(host, name)
            wire.say("standing", name, asked(page), busy(page), cells(page))
            nursery.start_soon(view, page, name, wire)
        await hear(nursery, pages, wire, inward)
        while any(page.outbox.statistics().waiting for page in pages.values()):
            await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
        for name, page in pages.items():
            wire.say("final", name, asked(page), cells(page))


def on_disk(path: Path) -> Connection:
    """A connection over a file system that says when it writes and flushes."""
    from tests.lasting.disk import connect_watched

    return connect_watched(path)


def serve(order: Order, out: int, inward: int) -> None:
    """Be the server."""
    FAULTS[order.fault]()
    database.LARGE = 30_000  # type: ignore[misc]
    die_at(order.label, order.nth)
    connected: Callable[[Path], Connection] = on_disk if order.label in DISK_LABELS else connect
    trio.run(main, order, Wire(out), inward, connected)
