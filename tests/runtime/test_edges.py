"""Cells and channels of a page, used by trio tasks outside it."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
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
from tests.board import Board, Reader, Writer, writes, writes_when_told
from tests.drivers import run_on_trio
from tests.talk import Talk

SEEDS = 6


def on_both(scenario: Callable) -> Callable:
    """Play with a hosted page and one of tasks, each with several seeds of trio's scheduler."""

    @pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "task"])
    def test(hosted: bool) -> None:
        for seed in range(SEEDS):
            run_on_trio(partial(_played, scenario, hosted), seed)

    test.__name__ = test.__qualname__ = scenario.__name__
    test.__doc__ = scenario.__doc__
    return test


async def _played(scenario: Callable, hosted: bool) -> None:
    async with board(hosted) as page:
        await scenario(page)
        await settled()
        nobody_visits(page)
    assert page.ended


@asynccontextmanager
async def board(hosted: bool) -> AsyncGenerator[PageMachine, None]:
    async with open_page(Board, hosted=hosted) as page:
        yield page


settled = trio.testing.wait_all_tasks_blocked


def nobody_visits(page: PageMachine) -> None:
    kernel = page._driver.kernel
    assert not kernel.outside
    assert kernel.coroutines == sum(1 for _ in kernel.live), "no coroutine is left over"
    for state in (kernel.cells or {}).values():
        assert not state.waiting
        assert not state.watchers


def waiting(channel: Channel) -> tuple[int, int, int]:
    now = channel.statistics()
    return now.items, now.waiting_to_put, now.waiting_to_take


async def takes(channel: Channel[int], times: int, took: list[int]) -> None:
    for _ in range(times):
        item = await channel.take()
        took.append(item)


async def collect(receiver: trio.abc.ReceiveChannel[int], into: list[int]) -> None:
    """Receive until it ends; cancelled before that, what came is there all the same."""
    while True:
        try:
            item = await receiver.receive()
        except trio.EndOfChannel:
            return
        into.append(item)


async def puts(channel: Channel[int], *items: int) -> None:
    for item in items:
        await channel.put(item)


async def closes(channel: Channel[int]) -> None:
    await channel.close()


async def fails(channel: Channel[int], error: Exception) -> None:
    await channel.fail(error)


# --- channels -----------------------------------------------------------------------------------


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


# --- cancelled in the tick of the hand-over -------------------------------------------------------


@pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "task"])
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


@pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "task"])
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


# --- close --------------------------------------------------------------------------------------


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


# --- the end of the page ------------------------------------------------------------------------


@pytest.mark.parametrize("hosted", [True, False], ids=["hosted", "task"])
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


# --- cells --------------------------------------------------------------------------------------


@on_both
async def test_L5_changes_bring_the_newest_value_not_yet_seen(page: PageMachine) -> None:
    page.start(Writer, writes, 1, 2)
    await settled()
    changes = page.changes(Writer.count)
    assert await changes.receive() == 2
    with trio.move_on_after(1) as scope:
        await changes.receive()
    assert scope.cancelled_caught
    page.start(Writer, writes_its_own, "other", instance="other")
    other = page.changes(Writer.count.of("other"))
    came: list[int] = []

    async with trio.open_nursery() as nursery:
        nursery.start_soon(collect, other, came)
        await settled()
        for value in (1, 2, 3):
            page.resume(Writer.Write(value), instance="other")
            await settled()
        nursery.cancel_scope.cancel()
    assert came == [1, 2, 3]


async def writes_its_own(instance: str) -> None:
    while True:
        await Writer.count.of(instance).put((await Writer.Ask()).value)


@on_both
async def test_a_value_that_a_cancelled_wait_did_not_bring_comes_next_time(
    page: PageMachine,
) -> None:
    changes = page.changes(Writer.count)
    page.start(Writer, writes_when_told)
    came: list[int] = []

    async def receives() -> None:
        came.append(await changes.receive())

    for value in range(8):
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(receives)
                await settled()
                steps = [scope.cancel, lambda v=value: page.resume(Writer.Write(v))]
                for step in steps if value % 2 else reversed(steps):
                    step()
        if value not in came:
            came.append(await changes.receive())
    assert came == list(range(8))


@on_both
async def test_L3_watch_brings_one_value(page: PageMachine) -> None:
    empty = page.watch(Writer.count)
    with trio.move_on_after(1) as scope:
        await empty.receive()
    assert scope.cancelled_caught, "and the next wait goes on watching"
    page.start(Writer, writes_when_told)
    page.resume(Writer.Write(1))
    page.resume(Writer.Write(2))
    assert [value async for value in empty] == [1]
    filled = page.watch(Writer.count)
    assert [value async for value in filled] == [2]
    with pytest.raises(trio.EndOfChannel):
        await filled.receive()


@on_both
async def test_L3_of_several_that_wait_for_one_watch_one_is_told(page: PageMachine) -> None:
    watch = page.watch(Writer.count)
    came: list[object] = []

    async def receives() -> None:
        try:
            came.append(await watch.receive())
        except trio.EndOfChannel:
            came.append("end")

    page.start(Writer, writes_when_told)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(receives)
        await settled()
        for value in (1, 2, 3):
            page.resume(Writer.Write(value))
    assert sorted(came, key=str) == [1, "end", "end"]


@on_both
async def test_L4_the_owner_ends_first(page: PageMachine) -> None:
    async def ends() -> None:
        await Writer.Ask()

    page.start(Writer, ends)
    changes, watch = page.changes(Writer.count), page.watch(Writer.count)
    told: list[str] = []

    async def waits(receiver) -> None:
        with pytest.raises(trio.EndOfChannel) as end:
            await receiver.receive()
        told.append(str(end.value.__cause__))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(waits, changes)
        nursery.start_soon(waits, watch)
        await settled()
        page.resume(Writer.Write(0))
    assert told == ["Board.Writer.count gets no value: Board.Writer ended without putting one"] * 2
    page.start(Writer, writes, 5)
    assert await changes.receive() == 5, "the owner was started again"


# --- inside and outside -------------------------------------------------------------------------


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
