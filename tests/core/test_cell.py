"""Cells: one spindle writes, any reads; the value belongs to the key."""

from __future__ import annotations

import gc

import pytest

from spindle import (
    Abandoned,
    Cell,
    CellEmpty,
    Change,
    ChannelClosed,
    Completed,
    Coroutine,
    NotOwner,
    Restart,
    SpindleIsLive,
    UsageError,
    fiber,
    fork,
    timeout,
)
from spindle._core.errors import TooSlow
from tests.board import Board, Reader, Writer, writes, writes_when_told
from tests.drivers import Stage, under


def told(lines: list[str]) -> list[str]:
    """What the readers said, without the rest."""
    return [line.partition("word=")[2][1:-2] for line in lines if " says " in line]


def watchers(page: Stage, cell: Cell) -> int:
    """How many channels and waits are registered with a cell."""
    state = (page.kernel.cells or {}).get(cell)
    return 0 if state is None else len(state.waiting) + len(state.watchers)


# --- read and write ---------------------------------------------------------------------------


@under("hand", "hosted", "task", contract=Board)
async def test_L1_get_before_the_first_put_is_an_error_or_the_default(page: Stage) -> None:
    async def reads() -> list[object]:
        with pytest.raises(CellEmpty) as empty:
            await Writer.count.get()
        return [await Writer.count.get(0), await Writer.count.get(None), str(empty.value)]

    handle = page.start(Reader, reads)
    await page.settle()
    assert handle.outcome == Completed(
        [
            0,
            None,
            "Board.Writer.count was read before its first put: give a default, get(...), "
            "or wait for a value with watch() or changes()",
        ]
    )


@under("hand", "hosted", "task", contract=Board)
async def test_L1_a_value_is_read_whatever_the_default(page: Stage) -> None:
    async def reads() -> list[object]:
        return [await Writer.count.get(), await Writer.count.get(7), await Writer.title.get("")]

    page.start(Writer, writes, 0)
    handle = page.start(Reader, reads)
    await page.settle()
    assert handle.outcome == Completed([0, 0, ""])


@under("hand", "hosted", "task", contract=Board)
async def test_L1_None_is_a_value_like_any_other(page: Stage) -> None:
    async def puts() -> list[object]:
        first = await Writer.title.put(None)  # type: ignore[arg-type]
        second = await Writer.title.put("x")
        return [first, second, await Writer.title.get("")]

    handle = page.start(Writer, puts)
    await page.settle()
    assert handle.outcome == Completed([Change(None, None), Change(None, "x"), "x"])


@under("hand", "hosted", "task", contract=Board)
async def test_a_put_returns_the_change_and_does_not_suspend(page: Stage) -> None:
    async def puts() -> list[object]:
        changes = [await Writer.count.put(1), await Writer.count.put(2)]
        await Writer.Said("after the puts")
        return changes

    async def reads() -> None:
        changes = Writer.count.changes()
        while True:
            await Reader.Said(str(await changes.next()))

    page.start(Reader, reads)
    handle = page.start(Writer, puts)
    assert (await page.hears())[0] == "Writer says Said(word='after the puts')"
    assert handle.outcome == Completed([Change(None, 1), Change(1, 2)])


# --- who writes -------------------------------------------------------------------------------


@under("hand", "hosted", "task", contract=Board)
async def test_L2_another_block_does_not_write(page: Stage) -> None:
    async def puts() -> str:
        with pytest.raises(NotOwner) as refused:
            await Writer.count.put(1)
        return f"{refused.value}, {await Writer.count.get(None)}"

    handle = page.start(Reader, puts)
    await page.settle()
    assert handle.outcome == Completed(
        "Board.Reader wanted to write the cell Board.Writer.count, which only Board.Writer "
        "writes. Write a cell of its own block, or send it an event, None"
    )


@under("hand", "hosted", "task", contract=Board)
async def test_L2_each_instance_writes_its_own(page: Stage) -> None:
    async def puts(cell: Cell, value: int) -> str:
        try:
            await cell.put(value)
        except NotOwner as refused:
            return str(refused)
        return "written"

    count = Writer.count
    left = count.of("left")
    tries = [
        page.start(Writer, puts, count, 1),
        page.start(Writer, puts, left, 2, instance="left"),
        page.start(Writer, puts, count, 3, instance="right"),
        page.start(Writer, puts, left, 4, instance="far right"),
    ]
    await page.settle()
    tries.append(page.start(Writer, puts, left, 5))

    async def reads() -> list[object]:
        return [await each.get(None) for each in (count, left, count.of("right"))]

    read = page.start(Reader, reads)
    await page.settle()
    assert [each.outcome.value for each in tries] == [
        "written",
        "written",
        "Board.Writer['right'] wanted to write the cell Board.Writer.count, which only "
        "Board.Writer writes. Write .of('right') of the cell, which is this spindle's own, or "
        "send it an event",
        "Board.Writer['far right'] wanted to write the cell Board.Writer['left'].count, which "
        "only Board.Writer['left'] writes. Write .of('far right') of the cell, which is this "
        "spindle's own, or send it an event",
        "Board.Writer wanted to write the cell Board.Writer['left'].count, which only "
        "Board.Writer['left'] writes. Write the cell itself, without .of(), or send it an event",
    ]
    assert read.outcome == Completed([1, 2, None])


@under("hand", "hosted", "task", contract=Board)
async def test_L2_a_fiber_writes_for_its_spindle(page: Stage) -> None:
    async def puts() -> None:
        await Writer.count.put(await Writer.count.get(0) + 1)

    async def has_fibers() -> int:
        await puts()
        for _ in range(3):
            await (await fiber(puts)).result()
        return await Writer.count.get()

    handle = page.start(Writer, has_fibers)
    await page.settle()
    assert handle.outcome == Completed(4)


@under("hand", "hosted", "task", contract=Board)
async def test_L2_a_restarted_spindle_keeps_its_cells(page: Stage) -> None:
    async def counts() -> None:
        runs = await Writer.count.get(0) + 1
        await Writer.count.put(runs)
        if runs < 3:
            raise LookupError(f"run {runs}")
        await Writer.Ask()

    async def follows() -> None:
        changes = Writer.count.changes()
        while True:
            await Reader.Said(str(await changes.next()))

    page.start(Reader, follows)
    page.start(Writer, counts, policy=Restart(delay=1, jitter=0))
    await page.settle()
    await page.advance(10)
    assert told(page.said()) == ["1", "2", "3"]


@under("hand", "hosted", "task", contract=Board)
async def test_L2_a_replaced_spindle_keeps_its_cells(page: Stage) -> None:
    async def replaces() -> None:
        await fork(Writer, reads_then_puts, replace=True)
        await Reader.Ask()

    async def reads_then_puts() -> None:
        before = await Writer.count.get()
        await Writer.count.put(before * 10)
        await Writer.Ask()

    async def follows() -> None:
        changes = Writer.count.changes()
        while True:
            await Reader.Said(str(await changes.next()))

    page.start(Writer, writes, 7)
    page.start(Reader, follows, instance="follows")
    await page.settle()
    page.start(Reader, replaces)
    assert told(await page.hears()) == ["7", "70"]


# --- watch ------------------------------------------------------------------------------------


async def watches(name: str) -> str:
    channel = await Writer.count.watch()
    await Reader.Said(f"{name} watches")
    value = await channel.take()
    with pytest.raises(ChannelClosed):
        await channel.take()
    await Reader.Said(f"{name} saw {value}")
    return name


@under("hand", "hosted", "task", contract=Board)
async def test_L3_each_watcher_of_an_empty_cell_gets_the_next_value_then_the_end(
    page: Stage,
) -> None:
    for name in "abc":
        page.start(Reader, watches, name, instance=name)
    page.start(Writer, writes_when_told)
    assert told(await page.hears()) == ["a watches", "b watches", "c watches"]
    for value in (1, 2):
        page.resume(Writer.Write(value))
    assert told(await page.hears()) == ["a saw 1", "b saw 1", "c saw 1"]
    page.start(Reader, watches, "late")
    assert told(await page.hears()) == ["late watches", "late saw 2"]
    assert watchers(page, Writer.count) == 0


@under("hand", "hosted", "task", contract=Board)
async def test_L4_watchers_that_are_cancelled_leave_nothing(page: Stage) -> None:
    async def waits_for_changes() -> None:
        await Writer.count.changes().next()

    handles = [page.start(Reader, watches, name, instance=name) for name in "abc"]
    handles += [page.start(Reader, waits_for_changes, instance=name) for name in "xyz"]
    await page.settle()
    assert watchers(page, Writer.count) == 6
    for left, handle in enumerate(handles, start=1):
        handle.cancel_nowait("enough")
        await page.settle()
        assert watchers(page, Writer.count) == 6 - left


@under("hand", "hosted", "task", contract=Board)
async def test_L4_a_watch_that_nobody_will_read_is_forgotten(page: Stage) -> None:
    """In a loop over a cell that is never written, each round leaves as little as the first."""

    async def watches_in_rounds() -> None:
        for _ in range(20):
            channel = await Writer.count.watch()
            with pytest.raises(TooSlow):
                async with timeout(1):
                    await channel.take()
        del channel
        await Reader.Ask()

    page.start(Reader, watches_in_rounds)
    await page.settle()
    await page.advance(100)
    assert page.said() == ["Reader asks Ask(number=1) #1"]
    gc.collect()
    assert watchers(page, Writer.count) == 0


@under("hand", "hosted", "task", contract=Board)
async def test_a_watch_may_be_passed_on_to_a_spindle_that_lives_longer(page: Stage) -> None:
    async def begins_to_watch() -> None:
        channel = await Writer.count.watch()
        await fork(Reader, reads_on, channel, instance="heir")

    async def reads_on(channel) -> None:
        await Reader.Said(f"inherited {await channel.take()}")

    page.start(Reader, begins_to_watch)
    page.start(Writer, writes_when_told)
    await page.settle()
    page.resume(Writer.Write(5))
    assert told(await page.hears()) == ["inherited 5"]


# --- the owner ends first ---------------------------------------------------------------------


async def waits(name: str, how: str) -> None:
    try:
        if how == "watch":
            value = await (await Writer.count.watch()).take()
        else:
            value = await Writer.count.changes().next()
    except Abandoned as abandoned:
        await Reader.Said(f"{name}: {abandoned}")
    else:
        await Reader.Said(f"{name} saw {value}")


async def ends() -> None:
    """End without having written anything."""
    await Writer.Ask()


GIVES_UP = "Board.Writer.count gets no value: Board.Writer ended without putting one"


@under("hand", "hosted", "task", contract=Board)
async def test_L4_who_waits_learns_that_the_owner_has_ended_without_writing(page: Stage) -> None:
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    handle = page.start(Writer, ends)
    await page.settle()
    handle.cancel_nowait("no more")
    # Those that waited with changes() are told before those that have a channel.
    assert told(await page.hears()) == [f"b: {GIVES_UP}", f"a: {GIVES_UP}"]
    page.start(Reader, waits, "c", "watch", instance="c")
    page.start(Reader, waits, "d", "changes", instance="d")
    assert told(await page.hears()) == [f"c: {GIVES_UP}", f"d: {GIVES_UP}"]
    assert watchers(page, Writer.count) == 0


@under("hand", "hosted", "task", contract=Board)
async def test_L4_whoever_watches_before_the_owner_starts_waits_for_it(page: Stage) -> None:
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    assert told(await page.hears()) == []
    page.start(Writer, writes, 3)
    assert told(await page.hears()) == ["b saw 3", "a saw 3"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_an_owner_that_is_started_again_may_write_yet(page: Stage) -> None:
    handle = page.start(Writer, ends)
    await page.settle()
    handle.cancel_nowait("no more")
    await page.settle()
    page.start(Writer, writes_when_told)
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    assert told(await page.hears()) == []
    page.resume(Writer.Write(4))
    assert told(await page.hears()) == ["b saw 4", "a saw 4"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_a_spindle_between_two_runs_abandons_nothing(page: Stage) -> None:
    """Restarted or replaced, the key is never without somebody who may write."""

    async def fails_once() -> None:
        if not await Writer.title.get(""):
            await Writer.title.put("ran before")
            raise LookupError
        await Writer.count.put(1)

    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    page.start(Writer, fails_once, policy=Restart(delay=5, jitter=0))
    assert told(await page.hears()) == []
    await page.advance(5)
    assert told(page.said()) == ["b saw 1", "a saw 1"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_a_value_outlives_its_spindle(page: Stage) -> None:
    handle = page.start(Writer, writes, 9)
    await page.settle()
    handle.cancel_nowait("done")
    await page.settle()
    page.start(Reader, waits, "a", "watch", instance="a")
    page.start(Reader, waits, "b", "changes", instance="b")
    assert told(await page.hears()) == ["a saw 9", "b saw 9"]


@under("hand", "hosted", "task", contract=Board)
async def test_L4_instances_are_abandoned_one_by_one(page: Stage) -> None:
    async def waits_for(name: str) -> None:
        try:
            await Writer.count.of(name).changes().next()
        except Abandoned as abandoned:
            await Reader.Said(str(abandoned))

    handles = [page.start(Writer, ends, instance=name) for name in ("left", "right")]
    for name in ("left", "right"):
        page.start(Reader, waits_for, name, instance=name)
    await page.settle()
    page.said()
    for handle, name in zip(handles, ("left", "right"), strict=True):
        handle.cancel_nowait("no more")
        whose = f"Board.Writer['{name}']"
        assert told(await page.hears()) == [
            f"{whose}.count gets no value: {whose} ended without putting one"
        ]


def test_L4_by_hand_an_owner_that_ends_first_is_told_of_too() -> None:
    async def ends_unwritten() -> str:
        await Writer.Said("I am the writer")
        await fork(Reader, waits, "a", "changes")
        await Writer.Ask()
        return "ended"

    coroutine = Coroutine(ends_unwritten)
    coroutine.run()
    assert coroutine.run(Writer.Write(1)) == Completed("ended")
    assert [notify.word for notify in coroutine.notified] == [f"a: {GIVES_UP}"]


def test_by_hand_the_key_of_a_spindle_is_taken_as_on_a_page() -> None:
    async def forks_its_own_block() -> None:
        await Writer.Said("I am the writer")
        await fork(Writer, ends)

    assert isinstance(Coroutine(forks_its_own_block).run().error, SpindleIsLive)


# --- what is refused --------------------------------------------------------------------------


def test_a_cell_outside_a_block_is_refused() -> None:
    loose = Cell[int]()

    async def reads() -> None:
        await loose.get()

    error = Coroutine(reads).run().error
    assert isinstance(error, UsageError)
    assert str(error) == (
        "a cell belongs to the block that writes it: declare it there, "
        "class Search(Spindle): results = Cell[int]()"
    )


@under("hosted", "task")
async def test_a_cell_of_another_contract_is_refused(page: Stage) -> None:
    from tests.talk import Desk

    async def reads() -> str:
        refused = []
        for use in (Writer.count.get, Writer.count.watch, Writer.count.changes().next):
            with pytest.raises(UsageError) as error:
                await use()
            refused.append(str(error.value))
        assert len(set(refused)) == 1
        return refused[0]

    handle = page.start(Desk, reads)
    await page.settle()
    assert handle.outcome == Completed(
        "Board.Writer.count is a cell of a block that is not part of this page's contract, "
        "which has Talk.Desk, Talk.Bell"
    )


def test_an_instance_of_a_cell_is_the_same_wherever_it_comes_from() -> None:
    left = Writer.count.of("left")
    assert left is Writer.count.of("left")
    assert left.of("right") is Writer.count.of("right")
    assert left.name == "Board.Writer['left'].count"
    assert Writer.title.of("left") is not left


def test_instances_that_nobody_uses_are_forgotten() -> None:
    for number in range(1000):
        Writer.count.of(f"visitor {number}")
    assert len(Writer.count._instances or ()) < 100


@pytest.mark.parametrize("instance", [None, 3, ("a", "b")])
def test_an_instance_is_named_by_a_text(instance: object) -> None:
    with pytest.raises(UsageError, match=r"\.of\(\) takes the name of an instance, a str, not "):
        Writer.count.of(instance)  # type: ignore[arg-type]


# --- cost -------------------------------------------------------------------------------------


@under("hosted", "task", seeds=1, contract=Board)
async def test_the_end_of_a_spindle_does_not_look_at_the_cells_of_others(page: Stage) -> None:
    async def holds() -> None:
        await Writer.count.of("x").get(None)
        for number in range(2000):
            await Writer.count.of(f"w{number}").get(None)
        await Reader.Ask()

    looked = 0
    page.start(Reader, holds)
    await page.settle()

    class Counted(dict):
        def items(self):
            nonlocal looked
            looked += len(self)
            return super().items()

    page.kernel.cells = Counted(page.kernel.cells)

    async def nothing() -> None: ...

    for number in range(20):
        page.start(Writer, nothing, instance=f"w{number}")
    await page.settle()
    assert looked == 0
