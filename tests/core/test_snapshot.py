"""A page at one moment, as values: what runs, what it waits for, what it holds."""

from __future__ import annotations

from textwrap import dedent

from spindle import (
    Cell,
    Channel,
    Contract,
    Event,
    PageStatistics,
    Restart,
    Source,
    Spindle,
    Yield,
    await_any,
    cleanup,
    fiber,
    fork,
    sleep,
)
from spindle._core.kernel.snapshot import waits_of
from spindle.testing import HandPage
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, Talk, ask_once


class Board(Contract):
    class Writer(Spindle[None]):
        count = Cell[int]()

        class More(Event): ...

        class Ask(Yield[More]): ...

    class Reader(Spindle[None]):
        class Go(Event): ...

        class Wait(Yield[Go]): ...


Writer, Reader = Board.Writer, Board.Reader


@under("hand", "hosted", "task", contract=Board)
async def test_a_snapshot_is_the_same_under_every_driver(page: Stage) -> None:
    channel = Channel[int](1)

    async def writes() -> None:
        await Writer.count.put(7)
        await fiber(takes)
        await await_any(Writer.Ask(), sleep(9), channel.take())

    async def takes() -> None:
        await channel.take()

    page.start(Writer, writes)
    page.start(Reader, fails_once, policy=Restart(delay=2, jitter=0))
    await page.settle()
    page.start(Writer, writes_nothing, instance="left")
    await page.settle()
    page.resume(Writer.More(), instance="left")
    await page.advance(1)
    looked = page.page.snapshot()
    assert looked.tree == page.page.tree()
    assert looked.tree.now == 1
    assert looked.cells == {"Board.Writer.count": 7}
    assert looked.statistics == PageStatistics(
        accepted=1,
        handled=0,
        refused=0,
        dead_lettered=0,
        spindles=3,
        fibers=1,
        calls=0,
        restarts=1,
        outbox=3,
    )
    assert looked.statistics.pending == 1
    assert str(looked) == dedent(
        """\
        Board.Writer: waiting for yield 1, Board.Writer.Ask, or sleep until 9, or take from \
<channel 1 of 1, open, 0 items> (1 s)
          takes of Board.Writer: waiting for take from <channel 1 of 1, open, 0 items> (1 s)
        Board.Reader: new for its restart at 2, restarted 1 time
        Board.Writer['left']: waiting for sleep until 50 (1 s), last event More"""
    )
    writer, reader, left = looked.tree.spindles
    assert (writer.source, left.source) == (Source(Writer), Source(Writer, "left"))
    assert writer.fibers[0].source == Source(Writer)
    assert [each.since for each in (writer, reader, left)] == [0, None, 0]
    assert [each.last_event for each in (writer, reader, left)] == ["", "", "More"]
    await page.cancel("x")
    assert page.page.tree().spindles == ()


async def fails_once() -> None:
    raise LookupError("gone")


async def writes_nothing() -> None:
    await Writer.Ask()
    await sleep(50)


def test_a_snapshot_shows_mailboxes_and_cancellations() -> None:
    async def shows() -> None:
        async with cleanup(9):
            await sleep(5)

    page = HandPage(Talk)
    handle = page.start(Desk, shows)
    for number in (1, 2):
        page.resume(Desk.Queued(number))
    page.start(Desk, ask_once, instance="b")
    handle.cancel_nowait("no time")
    assert str(page.tree()).splitlines()[0] == (
        "Talk.Desk: waiting for sleep until 5, cancelled (no time), 2 events in its mailbox"
    )
    assert [each.function for each in page.tree().spindles] == ["shows", "ask_once"]


def test_a_running_spindle_waits_for_nothing() -> None:
    seen: list[str] = []

    async def looks() -> None:
        await fork(Bell, ask_nothing)
        seen.extend(str(page.tree()).splitlines())

    async def ask_nothing() -> None:
        await Bell.Wait()

    page = HandPage(Talk)
    handle = page.start(Desk, looks)
    assert seen == ["Talk.Desk: running", "Talk.Bell: new"]
    assert waits_of(handle.record) == ()
