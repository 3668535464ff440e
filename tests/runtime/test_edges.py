"""Cells and channels of a page, used by trio tasks outside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest
import trio
import trio.testing

from spindle import (
    Channel,
    ChannelClosed,
    PageClosing,
    PageMachine,
    TooSlow,
    open_page,
    sleep,
    timeout,
)
from tests.board import Reader, Writer, writes_when_told
from tests.drivers import HOSTED, run_on_trio
from tests.runtime.edges import (
    SEEDS,
    board,
    closes,
    collect,
    fails,
    nobody_visits,
    on_both,
    puts,
    settled,
    waiting,
)
from tests.talk import Talk

# --- channels -------------------------------------------------------------------------------------


@on_both
async def test_items_pass_both_ways_in_order(page: PageMachine) -> None:
    inward, outward = Channel[int](2), Channel[int]()
    page.start(Writer, passes_on, inward, outward)
    sender, receiver = page.sender(inward), page.receiver(outward)
    came: list[int] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send_all, sender, range(10))
        async for item in receiver:
            came.append(item)
            if len(came) == 10:
                break
    assert came == list(range(10))


async def passes_on(inward: Channel[int], outward: Channel[int]) -> None:
    while True:
        await outward.put(await inward.take())


async def send_all(sender, items) -> None:
    for item in items:
        await sender.send(item)


@on_both
async def test_several_outside_share_the_items(page: PageMachine) -> None:
    channel = Channel[int]()
    came: list[int] = []

    async with trio.open_nursery() as nursery:
        one = page.receiver(channel)
        for receiver in (one, one, page.receiver(channel)):
            nursery.start_soon(collect, receiver, came)
        for start in (0, 10):
            nursery.start_soon(send_all, page.sender(channel), range(start, start + 10))
        await settled()
        page.start(Writer, closes, channel)
    assert sorted(came) == list(range(20))


@on_both
async def test_a_receiver_ends_with_its_channel(page: PageMachine) -> None:
    channel = Channel[int](2)
    page.start(Writer, puts, channel, 1, 2)
    await settled()
    page.start(Reader, closes, channel)
    receiver, sender = page.receiver(channel), page.sender(channel)
    assert [item async for item in receiver] == [1, 2]
    with pytest.raises(trio.EndOfChannel):
        await receiver.receive()
    with pytest.raises(trio.BrokenResourceError, match="a channel that is closed"):
        await sender.send(3)


@on_both
async def test_those_who_wait_learn_that_the_channel_was_closed(page: PageMachine) -> None:
    empty, full = Channel[int](), Channel[int]()
    ended: list[str] = []

    async def receives() -> None:
        with pytest.raises(trio.EndOfChannel):
            await page.receiver(empty).receive()
        ended.append("receiver")

    async def sends() -> None:
        with pytest.raises(trio.BrokenResourceError, match="the channel was closed"):
            await page.sender(full).send(1)
        ended.append("sender")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receives)
        nursery.start_soon(sends)
        await settled()
        page.start(Reader, closes, empty)
        page.start(Writer, closes, full)
    assert sorted(ended) == ["receiver", "sender"]


@on_both
async def test_the_error_of_a_channel_reaches_those_outside(page: PageMachine) -> None:
    channel, error = Channel[int](), LookupError("gone")
    receiver, sender = page.receiver(channel), page.sender(channel)
    seen: list[Exception] = []

    async def receives() -> None:
        for wait in (receiver.receive, receiver.receive, partial(sender.send, 1)):
            with pytest.raises(LookupError) as raised:
                await wait()
            seen.append(raised.value)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(receives)
        await settled()
        page.start(Writer, fails, channel, error)
    assert seen == [error] * 3


@on_both
async def test_a_channel_of_another_page_is_refused(page: PageMachine) -> None:
    channel = Channel[int](1)
    await page.sender(channel).send(1)
    async with open_page(Talk) as other:
        with pytest.raises(Exception, match="this channel belongs to another page"):
            await other.receiver(channel).receive()
    assert waiting(channel) == (1, 0, 0)


# --- close ----------------------------------------------------------------------------------------


@on_both
async def test_close_while_somebody_waits(page: PageMachine) -> None:
    empty, full = Channel[int](), Channel[int]()
    edges = [
        (page.receiver(empty), "receive", ()),
        (page.sender(full), "send", (1,)),
        (page.changes(Writer.count), "receive", ()),
        (page.watch(Writer.count), "receive", ()),
    ]
    closed: list[object] = []

    async def waits(edge, wait: str, args: tuple) -> None:
        with pytest.raises(trio.ClosedResourceError):
            await getattr(edge, wait)(*args)
        closed.append(edge)

    async with trio.open_nursery() as nursery:
        for edge, wait, args in edges:
            nursery.start_soon(waits, edge, wait, args)
            nursery.start_soon(waits, edge, wait, args)
        await settled()
        assert len(page._driver.kernel.outside) == 8
        for edge, _, _ in edges:
            await edge.aclose()
            edge.close()
    assert len(closed) == 8
    assert waiting(empty) == waiting(full) == (0, 0, 0)
    for edge, wait, args in edges:
        with pytest.raises(trio.ClosedResourceError):
            await getattr(edge, wait)(*args)


@on_both
async def test_closing_an_edge_leaves_the_channel_open(page: PageMachine) -> None:
    channel = Channel[int](1)
    async with page.sender(channel) as sender:
        await sender.send(1)
    async with page.receiver(channel) as receiver:
        assert await receiver.receive() == 1
    assert not channel.closed


@on_both
async def test_closed_in_the_tick_of_a_put_nothing_is_lost(page: PageMachine) -> None:
    for put_first in (True, False):
        channel = Channel[int](2)
        receiver = page.receiver(channel)
        came: list[int] = []

        async def receives(receiver=receiver, came=came) -> None:
            with pytest.raises(trio.ClosedResourceError):
                await collect(receiver, came)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(receives)
            await settled()
            steps = [receiver.close, lambda c=channel: page.start(Writer, puts, c, 1)]
            for step in reversed(steps) if put_first else steps:
                step()
        await settled()
        assert came + list(channel.items or ()) == [1]


# --- the end of the page --------------------------------------------------------------------------


@HOSTED
def test_the_page_ends_while_somebody_waits(hosted: bool) -> None:
    async def main() -> None:
        ends: dict[str, type] = {}
        empty, full = Channel[int](), Channel[int]()

        async def waits(name: str, wait: Callable, *args: object) -> None:
            for _ in range(2):
                try:
                    await wait(*args)
                except (trio.EndOfChannel, trio.BrokenResourceError) as end:
                    ends[name] = type(end)

        async with trio.open_nursery() as nursery:
            async with board(hosted) as page:
                for name, wait, args in (
                    ("receiver", page.receiver(empty).receive, ()),
                    ("sender", page.sender(full).send, (1,)),
                    ("changes", page.changes(Writer.count).receive, ()),
                    ("watch", page.watch(Writer.count).receive, ()),
                ):
                    nursery.start_soon(waits, name, wait, *args)
                page.start(Writer, writes_when_told)
                await settled()
            nobody_visits(page)
        assert ends == {
            "receiver": trio.EndOfChannel,
            "sender": trio.BrokenResourceError,
            "changes": trio.EndOfChannel,
            "watch": trio.EndOfChannel,
        }
        assert waiting(empty) == waiting(full) == (0, 0, 0)

    for seed in range(SEEDS):
        run_on_trio(main, seed)


@on_both
async def test_in_its_time_of_grace_a_page_still_hands_out_what_it_has(page: PageMachine) -> None:
    """A spindle that brings its work to an end may need somebody outside for that."""
    channel = Channel[int]()
    receiver = page.receiver(channel)
    came: list[int] = []

    async def hands_out() -> None:
        try:
            await Writer.Ask()
        except PageClosing:
            for item in (1, 2, 3):
                await channel.put(item)
            await channel.close()

    page.start(Writer, hands_out)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(collect, receiver, came)
        await settled()
        await page.stop("closing time", grace=5)
    assert came == [1, 2, 3]


# --- inside and outside ---------------------------------------------------------------------------


@on_both
async def test_a_visit_holds_nobody_up(page: PageMachine) -> None:
    """One that waits outside for long is no spindle: the page is done when its spindles are."""
    channel = Channel[int]()

    async def waits() -> None:
        with pytest.raises(trio.EndOfChannel):
            await page.receiver(channel).receive()

    async def gives_up() -> str:
        with pytest.raises(TooSlow):
            async with timeout(1):
                await sleep(math.inf)
        return "gave up"

    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits)
        await settled()
        handle = page.start(Writer, gives_up)
        await page.wait()
        assert handle.outcome.value == "gave up"
        page.start(Reader, closes, channel)


def test_errors_of_the_edges_have_their_cause() -> None:
    async def main() -> None:
        async with board(True) as page:
            channel = Channel[int]()
            page.start(Writer, closes, channel)
            with pytest.raises(trio.EndOfChannel) as end:
                await page.receiver(channel).receive()
            assert isinstance(end.value.__cause__, ChannelClosed)

    run_on_trio(main, 0)
