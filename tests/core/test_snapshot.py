"""A page at one moment, as values: what runs, what it waits for, what it holds."""

from __future__ import annotations

from textwrap import dedent

import pytest
import trio
import trio.testing

from spindle import (
    Ask,
    Cell,
    Channel,
    Contract,
    Coroutine,
    Deadlock,
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
    open_coroutine,
    open_page,
    perform,
    sleep,
)
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.meanings import speaking, table
from spindle._core.kernel.record import Record
from spindle._core.kernel.snapshot import waits_of
from spindle._runtime import ontrio
from spindle.testing import HandPage, Recording
from tests.drivers import HOSTED, Stage, under
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


@HOSTED
async def test_a_wait_began_when_it_did_on_the_clock_of_the_program(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        clock = page._driver.clock
        before = clock()
        page.start(Desk, ask_once)
        page.start(Bell, sleep, 60)
        await trio.testing.wait_all_tasks_blocked()
        after = clock()
        for seen in page.tree().spindles:
            assert seen.since is not None
            assert before - 1e-5 <= seen.since <= after + 1e-5
            assert 0 <= seen.waited <= clock()


@under("hosted", "task")
async def test_a_call_in_flight_is_counted(page: Stage) -> None:
    async def both() -> None:
        await fiber(perform, trio.sleep, 5)
        await perform(trio.sleep, 3)

    page.start(Desk, both)
    await page.advance(2)
    assert page.page.statistics().calls == 2
    assert page.page.statistics().fibers == 1
    (desk,) = page.page.tree().spindles
    assert (desk.state, desk.waits, desk.since, desk.waited) == ("away", ("the call sleep",), 0, 2)
    await page.advance(2)
    assert page.page.statistics().calls == 0


@under("task")
async def test_who_awaits_trio_is_away_since_it_does(page: Stage) -> None:
    async def naps() -> None:
        await sleep(1)
        await trio.sleep(9)

    page.start(Desk, naps)
    await page.advance(3)
    assert str(page.page.tree()) == "Talk.Desk: away (2 s)"


@HOSTED
async def test_the_tree_of_a_coroutine_without_a_page(hosted: bool) -> None:
    async with open_coroutine(ask_once, hosted=hosted) as runner:
        await runner.run()
        (alone,) = runner.tree().spindles
        assert alone.waits == ("yield 1, Talk.Desk.Ask",)
        assert alone.name == "Talk.Desk"
        await runner.resume(runner.state.ask, Desk.Told("a"))
        assert runner.tree().spindles == ()


def test_the_last_event_is_that_of_who_received_it() -> None:
    async def listens() -> None:
        await fiber(takes)
        await Desk.Ask()
        await sleep(9)

    async def takes() -> None:
        await Desk.Take()
        await sleep(9)

    page = HandPage(Talk)
    page.start(Desk, listens)
    page.resume(Desk.Queued(1))
    page.resume(Desk.Told("a"), yield_id=1)
    desk = page.tree().spindles[0]
    assert (desk.last_event, desk.fibers[0].last_event) == ("Told", "Queued")


def test_the_last_event_is_told_of_one_that_took_it_from_its_mailbox() -> None:
    async def busy() -> None:
        await sleep(1)
        await Desk.Take()
        await sleep(9)

    page = HandPage(Talk)
    page.start(Desk, busy)
    page.resume(Desk.Queued(1))
    page.advance(1)
    assert page.tree().spindles[0].last_event == "Queued"


def test_the_last_event_is_told_of_a_coroutine_by_hand() -> None:
    async def stuck() -> None:
        await Desk.Ask()
        await Channel[int](1).take()

    coroutine = Coroutine(stuck)
    coroutine.run()
    with pytest.raises(Deadlock, match="last event Told"):
        coroutine.run(Desk.Told("a"))


@pytest.mark.mutant
@pytest.mark.parametrize("driver", ["hosted", "task"])
def test_a_clock_that_stands_is_found(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontrio, "ticks", lambda clock: lambda: 0.0)
    with pytest.raises(AssertionError):
        test_a_call_in_flight_is_counted(driver=driver, recording=Recording())


@pytest.mark.mutant
@pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
def test_a_yield_that_does_not_say_since_when_is_found(
    driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgets(kernel: Kernel, record: Record, asked: Ask) -> object:
        before = record.since
        value = speaking.ask(kernel, record, asked)
        record.since = before
        return value

    for kind in (Writer.Ask, Reader.Wait):
        monkeypatch.setitem(table.MEANINGS, kind, forgets)
    with pytest.raises(AssertionError):
        test_the_wait_for_an_answer_has_its_time(driver=driver, recording=Recording())


@under("hand", "hosted", "task", contract=Board)
async def test_the_wait_for_an_answer_has_its_time(page: Stage) -> None:
    async def asks() -> None:
        await sleep(1)
        await Writer.Ask()

    page.start(Writer, asks)
    await page.advance(4)
    assert page.page.tree().spindles[0].since == 1
