"""`await_any`: one winner, everything else as before."""

from __future__ import annotations

from spindle import (
    Channel,
    await_any,
    fiber,
    sleep,
)
from tests.board import Board, Reader, Writer, registered, told, writes, writes_when_told
from tests.drivers import Stage, under


@under("hand", "hosted", "task", contract=Board)
async def test_A1_of_several_ready_at_entry_the_leftmost_wins_and_only_it_is_consumed(
    page: Stage,
) -> None:
    async def races() -> None:
        one, other = Channel[str](2), Channel[str](2)
        for channel in (one, other):
            await channel.put("a")
            await channel.put("b")
        changes = Writer.count.changes()
        rounds = [
            (one.take(), other.take(), changes.next()),
            (other.take(), one.take()),
            (changes.next(), one.take(), sleep(0)),
            (changes.next(), sleep(0), one.take()),
            (Reader.Take(), one.take()),
            (one.take(), Reader.Take()),
            (Reader.Take(), other.take()),
        ]
        for sources in rounds:
            await Reader.Said(str(await await_any(*sources)))
        await Reader.Said(f"left {one.statistics().items} and {other.statistics().items}")

    page.start(Writer, writes, 9)
    await page.settle()
    page.said()

    async def waits_first() -> None:
        await Reader.Ask()
        await races()

    page.start(Reader, waits_first)
    page.resume(Reader.Queued(1))
    page.resume(Reader.Queued(2))
    page.resume(Reader.Told())
    said = await page.hears()
    assert told(said) == [
        "(0, 'a')",
        "(0, 'a')",
        "(0, 9)",
        "(1, None)",
        "(0, Queued(number=1))",
        "(0, 'b')",
        "(0, Queued(number=2))",
        "left 0 and 1",
    ]
    # A yield that answered at once was asked; one behind the winner never was.
    assert [line for line in said if "Take()" in line] == [
        "Reader asks Take() #2",
        "Reader asks Take() #3",
    ]


@under("hand", "hosted", "task", contract=Board)
async def test_A1_later_the_first_applied_input_wins(page: Stage) -> None:
    """Puts and events of one burst, in both orders; what lost is there for the next round."""

    async def races() -> None:
        changes = Writer.count.changes()
        while True:
            await Reader.Said(str(await await_any(Reader.Take(), changes.next())))

    page.start(Writer, writes_when_told)
    page.start(Reader, races)
    await page.settle()
    page.resume(Writer.Write(1))
    page.resume(Reader.Queued(1))
    assert told(await page.hears()) == ["(1, 1)", "(0, Queued(number=1))"]
    page.resume(Reader.Queued(2))
    page.resume(Writer.Write(2))
    assert told(await page.hears()) == ["(0, Queued(number=2))", "(1, 2)"]


@under("hand", "hosted", "task", contract=Board)
async def test_A1_two_sources_served_in_one_turn_the_first_served_wins(page: Stage) -> None:
    """The second item finds nobody waiting: it stays in its channel."""
    left, right = Channel[str](1), Channel[str](1)

    async def serves_both() -> None:
        while True:
            await Writer.Ask()
            await right.put("right")
            await left.put("left")

    async def races() -> None:
        while True:
            await Reader.Said(str(await await_any(left.take(), right.take())))

    page.start(Reader, races)
    page.start(Writer, serves_both)
    await page.settle()
    for _ in range(3):
        page.resume(Writer.Write(0))
    assert told(await page.hears()) == ["(1, 'right')", "(0, 'left')"] * 3
    assert left.statistics().items == right.statistics().items == 0


@under("hand", "hosted", "task", contract=Board)
async def test_A1_two_that_end_in_one_turn(page: Stage) -> None:
    """The usual idiom, a race of consuming calls, loses one of them; here both are there."""
    go = Channel[None](2)

    async def answers(word: str) -> str:
        await go.take()
        return word

    async def races() -> None:
        first, second = await fiber(answers, "first"), await fiber(answers, "second")
        await Reader.Said(str(await await_any(second.result(), first.result())))
        await Reader.Said(str(await await_any(second.result(), first.result())))
        await Reader.Said(await first.result() + await second.result())

    async def lets_both_go() -> None:
        await go.put(None)
        await go.put(None)

    page.start(Reader, races)
    page.start(Writer, lets_both_go)
    # `first` ends first; when the second race begins, both have ended.
    assert told(await page.hears()) == ["(1, 'first')", "(0, 'second')", "firstsecond"]


@under("hand", "hosted", "task", contract=Board)
async def test_two_waits_for_one_thing_in_one_race(page: Stage) -> None:
    channel = Channel[str]()

    async def ends() -> str:
        await sleep(1)
        return "ended"

    async def races() -> None:
        handle = await fiber(ends)
        result, take = handle.result(), channel.take()
        await Reader.Said(str(await await_any(result, handle.result(), result)))
        await Reader.Said(str(await await_any(take, channel.take(), take)))
        await Reader.Said(str(await await_any(sleep(2), sleep(1), sleep(1))))
        ask = Reader.Take()
        await Reader.Said(str(await await_any(ask, ask)))

    page.start(Reader, races)
    await page.advance(1)

    async def puts() -> None:
        await channel.put("x")

    page.start(Writer, puts)
    await page.advance(1)
    page.resume(Reader.Queued(1))
    said = await page.hears()
    assert told(said) == [
        "(0, 'ended')",
        "(0, 'x')",
        "(1, None)",
        "(0, Queued(number=1))",
    ]
    assert said[-3:-1] == [
        "Reader withdraws Take() #2",
        "Reader says Said(word='(0, Queued(number=1))')",
    ]
    assert registered(page, channel) == {}
