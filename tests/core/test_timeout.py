"""`timeout`: a limit that tells its own expiry from everything else that cancels."""

from __future__ import annotations

import math

import pytest

from spindle import Cancelled, Completed, TooSlow, UsageError, await_any, cleanup, sleep, timeout
from tests.board import Board, Reader, says, told
from tests.drivers import Stage, under


async def at_once_in(page: Stage, seconds: float) -> None:
    """Go on at that instant, whether or not the page has looked at its deadlines yet."""
    if page.driver == "hand":
        await page.advance(seconds)
    else:
        import trio

        await trio.sleep(seconds)


@under("hand", "hosted", "task", contract=Board)
async def test_A6_a_yield_that_takes_too_long_is_withdrawn(page: Stage) -> None:
    async def asks() -> None:
        try:
            async with timeout(30):
                await Reader.Ask()
        except TooSlow as slow:
            await says(f"{slow}, {isinstance(slow, TimeoutError)}")
        await Reader.Ask(2)

    page.start(Reader, asks)
    await page.settle()
    await page.advance(29)
    assert page.said() == ["Reader asks Ask(number=1) #1"]
    await page.advance(1)
    assert page.said() == [
        "Reader withdraws Ask(number=1) #1",
        "Reader says Said(word='30: timeout(30) passed, True')",
        "Reader asks Ask(number=2) #2",
    ]
    late = page.resume(Reader.Told("late"), yield_id=1)
    await page.settle()
    assert late.reason.startswith("stale: yield 1 of Board.Reader does not wait any more")


@under("hand", "hosted", "task", contract=Board)
async def test_A6_in_time_nothing_is_left_of_it(page: Stage) -> None:
    async def asks() -> str:
        async with timeout(30):
            told = await Reader.Ask()
        await Reader.Ask(2)
        return told.word

    handle = page.start(Reader, asks)
    await page.settle()
    await page.advance(29)
    page.resume(Reader.Told("in time"))
    await page.settle()
    assert page.kernel.timers.next_at() is None
    await page.advance(100)
    page.resume(Reader.Told())
    await page.settle()
    assert handle.outcome == Completed("in time")


@under("hand", "hosted", "task", contract=Board)
async def test_A6_deadline_and_event_in_one_instant(page: Stage) -> None:
    """The deadline comes first; the event is settled: refused, or kept for the next yield."""

    async def asks() -> None:
        for _ in range(2):
            try:
                async with timeout(10):
                    await says(str(await await_any(Reader.Ask(), Reader.Take())))
            except TooSlow:
                await says("too slow")
        await says(str(await Reader.Take()))

    page.start(Reader, asks)
    await page.settle()
    await at_once_in(page, 10)
    receipts = [
        page.resume(Reader.Told("named"), yield_id=1),
        page.resume(Reader.Told("tie")),
        page.resume(Reader.Queued(1)),
    ]
    assert told(await page.hears()) == [
        "10: too slow",
        "10: (0, Told(word='tie'))",
        "10: Queued(number=1)",
    ]
    assert [receipt.settlement.value for receipt in receipts] == ["refused", "handled", "handled"]
    assert receipts[0].reason.startswith("stale: yield 1 ")


@under("hand", "hosted", "task", contract=Board)
async def test_A6_equal_nested_deadlines_end_the_outer_one(page: Stage) -> None:
    async def asks() -> None:
        try:
            async with timeout(5):
                try:
                    async with timeout(5):
                        await Reader.Ask()
                except TooSlow:
                    await says("inner")
        except TooSlow:
            await says("outer")

    page.start(Reader, asks)
    await page.settle()
    await page.advance(5)
    assert told(page.said()) == ["5: outer"]


@under("hand", "hosted", "task", contract=Board)
async def test_A6_nested_limits_each_end_their_own_block(page: Stage) -> None:
    async def asks(outer: float, inner: float) -> None:
        try:
            async with timeout(outer):
                try:
                    async with timeout(inner):
                        await Reader.Ask()
                except TooSlow:
                    await says("inner")
                await Reader.Ask()
        except TooSlow:
            await says("outer")

    page.start(Reader, asks, 5, 3)
    await page.settle()
    await page.advance(10)
    assert told(page.said()) == ["3: inner", "5: outer"]
    page.start(Reader, asks, 3, 5)
    await page.settle()
    await page.advance(10)
    assert told(page.said()) == ["13: outer"]


@under("hand", "hosted", "task", contract=Board)
async def test_A6_an_outer_limit_that_passes_while_the_body_unwinds_wins(page: Stage) -> None:
    async def asks() -> None:
        try:
            async with timeout(5):
                async with timeout(3):
                    try:
                        await Reader.Ask()
                    finally:
                        async with cleanup(10):
                            await sleep(4)
                await says("never")
        except TooSlow as slow:
            await says(str(slow))

    page.start(Reader, asks)
    await page.settle()
    await page.advance(10)
    assert told(page.said()) == ["7: timeout(5) passed"]


@under("hand", "hosted", "task", contract=Board)
async def test_A6_a_cancel_that_comes_while_the_body_unwinds_wins(page: Stage) -> None:
    async def asks() -> None:
        try:
            async with timeout(3):
                try:
                    await Reader.Ask()
                finally:
                    async with cleanup(10):
                        await sleep(4)
        except TooSlow:
            await says("never")

    handle = page.start(Reader, asks)
    await page.settle()
    await page.advance(5)
    handle.cancel_nowait("meanwhile")
    await page.settle()
    await page.advance(5)
    assert handle.outcome == Cancelled("meanwhile", handle.outcome.origin)
    assert told(page.said()) == []


@under("hand", "hosted", "task", contract=Board)
async def test_A6_a_cancel_is_not_taken_for_an_expiry(page: Stage) -> None:
    async def asks() -> None:
        try:
            async with timeout(3):
                await Reader.Ask()
        except TooSlow:
            await says("never")

    handle = page.start(Reader, asks)
    await page.settle()
    handle.cancel_nowait("first")
    await page.settle()
    assert handle.outcome.reason == "first"
    assert page.kernel.timers.next_at() is None
    assert page.said()[-1] == "Reader was cancelled: first (handle)"


@under("hand", "hosted", "task", contract=Board)
async def test_A6_an_error_of_the_body_passes_even_past_the_deadline(page: Stage) -> None:
    async def asks() -> None:
        try:
            async with timeout(3):
                try:
                    await Reader.Ask()
                finally:
                    raise LookupError("while it was unwound")
        except LookupError as error:
            await says(str(error))

    page.start(Reader, asks)
    await page.settle()
    await page.advance(3)
    assert told(page.said()) == ["3: while it was unwound"]


@under("hand", "hosted", "task", contract=Board)
async def test_A6_what_was_finished_in_time_stands_though_the_limit_passes_later(
    page: Stage,
) -> None:
    """A body that makes no further operation is not told of a limit it did not meet."""

    async def asks() -> str:
        async with timeout(3), cleanup(10):
            await sleep(5)
        return "finished"

    handle = page.start(Reader, asks)
    await page.settle()
    await page.advance(5)
    assert handle.outcome == Completed("finished")


@under("hand", "hosted", "task", contract=Board)
async def test_a_limit_is_entered_once(page: Stage) -> None:
    async def enters_twice() -> None:
        limit = timeout(1)
        async with limit:
            pass
        with pytest.raises(UsageError, match=r"call timeout\(\) again for a new one"):
            async with limit:
                pass
        await says("refused")

    page.start(Reader, enters_twice)
    assert told(await page.hears()) == ["0: refused"]
    assert page.kernel.timers.next_at() is None


@pytest.mark.parametrize("seconds", [0, -1, math.nan, -math.inf, "3", None])
def test_a_limit_is_a_positive_number(seconds: object) -> None:
    with pytest.raises(UsageError, match=r"timeout\(\) takes a positive number of seconds, not "):
        timeout(seconds)  # type: ignore[arg-type]


@under("hand", "hosted", "task", contract=Board)
async def test_a_limit_may_be_infinite(page: Stage) -> None:
    async def asks() -> str:
        async with timeout(math.inf):
            return (await Reader.Ask()).word

    handle = page.start(Reader, asks)
    await page.settle()
    await page.advance(1e5)
    page.resume(Reader.Told("at last"))
    await page.settle()
    assert handle.outcome == Completed("at last")
