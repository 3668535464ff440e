"""A use of a channel from outside, cancelled: nothing lost, nothing doubled, no waiting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import trio
import trio.testing

from spindle import (
    Channel,
    PageMachine,
)
from tests.board import Reader, Writer
from tests.drivers import HOSTED, run_on_trio
from tests.runtime.edges import (
    board,
    nobody_visits,
    on_both,
    puts,
    settled,
    takes,
    waiting,
)


@HOSTED
@pytest.mark.parametrize("cancel_first", [True, False], ids=["cancel", "put"])
@pytest.mark.parametrize("paused", [True, False], ids=["paused", "running"])
def test_a_receive_cancelled_in_the_tick_of_a_put(
    hosted: bool, cancel_first: bool, paused: bool
) -> None:
    """The item was received, or it is in the channel: never both, never neither."""
    received = {
        run_receive(hosted, cancel_first, paused, seed, ticks)
        for seed in range(20)
        for ticks in range(4)
    }
    # All cases are met: cancelled before the put was applied, and with an item in hand.
    assert received >= ({0} if cancel_first else {1, 2} if not paused else {1})


async def one_after_the_other(steps: list[Callable[[], object]], ticks: int) -> None:
    first, second = steps
    first()
    for _ in range(ticks):
        await trio.lowlevel.cancel_shielded_checkpoint()
    second()


def run_receive(hosted: bool, cancel_first: bool, paused: bool, seed: int, ticks: int) -> int:
    came: list[int] = []

    async def main() -> None:
        channel = Channel[int](8)
        async with board(hosted) as page:
            receiver = page.receiver(channel)

            async def receives(scope: trio.CancelScope) -> None:
                with scope:
                    while True:
                        came.append(await receiver.receive())

            async with trio.open_nursery() as nursery:
                scope = trio.CancelScope()
                nursery.start_soon(receives, scope)
                await settled()
                if paused:
                    page._driver.rest()
                steps = [scope.cancel, lambda: page.start(Writer, puts, channel, 1, 2)]
                await one_after_the_other(steps if cancel_first else steps[::-1], ticks)
            await settled()
            left = list(channel.items or ())
            assert came + left == [1, 2]
            nobody_visits(page)
            assert waiting(channel)[1:] == (0, 0)

    run_on_trio(main, seed)
    return len(came)


@HOSTED
@pytest.mark.parametrize("cancel_first", [True, False], ids=["cancel", "take"])
def test_a_send_cancelled_in_the_tick_of_a_take(hosted: bool, cancel_first: bool) -> None:
    """A send that returned was taken; one that was cancelled has put nothing in."""
    returned = {
        run_send(hosted, cancel_first, seed, ticks) for seed in range(20) for ticks in range(4)
    }
    assert returned >= ({0} if cancel_first else {1, 2})


def run_send(hosted: bool, cancel_first: bool, seed: int, ticks: int) -> int:
    sent: list[int] = []
    took: list[int] = []

    async def main() -> None:
        channel = Channel[int]()
        async with board(hosted) as page:
            sender = page.sender(channel)

            async def sends(scope: trio.CancelScope) -> None:
                with scope:
                    for item in range(3):
                        await sender.send(item)
                        sent.append(item)

            async with trio.open_nursery() as nursery:
                scope = trio.CancelScope()
                nursery.start_soon(sends, scope)
                await settled()
                steps = [scope.cancel, lambda: page.start(Reader, takes, channel, 2, took)]
                await one_after_the_other(steps if cancel_first else steps[::-1], ticks)
            await settled()
            assert sent == took
            assert waiting(channel)[:2] == (0, 0)
            await page.cancel("over")
            nobody_visits(page)

    run_on_trio(main, seed)
    return len(sent)


@pytest.mark.bulk
@on_both
async def test_a_cancelled_wait_does_not_wait_for_a_slow_view(page: PageMachine) -> None:
    """The task that has given up may be the very one that reads the outbox."""
    channel = Channel[int]()
    receiver, sender = page.receiver(channel), page.sender(channel)

    async def chatters() -> None:
        for number in range(5000):
            await Writer.Said(str(number))
        await channel.put(7)

    page.start(Writer, chatters)
    await settled()
    assert page._driver.paused
    for wait in (receiver.receive, partial(sender.send, 1), page.changes(Writer.count).receive):
        with trio.move_on_after(1) as scope:
            await wait()
        assert scope.cancelled_caught
    assert trio.current_time() == pytest.approx(3)
    nobody_visits(page)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(drains, page)
        assert await receiver.receive() == 7
        nursery.cancel_scope.cancel()


async def drains(page: PageMachine) -> None:
    async for _ in page.outbox:
        pass


@on_both
async def test_an_item_handed_over_while_the_page_pauses_is_received(page: PageMachine) -> None:
    """It is on its way when the page pauses: the cancelled wait brings it all the same."""
    channel = Channel[int]()
    receiver = page.receiver(channel)
    came: list[int] = []

    async def puts_and_chatters() -> None:
        for number in range(500):  # so that the page pauses before the turn is over
            await Writer.Said(str(number))
        await Writer.Ask()
        await channel.put(7)
        for number in range(5000):
            await Writer.Said(str(number))

    async def receives() -> None:
        came.append(await receiver.receive())

    page.start(Writer, puts_and_chatters)
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(receives)
            await settled()
            page.resume(Writer.Write(0))
            await settled()
            assert page._driver.paused
            assert came == []
            scope.cancel()
    assert came == [7]
    page.outbox.close()
