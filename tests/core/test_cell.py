"""Cells: one spindle writes, any reads; the value belongs to the key."""

from __future__ import annotations

from inspect import signature

import pytest

from spindle import (
    Cell,
    CellEmpty,
    Change,
    Completed,
    Coroutine,
    NotOwner,
    Restart,
    Spindle,
    UsageError,
    fiber,
    fork,
)
from tests.board import Board, Reader, Writer, told, writes
from tests.drivers import Stage, under


def watchers(page: Stage, cell: Cell) -> int:
    """How many channels and waits are registered with a cell."""
    state = (page.kernel.cells or {}).get(cell)
    return 0 if state is None else len(state.waiting) + len(state.watchers)


# --- read and write -------------------------------------------------------------------------------


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


# --- who writes -----------------------------------------------------------------------------------


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


# --- what is refused ------------------------------------------------------------------------------


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


def test_a_cell_that_another_block_names_too_stays_the_cell_of_the_first() -> None:
    class Copy(Spindle[None]):
        tally = Writer.count

    assert Copy.tally is Writer.count
    assert (Copy.tally.block, Copy.tally.name) == (Writer, "Board.Writer.count")


def test_the_signature_of_get_shows_that_there_is_no_default() -> None:
    assert str(signature(Cell.get)).startswith("(self, default: 'object' = NO_DEFAULT, /)")


def test_instances_that_nobody_uses_are_forgotten() -> None:
    for number in range(1000):
        Writer.count.of(f"visitor {number}")
    assert len(Writer.count._instances or ()) < 100


@pytest.mark.parametrize("instance", [None, 3, ("a", "b")])
def test_an_instance_is_named_by_a_text(instance: object) -> None:
    with pytest.raises(UsageError, match=r"\.of\(\) takes the name of an instance, a str, not "):
        Writer.count.of(instance)  # type: ignore[arg-type]


# --- cost -----------------------------------------------------------------------------------------


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
