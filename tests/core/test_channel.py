"""Channels: what puts and takes do, in the order of the table in the kernel's `channels`."""

from __future__ import annotations

import pytest

from spindle import (
    Channel,
    Completed,
    Coroutine,
    TooSlow,
    UsageError,
    await_any,
    fiber,
    sleep,
    timeout,
)
from tests.board import Board, Reader, Writer, told
from tests.drivers import Stage, play, under
from tests.items import (
    counts,
    does,
    puts,
    takes,
)

# --- room, rendezvous, order ----------------------------------------------------------------------


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_put_waits_while_the_channel_is_full(page: Stage) -> None:
    channel = Channel[int](2)
    page.start(Writer, puts, channel, 1, 2, 3, 4)
    assert told(await page.hears()) == ["1 put", "2 put"]
    assert counts(channel) == (2, 1, 0)
    page.start(Reader, takes, channel, 1)
    assert told(await page.hears()) == ["taker took 1", "3 put"]
    assert counts(channel) == (2, 1, 0)
    page.start(Reader, takes, channel, 3)
    assert told(await page.hears()) == [
        "taker took 2",
        "taker took 3",
        "taker took 4",
        "4 put",
    ]
    assert counts(channel) == (0, 0, 0)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_take_waits_while_the_channel_is_empty(page: Stage) -> None:
    channel = Channel[int](2)
    page.start(Reader, takes, channel, 3)
    await page.settle()
    assert counts(channel) == (0, 0, 1)
    page.start(Writer, puts, channel, 1, 2, 3)
    assert sorted(told(await page.hears())) == [
        "1 put",
        "2 put",
        "3 put",
        "taker took 1",
        "taker took 2",
        "taker took 3",
    ]
    assert counts(channel) == (0, 0, 0)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_in_a_rendezvous_a_put_returns_when_its_item_is_taken(page: Stage) -> None:
    channel = Channel[int]()
    page.start(Writer, puts, channel, 1, 2)
    assert told(await page.hears()) == []
    assert counts(channel) == (0, 1, 0)
    page.start(Reader, takes, channel, 1)
    assert told(await page.hears()) == ["taker took 1", "1 put"]
    page.start(Reader, takes, channel, 1)
    assert told(await page.hears()) == ["taker took 2", "2 put"]


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_rendezvous_between_three(page: Stage) -> None:
    """Two that put, one that takes: first come, first served, and nothing is lost."""
    channel = Channel[int]()
    page.start(Writer, puts, channel, 1, 3, 5, instance="odd")
    page.start(Writer, puts, channel, 2, 4, 6, instance="even")
    page.start(Reader, takes, channel, 6)
    said = told(await page.hears())
    assert [line for line in said if "took" in line] == [
        f"taker took {n}" for n in (1, 2, 3, 5, 4, 6)
    ]
    assert sorted(line for line in said if "put" in line) == [f"{n} put" for n in range(1, 7)]
    assert counts(channel) == (0, 0, 0)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_items_go_to_who_has_waited_longest(page: Stage) -> None:
    channel = Channel[int](1)
    for name in "abc":
        page.start(Reader, takes, channel, 1, name, instance=name)
    page.start(Writer, puts, channel, 1, 2, 3)
    said = told(await page.hears())
    assert [line for line in said if "took" in line] == ["a took 1", "b took 2", "c took 3"]


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_cancelled_taker_leaves_the_row_as_it_was(page: Stage) -> None:
    channel = Channel[int]()
    waiting = {name: page.start(Reader, takes, channel, 1, name, instance=name) for name in "abcd"}
    await page.settle()
    waiting["b"].cancel_nowait("tired")
    waiting["a"].cancel_nowait("tired")
    page.start(Writer, puts, channel, 1, 2)
    said = told(await page.hears())
    assert [line for line in said if "took" in line] == ["c took 1", "d took 2"]
    assert counts(channel) == (0, 0, 0)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_cancelled_putter_keeps_its_item_and_the_row_as_it_was(page: Stage) -> None:
    channel = Channel[int](1)
    waiting = [page.start(Writer, puts, channel, n, instance=f"{n}") for n in range(1, 6)]
    await page.settle()
    assert counts(channel) == (1, 4, 0)
    waiting[2].cancel_nowait("tired")
    page.start(Reader, takes, channel, 4)
    said = told(await page.hears())
    assert [line for line in said if "took" in line] == [f"taker took {n}" for n in (1, 2, 4, 5)]
    assert [line for line in said if "put" in line] == [f"{n} put" for n in (1, 2, 4, 5)]
    assert counts(channel) == (0, 0, 0)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_an_item_handed_over_before_the_cancel_is_received(page: Stage) -> None:
    channel = Channel[int]()

    async def hands_over_and_cancels() -> None:
        await Writer.Ask()
        await channel.put(1)
        await taker.cancel("after the hand-over")

    taker = page.start(Reader, takes, channel, 2)
    page.start(Writer, hands_over_and_cancels)
    await page.settle()
    page.resume(Writer.Write(0))
    said = await page.hears()
    assert taker.outcome.reason == "after the hand-over"
    assert told(said) == [], "it shows at the next operation"
    assert counts(channel) == (0, 0, 0)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_putter_cancelled_after_its_item_was_taken_has_put_it(page: Stage) -> None:
    channel = Channel[int]()
    log: list[str] = []

    async def puts_one() -> None:
        await channel.put(1)
        log.append("put")
        await Writer.Ask()

    async def takes_and_cancels() -> None:
        log.append(f"took {await channel.take()}")
        await putter.cancel("too late")

    putter = page.start(Writer, puts_one)
    page.start(Reader, takes_and_cancels)
    await page.settle()
    assert log == ["took 1", "put"]
    assert putter.outcome.reason == "too late"


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_limit_around_a_put_or_a_take_leaves_the_channel_as_it_was(page: Stage) -> None:
    channel = Channel[int]()

    async def gives_up() -> None:
        for operation in (lambda: channel.put(1), channel.take):
            with pytest.raises(TooSlow):
                async with timeout(1):
                    await operation()
            await Reader.Said(str(counts(channel)))

    page.start(Reader, gives_up)
    await page.settle()
    await page.advance(3)
    assert told(page.said()) == ["(0, 0, 0)"] * 2


# --- whose it is ----------------------------------------------------------------------------------


def test_a_channel_belongs_to_the_first_page_that_uses_it() -> None:
    channel = Channel[int](4)
    refused: list[Exception] = []

    async def tries_everything() -> None:
        for operation in (
            channel.put(1),
            channel.take(),
            channel.close(),
            channel.fail(LookupError()),
            await_any(channel.take(), sleep(1)),
        ):
            try:
                await operation
            except UsageError as error:
                refused.append(error)

    async def first(page: Stage) -> None:
        page.start(Writer, puts, channel, 1)
        await page.settle()

    async def second(page: Stage) -> None:
        page.start(Writer, tries_everything)
        await page.settle()

    play("hosted", first, Board)
    for driver in ("hand", "hosted", "task"):
        refused.clear()
        play(driver, second, Board)
        assert [str(error).partition(":")[0] for error in refused] == [
            "this channel belongs to another page"
        ] * 5
    assert counts(channel) == (1, 0, 0), "nothing has happened to it"


@under("hand", "hosted", "task", contract=Board)
async def test_a_page_that_ends_leaves_no_wait_in_a_channel(page: Stage) -> None:
    full, empty = Channel[int](1), Channel[int]()
    page.start(Writer, puts, full, 1, 2, 3)
    page.start(Reader, takes, empty, 1)

    async def both_in_fibers() -> None:
        await fiber(full.put, 9)
        await fiber(empty.take)
        await Reader.Ask()

    page.start(Reader, both_in_fibers, instance="fibers")
    await page.settle()
    assert (counts(full), counts(empty)) == ((1, 2, 0), (0, 0, 2))
    await page.cancel("closing time")
    assert (counts(full), counts(empty)) == ((1, 0, 0), (0, 0, 0))


@pytest.mark.parametrize("capacity", [-1, 1.5, True, "3", None])
def test_a_capacity_is_a_whole_number(capacity: object) -> None:
    with pytest.raises(UsageError, match="takes a whole number of items, 0 or more, not "):
        Channel(capacity)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", ["text", LookupError, KeyboardInterrupt()])
def test_a_channel_fails_with_an_exception(error: object) -> None:
    with pytest.raises(UsageError, match=r"Channel.fail\(\) takes an exception to raise, not "):
        Channel[int]().fail(error)  # type: ignore[arg-type]


def test_by_hand_a_channel_may_be_looked_at_any_time() -> None:
    channel = Channel[int](2)
    assert str(channel) == "<channel of 2, open, 0 items>"
    assert Coroutine(does, channel.put(1), channel.close()).run() == Completed(None)
    assert str(channel) == "<channel 1 of 2, closed, 1 items>"
    stats = channel.statistics()
    assert (stats.capacity, stats.items, stats.closed, stats.failed) == (2, 1, True, False)
