"""How channels end: closed or failed, with those who wait for them."""

from __future__ import annotations

import traceback

from spindle import (
    Channel,
    ChannelClosed,
    Operation,
    await_any,
    sleep,
)
from tests.board import Board, Reader, Writer, told
from tests.drivers import Stage, under
from tests.items import (
    CLOSED_BEFORE,
    CLOSED_MEANWHILE,
    EMPTY_FOR_GOOD,
    counts,
    does,
    puts,
    shown,
    takes,
)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_close_ends_the_waits_of_takers(page: Stage) -> None:
    channel = Channel[int](3)
    for name in "ab":
        page.start(Reader, takes, channel, 2, name, instance=name)
    await page.settle()
    page.start(Writer, does, channel.close(), channel.close())
    assert told(await page.hears()) == [
        f"a: {CLOSED_MEANWHILE}",
        f"a: {EMPTY_FOR_GOOD}",
        f"b: {CLOSED_MEANWHILE}",
        f"b: {EMPTY_FOR_GOOD}",
    ]
    assert counts(channel) == (0, 0, 0)


@under("hand", "hosted", "task", contract=Board)
async def test_H1_close_refuses_those_who_wait_to_put_and_keeps_what_is_there(page: Stage) -> None:
    channel = Channel[int](1)
    for number in (1, 2, 3):
        page.start(Writer, puts, channel, number, instance=f"{number}")
    await page.settle()
    page.said()
    page.start(Writer, does, channel.close())
    assert told(await page.hears()) == [
        f"2 refused: {CLOSED_MEANWHILE}",
        f"3 refused: {CLOSED_MEANWHILE}",
    ]
    page.start(Writer, puts, channel, 4)
    page.start(Reader, takes, channel, 2)
    assert told(await page.hears()) == [
        f"4 refused: {CLOSED_BEFORE}",
        "taker took 1",
        f"taker: {EMPTY_FOR_GOOD}",
    ]


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_failed_channel_raises_its_first_error_for_good(page: Stage) -> None:
    channel = Channel[int](1)
    page.start(Writer, puts, channel, 1, 2)
    await page.settle()
    page.said()
    first, second = LookupError("first"), ValueError("second")
    page.start(
        Reader, does, channel.fail(first), channel.fail(second), channel.close(), instance="f"
    )
    assert told(await page.hears()) == ["2 refused: LookupError(first)"]
    page.start(Reader, takes, channel, 2)
    page.start(Writer, puts, channel, 3)
    assert told(await page.hears()) == [
        *["taker: LookupError(first)"] * 2,
        "3 refused: LookupError(first)",
    ]
    assert channel.error is first
    assert counts(channel) == (0, 0, 0), "what it held is dropped"
    assert str(channel) == "<channel 1 of 1, failed, 0 items>"


@under("hand", "hosted", "task", contract=Board)
async def test_H1_fail_is_without_effect_on_a_closed_channel(page: Stage) -> None:
    channel = Channel[int](1)
    page.start(Writer, does, channel.put(1), channel.close(), channel.fail(LookupError("late")))
    await page.settle()
    page.start(Reader, takes, channel, 2)
    assert told(await page.hears()) == ["taker took 1", f"taker: {EMPTY_FOR_GOOD}"]
    assert channel.statistics().closed
    assert not channel.statistics().failed


@under("hand", "hosted", "task", contract=Board)
async def test_H1_who_waits_twice_is_told_once(page: Stage) -> None:
    channel = Channel[int]()

    async def races() -> None:
        for _ in range(2):
            try:
                said = str(await await_any(channel.take(), channel.take(), sleep(9)))
            except Exception as error:
                said = shown(error)
            await Reader.Said(said)

    for name in "ab":
        page.start(Reader, races, instance=name)
    await page.settle()
    assert counts(channel) == (0, 0, 4)
    page.start(Writer, does, channel.put(1), channel.put(2), channel.fail(LookupError("enough")))
    said = await page.hears()
    assert told(said) == ["(0, 1)", "LookupError(enough)", "(0, 2)", "LookupError(enough)"]
    assert counts(channel) == (0, 0, 0)
    assert page.kernel.timers.next_at() is None


@under("hand", "hosted", "task", contract=Board)
async def test_H1_each_who_waits_gets_an_error_of_its_own_from_a_close(page: Stage) -> None:
    """One exception raised in several coroutines would mix up their tracebacks and contexts."""
    channel = Channel[int]()
    errors: list[Exception] = []

    async def waits(why: str) -> None:
        try:
            raise ValueError(why)
        except ValueError:
            try:
                await channel.take()
            except ChannelClosed as closed:
                errors.append(closed)

    for name in "ab":
        page.start(Reader, waits, name, instance=name)
    await page.settle()
    page.start(Writer, does, channel.close())
    await page.settle()
    assert [str(error.__context__) for error in errors] == ["a", "b"]


@under("hand", "hosted", "task", seeds=1, contract=Board)
async def test_an_error_raised_again_and_again_does_not_grow(page: Stage) -> None:
    channel = Channel[int]()

    async def insists() -> int:
        lengths = []
        for attempt in range(20):
            try:
                await (channel.take() if attempt % 2 else channel.put(1))
            except LookupError as error:
                lengths.append(len(traceback.extract_tb(error.__traceback__)))
        return max(lengths) - min(lengths)

    page.start(Writer, does, channel.fail(LookupError("dead")))
    handle = page.start(Reader, insists)
    await page.settle()
    assert handle.outcome.value <= 1, "but for the one frame that a take has and a put has not"


@under("hand", "hosted", "task", contract=Board)
async def test_an_error_shows_where_it_was_raised_before_the_channel_was_failed(
    page: Stage,
) -> None:
    channel, frames = Channel[int](1), list[list[str]]()

    def breaks() -> None:
        raise LookupError("dead")

    async def fails() -> None:
        try:
            breaks()
        except LookupError as error:
            await channel.fail(error)

    async def meets_it(operation: Operation[object]) -> None:
        try:
            await operation
        except LookupError as error:
            frames.append([each.name for each in traceback.extract_tb(error.__traceback__)])

    page.start(Writer, fails)
    page.start(Reader, meets_it, channel.take(), instance="a")
    page.start(Reader, meets_it, channel.put(1), instance="b")
    await page.settle()
    assert ["breaks" in each for each in frames] == [True, True]


@under("hand", "hosted", "task", contract=Board)
async def test_H1_a_channel_that_has_ended_one_way_does_not_end_the_other(page: Stage) -> None:
    closed, failed = Channel[int](1), Channel[int](1)
    page.start(Writer, does, closed.close(), closed.fail(LookupError("late")))
    page.start(Reader, does, failed.fail(LookupError("first")), failed.close())
    await page.settle()
    ends = [(each.closed, each.failed) for each in (closed.statistics(), failed.statistics())]
    assert ends == [(True, False), (False, True)]
