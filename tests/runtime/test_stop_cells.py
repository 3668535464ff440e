"""A page that is stopped, where somebody waits for the first value of a cell."""

from __future__ import annotations

from contextlib import suppress

from spindle import Abandoned, Cancelled, Completed, Origin, PageClosing
from tests.board import Board
from tests.drivers import Stage, under

STOPPED = Cancelled("update", Origin.STOPPED)


@under("hand", "hosted", "task", contract=Board)
async def test_E10_who_waits_for_a_cell_makes_way_with_its_spindle(page: Stage) -> None:
    async def follows() -> None:
        await Board.Writer.count.changes().next()

    async def watches() -> None:
        await (await Board.Writer.count.watch()).take()

    async def asks() -> None:
        await Board.Writer.Ask()

    page.start(Board.Writer, asks)
    handles = [
        page.start(Board.Reader, each, instance=each.__name__) for each in (follows, watches)
    ]
    await page.settle()
    page.said()
    await page.stop("update", 30)
    assert page.said() == [
        "Writer withdraws Ask() #1",
        "Writer was cancelled: update (stopped)",
        "Reader[follows] was cancelled: update (stopped)",
        "Reader[watches] was cancelled: update (stopped)",
    ]
    assert [each.outcome for each in handles] == [STOPPED, STOPPED]


@under("hand", "hosted", "task", contract=Board)
async def test_E10_who_waits_for_a_cell_learns_of_a_failure_all_the_same(page: Stage) -> None:
    async def fails() -> None:
        raise LookupError("long before")

    async def reads() -> str:
        with suppress(PageClosing):
            await Board.Reader.Ask()
        try:
            return str(await Board.Writer.count.changes().next())
        except Abandoned:
            return "nothing, and saved"

    page.start(Board.Writer, fails)
    handle = page.start(Board.Reader, reads)
    await page.settle()
    await page.stop("update", 30)
    assert handle.outcome == Completed("nothing, and saved")
