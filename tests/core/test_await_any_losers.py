"""What loses a race: withdrawn, still there, or running on."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from spindle import (
    Channel,
    ChannelClosed,
    Completed,
    Handle,
    TooSlow,
    WasCancelled,
    await_any,
    fiber,
    sleep,
    timeout,
    use,
)
from tests.board import Board, Reader, Writer, registered, told, writes_when_told
from tests.drivers import Stage, under
from tests.talk import Clerk, Echo

KINDS = 8


def of_every_kind(channels: list[Channel[int]], other: Handle[None]) -> list[Awaitable[object]]:
    """Something of each kind that can be a source of a race."""
    changes = Writer.count.of("never").changes()
    return [
        Reader.Take(),
        Reader.Read(),
        channels[0].take(),
        channels[1].take(),
        changes.next(),
        Writer.count.changes().next(),
        other.result(),
        sleep(50),
    ]


async def races_and_asks(channels: list[Channel[int]], other: Handle[None]) -> None:
    """Race all of them again and again, with a question after each race; one race is cut."""
    for _ in range(KINDS):
        try:
            position, _ = await await_any(*of_every_kind(channels, other))
        except WasCancelled:
            position = 6
        await Reader.Said(f"{position} won")
        await Reader.Ask()
    with pytest.raises(TooSlow):
        async with timeout(1):
            await await_any(*of_every_kind(channels, other))
    await Reader.Said("cut")
    await Reader.Ask()
    await await_any(*of_every_kind(channels, other))


@under("hand", "hosted", "task", contract=Board)
async def test_nothing_is_left_registered_after_a_race(page: Stage) -> None:
    """Whichever source wins, or if none does because the race is cut."""
    channels = [Channel[int]() for _ in range(2)]

    async def idles() -> None:
        await Writer.Ask()

    async def puts(channel, item) -> None:
        await channel.put(item)

    async def writes_one() -> None:
        await Writer.count.put(1)

    other = page.start(Writer, idles, instance="other")
    racer = page.start(Reader, races_and_asks, channels, other)
    await page.settle()
    triggers = [
        lambda: page.resume(Reader.Queued(1)),
        lambda: page.resume(Reader.Typed("x")),
        lambda: page.start(Writer, puts, channels[0], 1, instance="puts"),
        lambda: page.start(Writer, puts, channels[1], 2, instance="puts"),
    ]

    async def check(what: str) -> None:
        assert told(await page.hears()) == [what]
        left = registered(page, *channels)
        others = 1 if other.outcome is None else 0
        assert left.pop("pending", 0) == 1 + others, "the racer's Ask, and what `other` asks"
        assert left == {}
        page.resume(Reader.Told())
        await page.settle()

    for position, trigger in enumerate(triggers):
        trigger()
        await check(f"{position} won")
    page.start(Writer, writes_one)
    await check("5 won")
    # The cell has a value now: a new subscription to it is ready at once.
    await check("5 won")
    await check("5 won")
    await check("5 won")
    racer.cancel_nowait("enough")
    await page.settle()
    assert registered(page, *channels) == {"pending": 1}


@under("hand", "hosted", "task", contract=Board)
async def test_A2_a_yield_that_loses_is_withdrawn(page: Stage) -> None:
    async def races() -> None:
        changes = Writer.count.changes()
        await await_any(Reader.Ask(1), changes.next(), Reader.Take())
        await Reader.Ask(2)

    page.start(Reader, races)
    page.start(Writer, writes_when_told)
    await page.settle()
    page.said()
    page.resume(Writer.Write(1))
    late = page.resume(Reader.Told("late"), yield_id=1)
    waits = page.resume(Reader.Queued(1), yield_id=2)
    assert await page.hears() == [
        "Reader withdraws Ask(number=1) #1",
        "Reader withdraws Take() #2",
        "Writer asks Ask() #2",
        "Reader asks Ask(number=2) #3",
    ]
    for receipt, number, kind in ((late, 1, "Told"), (waits, 2, "Queued")):
        assert receipt.settlement.value == "refused"
        assert receipt.reason == (
            f"stale: yield {number} of Board.Reader does not wait any more for Board.Reader.{kind}"
        )


@under("hand", "hosted", "task", contract=Board)
async def test_A2_a_queued_event_that_was_not_taken_stays(page: Stage) -> None:
    async def races() -> None:
        changes = Writer.count.changes()
        # There when the race begins, but the change stands before it.
        await Reader.Ask()
        await Reader.Said(str(await await_any(changes.next(), Reader.Take())))
        await Reader.Said(str(await Reader.Take()))
        # Comes in the step that decides the race.
        await Reader.Said(str(await await_any(changes.next(), Reader.Take(), Reader.Read())))
        await Reader.Said(str(await Reader.Take()))
        await Reader.Said(str(await Reader.Read()))

    page.start(Writer, writes_when_told)
    page.start(Reader, races)
    await page.settle()
    page.resume(Writer.Write(1))
    page.resume(Reader.Queued(1))
    page.resume(Reader.Told())
    assert told(await page.hears()) == ["(0, 1)", "Queued(number=1)"]
    page.resume(Writer.Write(2))
    receipts = [page.resume(Reader.Queued(2)), page.resume(Reader.Typed("b"))]
    assert told(await page.hears()) == ["(0, 2)", "Queued(number=2)", "Typed(text='b')"]
    assert [receipt.settlement.value for receipt in receipts] == ["handled", "handled"]


@under("hand", "hosted", "task", contract=Board)
async def test_A2_a_queued_event_that_no_source_accepts_stays(page: Stage) -> None:
    async def races() -> None:
        await Reader.Ask()
        await Reader.Said(str(await await_any(Reader.Read(), sleep(1))))
        await Reader.Said(str(await Reader.Take()))

    page.start(Reader, races)
    await page.settle()
    receipt = page.resume(Reader.Queued(1))
    page.resume(Reader.Told())
    assert told(await page.hears()) == []
    assert receipt.settlement is None
    await page.advance(1)
    assert told(await page.hears()) == ["(1, None)", "Queued(number=1)"]


@under("hand", "hosted", "task", contract=Board)
async def test_A4_a_handle_that_loses_runs_on(page: Stage) -> None:
    log: list[str] = []

    async def works() -> str:
        try:
            await sleep(5)
        finally:
            log.append("over")
        return "worked"

    async def races() -> None:
        call = await fiber(works)
        await Reader.Said(str(await await_any(call.result(), sleep(1))))
        await Reader.Said(str(await await_any(sleep(1), call.result())))
        assert log == []
        await Reader.Said(await call.result())
        another = await fiber(works)
        await await_any(another.result(), sleep(1))
        await another.cancel("too slow")
        with pytest.raises(WasCancelled):
            await another.result()

    handle = page.start(Reader, races)
    await page.settle()
    await page.advance(20)
    assert told(page.said()) == ["(1, None)", "(0, None)", "worked"]
    assert log == ["over", "over"]
    assert handle.outcome == Completed(None)


@under("hand", "hosted", "task", contract=Board)
async def test_A4_a_failed_handle_wins_with_its_error_and_has_been_joined(page: Stage) -> None:
    async def fails(seconds: float) -> None:
        await sleep(seconds)
        raise LookupError(f"after {seconds}")

    async def races() -> str:
        for seconds in (1, 0):
            call = await fiber(fails, seconds)
            with pytest.raises(LookupError, match=f"after {seconds}"):
                await await_any(Reader.Take(), call.result())
        await Reader.Said("still here")
        return "not failed with its fibers"

    handle = page.start(Reader, races)
    await page.settle()
    await page.advance(2)
    assert handle.outcome == Completed("not failed with its fibers")
    assert registered(page) == {}


@under("hand", "hosted", "task", contract=Board)
async def test_a_race_raises_the_end_of_a_channel(page: Stage) -> None:
    channel = Channel[int]()

    async def races() -> str:
        for _ in range(2):
            with pytest.raises(ChannelClosed):
                await await_any(Reader.Take(), channel.take(), sleep(9))
        return "told twice"

    async def closes() -> None:
        await channel.close()

    handle = page.start(Reader, races)
    page.start(Writer, closes)
    await page.settle()
    assert handle.outcome == Completed("told twice")
    assert registered(page, channel) == {}


@under("hand", "hosted", "task", contract=Board)
async def test_a_call_of_a_port_as_a_source(page: Stage) -> None:
    async def races() -> object:
        clerk = await use(Clerk)
        call = await fiber(clerk.look, "tea")
        return await await_any(sleep(9), call.result())

    handle = page.start(Reader, races, provide={Clerk: Echo()})
    await page.settle()
    assert handle.outcome == Completed((1, "seen tea"))
