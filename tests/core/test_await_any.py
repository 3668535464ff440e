"""`await_any`: one winner, everything else as before."""

from __future__ import annotations

import pytest

from spindle import (
    Channel,
    ChannelClosed,
    Completed,
    Coroutine,
    Operation,
    TooSlow,
    UsageError,
    WasCancelled,
    WrongBlock,
    await_all,
    await_any,
    fiber,
    fork,
    now,
    perform,
    scope,
    sleep,
    timeout,
    use,
)
from tests.board import Board, Reader, Writer, writes, writes_when_told
from tests.drivers import Stage, under
from tests.talk import Clerk, Desk, Echo


def told(lines: list[str]) -> list[str]:
    """What the spindles said, without the rest."""
    return [line.partition("word=")[2][1:-2] for line in lines if " says " in line]


def registered(page: Stage, *channels: Channel) -> dict[str, int]:
    """Whatever waits anywhere on the page: nothing may be left there."""
    kernel = page.kernel
    spindles = list(kernel.live.values())
    found = {
        "cells": sum(
            len(state.waiting) + len(state.watchers) for state in (kernel.cells or {}).values()
        ),
        "takers": sum(len(channel.takers or ()) for channel in channels),
        "putters": sum(len(channel.putters or ()) for channel in channels),
        "pending": sum(len(spindle.pending) for spindle in spindles),
        "joiners": sum(len(spindle.joiners or ()) for spindle in spindles),
        "timers": len([timer for timer in kernel.timers.heap or () if timer.do is not None]),
    }
    return {name: count for name, count in found.items() if count}


# --- who wins -----------------------------------------------------------------------------------


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


# --- who loses ----------------------------------------------------------------------------------


@under("hand", "hosted", "task", contract=Board)
async def test_nothing_is_left_registered_after_a_race(page: Stage) -> None:
    """Whichever source wins, or if none does because the race is cut."""
    channels = [Channel[int]() for _ in range(2)]
    kinds = 8

    async def everything(other) -> list:
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

    async def races(other) -> None:
        for _ in range(kinds):
            try:
                position, _ = await await_any(*await everything(other))
            except WasCancelled:
                position = 6
            await Reader.Said(f"{position} won")
            await Reader.Ask()
        with pytest.raises(TooSlow):
            async with timeout(1):
                await await_any(*await everything(other))
        await Reader.Said("cut")
        await Reader.Ask()
        await await_any(*await everything(other))

    async def idles() -> None:
        await Writer.Ask()

    async def puts(channel, item) -> None:
        await channel.put(item)

    async def writes_one() -> None:
        await Writer.count.put(1)

    other = page.start(Writer, idles, instance="other")
    racer = page.start(Reader, races, other)
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


# --- what is refused ----------------------------------------------------------------------------


@under("hand", "hosted", "task", contract=Board)
async def test_a_yield_of_another_block_is_refused_before_anything_is_consumed(
    page: Stage,
) -> None:
    channel = Channel[int](1)

    async def races() -> str:
        await channel.put(1)
        with pytest.raises(WrongBlock):
            await await_any(channel.take(), Writer.Ask())
        return f"{channel.statistics().items} left"

    handle = page.start(Reader, races)
    await page.settle()
    assert handle.outcome == Completed("1 left")


async def some_work() -> None: ...


channel, cell = Channel[int](), Writer.count
WRONG = {
    "nothing": (lambda: (), "takes the operations to wait for: await_any(first, second)"),
    "a list": (lambda: ([sleep(1), sleep(2)],), "one by one: write await_any(*sources)"),
    "a generator": (lambda: ((sleep(n) for n in (1, 2)),), "write await_any(*sources)"),
    "an event": (
        lambda: (Reader.Told("x"), sleep(1)),
        "not Told(word='x'): write await_any(first, second) without `await` before any of them",
    ),
    "None": (lambda: (None, sleep(1)), "that are not awaited yet"),
    "a watch": (lambda: (cell.watch(),), "write `changes = cell.changes()` before the loop"),
    "a cell": (lambda: (cell,), "write `changes = cell.changes()` before the loop"),
    "a subscription": (lambda: (cell.changes(),), "write changes.next()"),
    "a get": (lambda: (cell.get(),), "does not wait for GetCell, which is answered at once"),
    "a channel": (lambda: (channel,), "write channel.take()"),
    "a put": (lambda: (channel.put(1),), "put the item in a fiber, and wait for its result()"),
    "a call": (lambda: (perform(some_work),), "`call = await fiber(port.some_work, ...)`"),
    "a coroutine": (lambda: (some_work(),), "`some_work = await fiber(some_work, ...)`"),
    "a fiber": (lambda: (fiber(some_work),), "start it before, `call = await fiber(...)`"),
    "a fork": (lambda: (fork(Writer, some_work),), "`handle = await fork(...)`"),
    "a race": (lambda: (await_any(sleep(1)),), "does not nest: list all the operations in one"),
    "all": (lambda: (await_all(),), "await_any(first.result(), second.result())"),
    "a limit": (lambda: (timeout(1),), "`async with timeout(seconds): await await_any(...)`"),
    "a scope": (lambda: (scope(),), "takes no scope"),
    "a notify": (lambda: (Reader.Said("x"),), "a notify does not: await it by itself, before"),
    "a class": (lambda: (Desk.Ask,), "takes a yield, not its class: write Talk.Desk.Ask(...)"),
    "the clock": (lambda: (now(),), "does not wait for Now, which is answered at once"),
}


@pytest.mark.parametrize("what", WRONG)
def test_A7_a_wrong_spelling_shows_the_right_one(what: str) -> None:
    sources, remedy = WRONG[what]
    with pytest.raises(UsageError) as refused:
        await_any(*sources())
    assert str(refused.value).startswith("await_any() ")
    assert remedy in str(refused.value)


def test_A7_a_handle_itself_is_refused() -> None:
    async def races() -> None:
        await await_any(await fiber(some_work), sleep(1))  # type: ignore[arg-type]

    error = Coroutine(races).run().error
    assert str(error) == "await_any() takes what a handle gives: write handle.result()"


def test_A7_every_operation_is_a_source_or_has_a_remedy() -> None:
    """A new operation that can wait has to say whether it may race."""
    from spindle._core.operations import await_any as module

    known = {source.__name__ for source in module._SOURCES}
    assert known == {"Ask", "NextChange", "TakeItem", "Sleep", "Result"}
    assert issubclass(module.AwaitAny, Operation)
