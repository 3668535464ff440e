"""`changes()`: a subscription to a cell, the newest value not yet seen."""

from __future__ import annotations

import pytest

from spindle import (
    Abandoned,
    Completed,
    Coroutine,
    UsageError,
    await_any,
    fiber,
    sleep,
)
from spindle._core.kernel.cells import CellState
from tests.board import Board, Reader, Writer, told, writes, writes_when_told
from tests.drivers import Stage, play, under


async def follows(name: str = "reader") -> None:
    changes = Writer.count.changes()
    while True:
        await Reader.Said(f"{name} saw {await changes.next()}")


@under("hand", "hosted", "task", contract=Board)
async def test_L5_one_put_brings_one_value_then_it_waits(page: Stage) -> None:
    page.start(Writer, writes_when_told)
    handle = page.start(Reader, follows)
    await page.settle()
    page.resume(Writer.Write(1))
    assert told(await page.hears()) == ["reader saw 1"]
    assert handle.outcome is None
    state: CellState = page.kernel.cells[Writer.count]
    assert len(state.waiting) == 1, "it waits for the next put"
    page.resume(Writer.Write(1))
    assert told(await page.hears()) == ["reader saw 1"], "an equal value is a put all the same"


@under("hand", "hosted", "task", contract=Board)
async def test_L5_the_current_value_comes_first(page: Stage) -> None:
    page.start(Writer, writes, 1, 2, 3)
    await page.settle()
    page.start(Reader, follows)
    assert told(await page.hears()) == ["reader saw 3"]


@under("hand", "hosted", "task", contract=Board)
async def test_L5_values_put_while_the_reader_is_busy_are_skipped(page: Stage) -> None:
    async def is_busy() -> None:
        changes = Writer.count.changes()
        while True:
            await Reader.Said(str(await changes.next()))
            await Reader.Ask()

    page.start(Writer, writes_when_told)
    page.start(Reader, is_busy)
    await page.settle()
    for value in (1, 2, 3, 4):
        page.resume(Writer.Write(value))
    await page.settle()
    page.resume(Reader.Told())
    await page.settle()
    page.resume(Reader.Told())
    await page.settle()
    page.resume(Writer.Write(5))
    assert told(await page.hears()) == ["1", "4", "5"]


@under("hand", "hosted", "task", contract=Board)
async def test_L5_of_two_puts_in_one_turn_the_first_is_handed_over_the_second_not_lost(
    page: Stage,
) -> None:
    async def puts_twice() -> None:
        await Writer.Ask()
        await Writer.count.put(1)
        await Writer.count.put(2)
        await Writer.count.put(3)

    page.start(Reader, follows)
    page.start(Writer, puts_twice)
    await page.settle()
    page.resume(Writer.Write(0))
    assert told(await page.hears()) == ["reader saw 1", "reader saw 3"]


@under("hand", "hosted", "task", contract=Board)
async def test_L5_each_subscription_sees_for_itself(page: Stage) -> None:
    for name in "ab":
        page.start(Reader, follows, name, instance=name)
    page.start(Writer, writes_when_told)
    await page.settle()
    page.resume(Writer.Write(1))
    await page.settle()
    page.start(Reader, follows, "late", instance="late")
    await page.settle()
    page.resume(Writer.Write(2))
    assert told(await page.hears()) == [
        "a saw 1",
        "b saw 1",
        "late saw 1",
        "a saw 2",
        "b saw 2",
        "late saw 2",
    ]


@under("hand", "hosted", "task", contract=Board)
async def test_several_that_share_a_subscription_share_its_values(page: Stage) -> None:
    """Each value is brought once, to who has waited longest."""

    async def share() -> None:
        changes = Writer.count.changes()

        async def waits(name: str) -> None:
            while True:
                await Reader.Said(f"{name} saw {await changes.next()}")

        for name in "abc":
            await fiber(waits, name)
        await Reader.Ask()

    page.start(Reader, share)
    page.start(Writer, writes_when_told)
    await page.settle()
    for value in (1, 2, 3, 4):
        page.resume(Writer.Write(value))
        await page.settle()
    assert told(page.said()) == ["a saw 1", "b saw 2", "c saw 3", "a saw 4"]


@under("hand", "hosted", "task", contract=Board)
async def test_two_waits_for_one_cell_in_one_race(page: Stage) -> None:
    async def races() -> None:
        one, other = Writer.count.changes(), Writer.count.changes()
        for sources in (
            (one.next(), one.next()),
            (one.next(), other.next()),
            (other.next(), one.next()),
        ):
            position, value = await await_any(*sources)
            await Reader.Said(f"{position} saw {value}")
        await Reader.Said(f"then {await await_any(one.next(), other.next())}")

    page.start(Reader, races)
    page.start(Writer, writes_when_told)
    await page.settle()
    for value in (1, 2, 3):
        page.resume(Writer.Write(value))
        await page.settle()
    # `other` has not seen 1 when it is asked first; it is ready at once.
    assert told(page.said()) == ["0 saw 1", "1 saw 1", "0 saw 2", "then (0, 2)"]
    assert not page.kernel.cells[Writer.count].waiting


@under("hand", "hosted", "task", contract=Board)
async def test_an_owner_follows_its_own_cell(page: Stage) -> None:
    async def echoes() -> None:
        changes = Writer.count.changes()
        while True:
            await Writer.Said(str(await changes.next()))

    async def owns() -> None:
        await fiber(echoes)
        for value in (1, 2):
            await Writer.count.put(value)
            await sleep(1)

    page.start(Writer, owns)
    await page.advance(3)
    assert [line for line in page.said() if "says" in line] == [
        "Writer says Said(word='1')",
        "Writer says Said(word='2')",
    ]


@under("hand", "hosted", "task", contract=Board)
async def test_a_put_from_inside_the_turn_of_a_watcher(page: Stage) -> None:
    """Two cells that answer each other: one put at a time, in order, to an end."""

    async def counts_up() -> str:
        titles = Writer.title.of("other").changes()
        await Writer.count.put(1)
        while True:
            title = await titles.next()
            if len(title) == 4:
                return title
            await Writer.count.put(len(title) + 1)

    async def spells() -> None:
        counts = Writer.count.changes()
        while True:
            await Writer.title.of("other").put("x" * await counts.next())

    page.start(Writer, spells, instance="other")
    handle = page.start(Writer, counts_up)
    await page.settle()
    assert handle.outcome == Completed("xxxx")


@under("hand", "hosted", "task", contract=Board)
async def test_a_watcher_cancelled_in_the_step_of_the_put_has_been_handed_the_value(
    page: Stage,
) -> None:
    """The cancel shows at its next operation, and it makes none."""

    async def waits(changes) -> str:
        try:
            value = await changes.next()
        except BaseException:
            return f"nothing, seen {changes.seen}"
        return f"{value}, seen {changes.seen}"

    async def puts_and_cancels() -> None:
        await Writer.Ask()
        await Writer.count.put(1)
        await handles[0].cancel("after the put")
        await handles[1].cancel("after the put")
        await Writer.count.put(2)

    handles = [
        page.start(Reader, waits, Writer.count.changes(), instance="a"),
        page.start(Reader, waits, Writer.count.changes(), instance="b"),
    ]
    page.start(Writer, puts_and_cancels)
    await page.settle()
    page.resume(Writer.Write(0))
    await page.settle()
    assert [handle.outcome for handle in handles] == [Completed("1, seen 1")] * 2


@under("hand", "hosted", "task", contract=Board)
async def test_a_cancel_before_the_put_leaves_the_value_unseen(page: Stage) -> None:
    changes = Writer.count.changes()

    async def waits() -> None:
        await changes.next()

    async def cancels_and_puts() -> None:
        await Writer.Ask()
        await handle.cancel("before the put")
        await Writer.count.put(1)
        await Writer.Ask()

    handle = page.start(Reader, waits)
    page.start(Writer, cancels_and_puts)
    await page.settle()
    page.resume(Writer.Write(0))
    await page.settle()
    assert handle.outcome.reason == "before the put"
    assert changes.seen == 0
    again = page.start(Reader, waits)
    await page.settle()
    assert again.outcome == Completed(None)
    assert changes.seen == 1


@under("hand", "hosted", "task", contract=Board)
async def test_a_race_lost_by_a_change_leaves_it_unseen(page: Stage) -> None:
    async def races() -> None:
        changes = Writer.count.changes()
        first = await await_any(Reader.Take(), changes.next())
        await Reader.Said(str(first))
        await Reader.Said(str(await changes.next()))

    page.start(Reader, races)
    page.start(Writer, writes_when_told)
    await page.settle()
    page.resume(Reader.Queued(1))
    page.resume(Writer.Write(7))
    said = await page.hears()
    assert told(said) == ["(0, Queued(number=1))", "7"]


@under("hand", "hosted", "task", contract=Board)
async def test_a_race_raises_what_the_owner_leaves_behind(page: Stage) -> None:
    async def races() -> str:
        with pytest.raises(Abandoned):
            await await_any(Reader.Take(), Writer.count.changes().next(), sleep(5))
        return "told"

    handle = page.start(Reader, races)
    await page.settle()
    page.start(Writer, nothing)
    assert await page.hears() == [
        "Reader asks Take() #1",
        "Writer returned None",
        "Reader withdraws Take() #1",
        "Reader returned 'told'",
    ]
    assert handle.outcome == Completed("told")
    assert page.kernel.timers.next_at() is None


@under("hand", "hosted", "task", contract=Board)
async def test_a_race_of_two_waits_for_one_cell_is_told_once_that_nothing_comes(
    page: Stage,
) -> None:
    told_of: list[str] = []

    async def races() -> None:
        one, other = Writer.count.changes(), Writer.count.changes()
        try:
            await await_any(one.next(), other.next())
        except Abandoned as told:
            told_of.append(str(told))
        await Reader.Ask()

    page.start(Reader, races)
    await page.settle()
    page.start(Writer, nothing)
    await page.settle()
    assert told_of == ["Board.Writer.count gets no value: Board.Writer ended without putting one"]
    assert page.said()[-1] == "Reader asks Ask(number=1) #1"
    assert not page.kernel.cells[Writer.count].waiting


async def nothing() -> None: ...


def test_a_subscription_belongs_to_one_page() -> None:
    """What one page has seen says nothing of another page's cell."""
    changes = Writer.count.changes()

    async def reads() -> int:
        return await changes.next()

    async def scenario(page: Stage) -> None:
        page.start(Writer, writes, 1)
        handles.append(page.start(Reader, reads))
        await page.settle()

    handles: list = []
    for driver in ("hand", "hosted", "task"):
        play(driver, scenario, Board)
    assert handles[0].outcome == Completed(1)
    for handle in handles[1:]:
        assert isinstance(handle.outcome.error, UsageError)
        assert str(handle.outcome.error) == (
            "this subscription to Board.Writer.count belongs to another page: make it where it is "
            "used, `changes = cell.changes()` in the spindle, before its loop"
        )


def test_L5_watch_is_refused_in_a_race_with_the_remedy() -> None:
    async def races() -> None:
        await await_any(Reader.Ask(), Writer.count.watch())  # type: ignore[arg-type]

    assert "`changes = cell.changes()` before the loop" in str(Coroutine(races).run().error)
