"""Races and puts in great number: what is registered, and what is held, stays as it was."""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
from time import perf_counter

import pytest
import trio
import trio.testing

from spindle import Channel, PageMachine, await_any, fiber, open_page, sleep, timeout
from spindle._core.kernel.kernel import Kernel
from tests.board import Board, Reader, Writer, writes_when_told
from tests.drivers import HOSTED, run_on_trio

pytestmark = pytest.mark.search

A_KB = 1024


def registered(kernel: Kernel, channel: Channel) -> dict[str, int]:
    """How much waits, anywhere on the page, and how long what is kept has grown."""
    spindles = list(kernel.live.values())
    return {
        "changes": sum(len(state.waiting) for state in (kernel.cells or {}).values()),
        "watchers": sum(len(state.watchers) for state in (kernel.cells or {}).values()),
        "takers": len(channel.takers or ()),
        "items": len(channel.items or ()),
        "pending": sum(len(spindle.pending) for spindle in spindles),
        "mailboxes": sum(len(spindle.mailbox or ()) for spindle in spindles),
        "joiners": sum(len(spindle.joiners or ()) for spindle in spindles),
        "fibers": sum(len(spindle.children or ()) for spindle in spindles),
        "timers": len(kernel.timers.heap or ()) // 200,  # those called off are swept now and then
        "ready": len(kernel.ready),
    }


class Dashboard:
    """A spindle that waits for a put, an event, an item, an end and a limit in turn."""

    def __init__(self, channel: Channel[int]) -> None:
        self.channel = channel
        self.seen: list[int] = [0] * 5
        self.last_value = 0
        self.queued = 0
        self.items = 0

    async def run(self) -> None:
        changes = Writer.count.changes()
        idle = await fiber(sleeps_long)
        while True:
            position, value = await await_any(
                Reader.Take(), changes.next(), self.channel.take(), idle.result(), sleep(3600)
            )
            self.seen[position] += 1
            if position == 0:
                assert value.number == self.queued, "in order, none lost"
                self.queued += 1
            elif position == 1:
                assert value > self.last_value
                self.last_value = value
            elif position == 2:
                assert value == self.items
                self.items += 1
            await Reader.Said("refreshed")


async def sleeps_long() -> None:
    """Its deadline comes before all others, so that none of them is dropped in passing."""
    await sleep(3000)


async def serves(channel: Channel[int], every: int) -> None:
    """Put an item for each write."""
    number = 0
    changes = Writer.count.changes()
    while True:
        await changes.next()
        await channel.put(number)
        number += 1


async def play(page: PageMachine, dashboard: Dashboard, rounds: int) -> dict[str, int]:
    """Events and puts in bursts; returns what the view was told, by kind."""
    told: dict[str, int] = {}
    sent = put = 0
    start_queued, start_value = dashboard.queued, dashboard.last_value
    while sent + put < rounds:
        for _ in range(8):
            page.resume(Reader.Queued(start_queued + sent))
            sent += 1
        for _ in range(4):
            page.resume(Writer.Write(start_value + put + 1))
            put += 1
            if put % 2:
                await trio.testing.wait_all_tasks_blocked()
        await trio.testing.wait_all_tasks_blocked()
        for kind in drain(page):
            told[kind] = told.get(kind, 0) + 1
    return told


def drain(page: PageMachine) -> list[str]:
    """What kinds of messages there were."""
    kinds = []
    with contextlib.suppress(trio.WouldBlock):
        while True:
            kinds.append(type(page.outbox.receive_nowait()[1]).__name__)
    return kinds


def run(hosted: bool, rounds: int) -> None:
    async def main() -> None:
        channel = Channel[int](2)
        dashboard = Dashboard(channel)
        async with open_page(Board, hosted=hosted) as page:
            page.start(Writer, writes_when_told)
            page.start(Reader, serves, channel, 1, instance="serves")
            page.start(Reader, dashboard.run)
            warmed = await play(page, dashboard, 500)
            assert warmed["Notified"] == sum(dashboard.seen)
            before = registered(page._driver.kernel, channel)
            gc.collect()
            tracemalloc.start()
            at_first = tracemalloc.get_traced_memory()[0]
            dashboard.seen = [0] * 5
            told = await play(page, dashboard, rounds)
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - at_first
            tracemalloc.stop()
            assert registered(page._driver.kernel, channel) == before
            # The rounds of a timer heap that is swept at intervals, and Python's own caches.
            assert grown < 100 * A_KB, f"{grown / A_KB:.0f} KB more after {rounds} rounds"
            assert told["Notified"] == sum(dashboard.seen), "notifies = what was seen"
            assert dashboard.seen[0] >= rounds * 2 // 3 - 8
            assert dashboard.seen[3:] == [0, 0]
            books = page.ledger
            assert books.pending <= 1
            assert books.refused == books.dead_lettered == 0
            assert page._driver.kernel.cells[Writer.count].value == dashboard.last_value
            assert sum(dashboard.seen[:2]) > 0

    run_on_trio(main, 0)


@HOSTED
def test_A3_a_dashboard_loop_leaves_nothing_behind(hosted: bool) -> None:
    run(hosted, 3_000)


@pytest.mark.soak
@pytest.mark.timeout(600)
@HOSTED
def test_A3_a_dashboard_loop_of_100000_rounds_leaves_nothing_behind(hosted: bool) -> None:
    """What grows by a byte a round is not seen in a short run."""
    run(hosted, 100_000)


@HOSTED
def test_limits_that_are_never_reached_leave_nothing_behind(hosted: bool) -> None:
    async def limits() -> None:
        await fiber(sleeps_long)
        while True:
            async with timeout(3600):
                await Reader.Take()

    async def main() -> None:
        async with open_page(Board, hosted=hosted) as page:
            page.start(Reader, limits)
            for number in range(2_000):
                page.resume(Reader.Queued(number))
                if number % 50 == 0:
                    await trio.testing.wait_all_tasks_blocked()
                    drain(page)
            await trio.testing.wait_all_tasks_blocked()
            assert page.ledger.handled >= 1_999
            assert len(page._driver.kernel.timers.heap or ()) < 200
            assert len(page._driver._keeper._heap) < 5

    run_on_trio(main, 0)


def seconds_to_tell(hosted: bool, watchers: int) -> tuple[float, float]:
    """How long a put takes with so many that watch: for the writer alone, and until all know."""
    measured: list[tuple[float, float]] = []

    async def main() -> None:
        told = [0]
        at_once: list[float] = []

        async def watches() -> None:
            await (await Writer.count.watch()).take()
            told[0] += 1

        async def follows() -> None:
            await Writer.count.changes().next()
            told[0] += 1

        async def has_many(fn) -> None:
            for _ in range(watchers // 2):
                await fiber(fn)
            await Reader.Ask()

        async def writes() -> None:
            await Writer.Ask()
            begin = perf_counter()
            await Writer.count.put(1)
            at_once.append(perf_counter() - begin)
            assert told[0] == 0, "the writer goes on before anybody is told"
            await Writer.Said("written")

        async with open_page(Board, hosted=hosted) as page:
            page.start(Reader, has_many, watches, instance="watches")
            page.start(Reader, has_many, follows, instance="follows")
            page.start(Writer, writes)
            await trio.testing.wait_all_tasks_blocked()
            assert len(page._driver.kernel.cells[Writer.count].waiting) == watchers // 2
            assert len(page._driver.kernel.cells[Writer.count].watchers) == watchers // 2
            begin = perf_counter()
            page.resume(Writer.Write(0))
            await trio.testing.wait_all_tasks_blocked()
            measured.append((at_once[0], perf_counter() - begin))
            assert told[0] == watchers

    gc.collect()
    gc.disable()
    try:
        run_on_trio(main, 0)
    finally:
        gc.enable()
    return measured[0]


@pytest.mark.slow
@HOSTED
def test_L7_a_put_with_10000_watchers_is_linear_and_does_not_wait(hosted: bool) -> None:
    """Seconds, because 10,000 fibers are: a square would be a hundred times the tenth of them."""
    few = [seconds_to_tell(hosted, 1_000) for _ in range(3)]
    many = [seconds_to_tell(hosted, 10_000) for _ in range(2)]
    for what in (0, 1):
        small, large = min(each[what] for each in few), min(each[what] for each in many)
        assert large < 40 * small, f"{small * 1e3:.2f} ms for 1,000, {large * 1e3:.2f} for 10,000"
