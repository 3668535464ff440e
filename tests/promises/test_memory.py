"""Memory is bounded under any client."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest
import trio

from spindle import PageMachine, open_page, sleep
from spindle._core.kernel.mail import MAILBOX_BOUND
from spindle._runtime.outbox import HIGH_WATER
from spindle._runtime.page import INPUT_BOUND
from tests.drivers import HOSTED, run_on_trio
from tests.promises.fair import Board, Desk, Fair

pytestmark = [pytest.mark.bulk, pytest.mark.slow]

FEW, MANY = 2_000, 8_000
ALLOWED = 150_000
"""Bytes that may be more in use after four times as many clicks."""


async def busy() -> None:
    """Looks up now and then."""
    while True:
        await sleep(1e5)
        await Desk.Next()


async def tells_everything() -> None:
    number = 0
    while True:
        await Board.Shows(str(number))
        number += 1


async def tells_the_newest() -> None:
    number = 0
    while True:
        await Board.Ticks(number)
        await sleep(0.01)
        number += 1


async def answers() -> None:
    while True:
        await Desk.Served((await Desk.Next()).number)


Client = Callable[[PageMachine, int], None]


def floods_a_mailbox(page: PageMachine, number: int) -> None:
    page.resume(Desk.Ticket(number))


def types(page: PageMachine, number: int) -> None:
    page.resume(Desk.Typed("x" * 100 + str(number)))


def clicks_what_is_gone(page: PageMachine, number: int) -> None:
    page.resume(Desk.Ticket(number), yield_id=number + 10)


def addresses_nobody(page: PageMachine, number: int) -> None:
    page.resume(Board.Refreshed(number), instance=f"nobody {number}")


CLIENTS = [floods_a_mailbox, types, clicks_what_is_gone, addresses_nobody]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
@pytest.mark.parametrize("reads", [True, False], ids=["reads", "never reads"])
@HOSTED
def test_memory_is_bounded_under_any_client(client: Client, reads: bool, hosted: bool) -> None:
    """A client that sends and sends; one that does not read makes the page pause, too."""

    async def main() -> None:
        async with open_page(Fair, hosted=hosted) as page:
            page.start(Desk, busy if reads else answers)
            if not reads:
                page.start(Board, tells_everything)
            page.start(Board, tells_the_newest, instance="newest")
            await trio.sleep(1)
            early = await in_use_after(page, client, range(FEW), reads)
            late = await in_use_after(page, client, range(FEW, MANY), reads)
            assert late - early < ALLOWED, f"{late - early} bytes more after {MANY - FEW} clicks"
            desk = page._driver.kernel.live[Desk]
            assert len(desk.mailbox or ()) <= MAILBOX_BOUND
            assert len(page._driver.inputs or ()) <= INPUT_BOUND
            waiting = page.outbox.statistics()
            assert waiting.peak <= HIGH_WATER + 1
            assert page.ledger.accepted == MANY

    tracemalloc.start()
    try:
        run_on_trio(main, 0)
    finally:
        tracemalloc.stop()


@HOSTED
def test_memory_is_bounded_under_a_client_that_leaves_the_newest_lying(hosted: bool) -> None:
    """News that conflate do not make the page pause, however many they are."""

    async def main() -> None:
        async with open_page(Fair, hosted=hosted) as page:
            page.start(Board, tells_the_newest)
            await trio.sleep(FEW / 100)
            gc.collect()
            early = tracemalloc.get_traced_memory()[0]
            await trio.sleep((MANY - FEW) / 100)
            gc.collect()
            late = tracemalloc.get_traced_memory()[0]
            told = page.outbox.statistics()
            assert told.conflated > MANY - 100
            assert told.waiting == 1
            assert late - early < ALLOWED, f"{late - early} bytes more after {MANY - FEW} news"

    tracemalloc.start()
    try:
        run_on_trio(main, 0)
    finally:
        tracemalloc.stop()


async def in_use_after(page: PageMachine, client: Client, numbers: range, reads: bool) -> int:
    for number in numbers:
        client(page, number)
        while reads and page.outbox.statistics().waiting:
            page.outbox.receive_nowait()
        if number % 500 == 0:
            await trio.sleep(0.1)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
