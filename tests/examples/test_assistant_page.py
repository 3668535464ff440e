"""The assistant on trio: what cannot happen by hand, where calls take no time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from examples.assistant.contract import Assistant, Chat
from examples.assistant.ports import Model, Trains
from examples.assistant.script import ScriptedModel
from examples.assistant.spindle import HOUR, converse
from examples.assistant.talk import Piece, Seat, Ticket, Turn, Words
from examples.assistant.timetable import TRAINS, Timetable
from spindle import Notified, PageMachine, Sent, Settlement, Yielded, open_page
from spindle.testing.laboratory import Trial, Violation, search
from tests.drivers import HOSTED

ROOT = Path(__file__).parents[2]
ICE = next(train for train in TRAINS if train.leaves == "8:04")
TO_ULM = Chat.Asked("A train to Ulm, please")


class Slow(Timetable, ScriptedModel):
    """A payment, and the words of an answer, wait for the test."""

    def __init__(self) -> None:
        Timetable.__init__(self)
        ScriptedModel.__init__(self, TRAINS)
        self.asked = trio.Event()
        self.door = trio.Event()
        self.cut = 0

    async def buy(self, seat: Seat) -> Ticket:
        await self._wait()
        return await super().buy(seat)

    async def next(self, talk: tuple[Turn, ...]) -> Piece:
        if talk[-1] == Words("see. "):
            await self._wait()
        return await super().next(talk)

    async def _wait(self) -> None:
        self.asked.set()
        try:
            await self.door.wait()
        except trio.Cancelled:
            self.cut += 1
            raise


@pytest.fixture
def slow() -> Slow:
    return Slow()


@asynccontextmanager
async def conversation(slow: Slow, hosted: bool) -> AsyncIterator[tuple[PageMachine, list[Sent]]]:
    """A page whose messages are all read, into a list."""
    sent: list[Sent] = []

    async def read(page: PageMachine) -> None:
        async for _, message in page.outbox:
            sent.append(message)

    provide = {Model: slow, Trains: slow}
    async with (
        open_page(Assistant, provide=provide, hosted=hosted) as page,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(read, page)
        page.start(Chat, converse)
        yield page, sent
        await page.cancel("the test is over")
    assert slow.held == set()


@HOSTED
async def test_stopped_while_the_model_thinks_the_call_is_cut(slow: Slow, hosted: bool) -> None:
    async with conversation(slow, hosted) as (page, sent):
        page.resume(TO_ULM)
        await slow.asked.wait()
        receipt = page.resume(Chat.Stopped())
        assert await receipt.settled() is Settlement.HANDLED
        await wait_all_tasks_blocked()
        assert slow.cut == 1
        assert sent[-2:] == [Notified(Chat.Ended("Stopped.")), Yielded(Chat.Listening())]


@HOSTED
async def test_stopped_while_it_is_paid_the_ticket_is_told(slow: Slow, hosted: bool) -> None:
    async with conversation(slow, hosted) as (page, sent):
        await up_to_payment(page, slow)
        receipt = page.resume(Chat.Stopped())
        await wait_all_tasks_blocked()
        assert receipt.settlement is None, "the payment is under way"
        slow.door.set()
        assert await receipt.settled() is Settlement.HANDLED
        await wait_all_tasks_blocked()
        (ticket,) = slow.sold
        told = [Chat.Bought(ticket), Chat.Ended("Stopped.")]
        assert sent[-3:] == [*map(Notified, told), Yielded(Chat.Listening())]


@HOSTED
async def test_left_while_it_is_paid_the_payment_is_brought_to_its_end(
    slow: Slow, hosted: bool
) -> None:
    async with conversation(slow, hosted) as (page, _):
        await up_to_payment(page, slow)
        page.cancel_nowait("the tab was closed")
        await wait_all_tasks_blocked()
        assert not page.ended
        slow.door.set()
        await page.wait()
    assert (len(slow.sold), slow.cut) == (1, 0)


@HOSTED
async def test_an_approval_five_hours_later_on_trio(
    slow: Slow, hosted: bool, autojump_clock: MockClock
) -> None:
    slow.door.set()
    async with conversation(slow, hosted) as (page, sent):
        page.resume(TO_ULM)
        await wait_all_tasks_blocked()
        page.resume(Chat.Chosen(ICE.number))
        await trio.sleep(5 * HOUR + 1)
        page.resume(Chat.Decided(yes=True))
        await wait_all_tasks_blocked()
        assert Notified(Chat.Reminded(5)) in sent
        assert Notified(Chat.Bought(slow.sold[0])) in sent


def a_ticket_is_bought(railway: type[Timetable]) -> Callable[[Trial], Awaitable[None]]:
    async def scenario(trial: Trial) -> None:
        trains = railway()
        trial.at_end(lambda: trains.held == set())
        provide = {Model: ScriptedModel(TRAINS, pace=0.1), Trains: trains}
        async with open_page(Assistant, provide=provide) as page:
            page.start(Chat, converse)
            for event in (TO_ULM, Chat.Chosen(ICE.number), Chat.Decided(yes=True), Chat.Stopped()):
                page.resume(event)
                await trio.sleep(5)

    return scenario


@pytest.mark.search
def test_E8_cancelled_at_any_moment_no_seat_is_held_for_nobody() -> None:
    assert search(a_ticket_is_bought(Timetable), runs=300).total == 300


@pytest.mark.search
def test_E8_a_seat_that_is_held_for_nobody_is_found() -> None:
    class Forgets(Timetable):
        async def release(self, seat: Seat) -> None: ...

    with pytest.raises(Violation, match="at-end"):
        search(a_ticket_is_bought(Forgets), runs=300)


async def up_to_payment(page: PageMachine, slow: Slow) -> None:
    slow.door.set()
    page.resume(TO_ULM)
    await wait_all_tasks_blocked()
    page.resume(Chat.Chosen(ICE.number))
    await wait_all_tasks_blocked()
    slow.asked, slow.door = trio.Event(), trio.Event()
    page.resume(Chat.Decided(yes=True))
    await slow.asked.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_program_serves_until_ctrl_c() -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "examples.assistant"],
        cwd=ROOT,
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        try:
            assert program.stdout is not None
            with urlopen(program.stdout.readline().strip(), timeout=10) as response:
                assert "Where would you like to go" in response.read().decode()
            program.send_signal(signal.SIGINT)
            said, complained = program.communicate(timeout=10)
        finally:
            program.kill()
    assert (program.returncode, said, complained) == (0, "", "")
