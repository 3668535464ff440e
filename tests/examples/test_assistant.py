"""The assistant's conversations, by hand: hours pass in microseconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from examples.assistant.contract import Assistant, Chat
from examples.assistant.ports import Model, ModelUnavailable, Trains
from examples.assistant.script import ScriptedModel
from examples.assistant.spindle import HELD_FOR, HOUR, converse
from examples.assistant.talk import Book, Done, Piece, Said, Seat, Ticket, Turn, Words
from examples.assistant.timetable import TRAINS, Timetable
from spindle import Ask, Notified, Notify, PageMachine, Sent, Settlement, Yielded, open_page
from spindle.testing import Fake, HandPage
from spindle.testing.laboratory import Trial, explore
from tests.drivers import HOSTED

ROOT = Path(__file__).parents[2]
ULM = tuple(train for train in TRAINS if train.to == "Ulm")
ICE = ULM[1]
TO_ULM = Chat.Asked("A train to Ulm, please")


class Talk:
    """A page with the conversation, and what its visitor has seen of it."""

    def __init__(self, trains: Trains, model: Model) -> None:
        self.page = HandPage(Assistant, provide={Model: model, Trains: trains})
        self.page.start(Chat, converse)
        self._news: list[Notify] = []

    @property
    def news(self) -> list[Notify]:
        told = (message for _, message in self.page.sent())
        self._news += [each.notify for each in told if isinstance(each, Notified)]
        return self._news

    @property
    def written(self) -> str:
        return "".join(each.text for each in self.news if isinstance(each, Chat.Wrote))

    @property
    def asks(self) -> list[Ask]:
        return [ask for _, ask in self.page.pending()]

    @property
    def remembered(self) -> tuple[Turn, ...]:
        return self.page.get(Chat.talk)

    def up_to_approval(self) -> None:
        self.page.resume(TO_ULM)
        self.page.resume(Chat.Chosen(ICE.number))


@pytest.fixture
def trains() -> Timetable:
    return Timetable(seats=1)


@pytest.fixture
def talk(trains: Timetable) -> Iterator[Talk]:
    talk = Talk(trains, ScriptedModel(TRAINS))
    with talk.page:
        yield talk
    assert trains.held == set()
    assert sum(trains.free.values()) + len(trains.sold) == len(TRAINS)


def test_an_answer_comes_in_pieces(talk: Talk) -> None:
    talk.page.resume(Chat.Asked("Hello"))
    first, *pieces, last = talk.news
    assert first == Chat.Heard("Hello")
    assert pieces[:3] == [Chat.Wrote("I "), Chat.Wrote("can "), Chat.Wrote("find ")]
    assert talk.written.endswith("I know these towns: Bremen, Jena, Ulm. ")
    assert last == Chat.Ended()
    assert talk.asks == [Chat.Listening()]


def test_a_question_in_the_middle_of_an_answer(talk: Talk) -> None:
    talk.page.resume(TO_ULM)
    assert talk.written == "Let me see. There are 3 trains to Ulm tomorrow morning. "
    assert talk.asks == [Chat.Listening(), Chat.AskWhich(ULM)]
    talk.page.resume(Chat.Chosen(ICE.number))
    assert talk.written.endswith("and buy it if you approve. ")
    assert isinstance(talk.asks[1], Chat.AskApproval)


def test_a_train_that_was_not_offered_is_asked_for_again(talk: Talk, trains: Timetable) -> None:
    talk.page.resume(TO_ULM)
    talk.page.resume(Chat.Chosen("ICE 1"))
    talk.page.resume(Chat.Chosen("RE 12"))  # there is one, but it goes to Bremen
    assert talk.asks == [Chat.Listening(), Chat.AskWhich(ULM)]
    assert trains.held == set()


def test_an_approval_seven_hours_later(talk: Talk, trains: Timetable) -> None:
    talk.up_to_approval()
    assert len(trains.held) == 1
    talk.page.advance(7 * HOUR)
    assert [each.hours for each in talk.news if isinstance(each, Chat.Reminded)] == [*range(1, 8)]
    receipt = talk.page.resume(Chat.Decided(yes=True))
    assert receipt.settlement is Settlement.HANDLED
    (ticket,) = trains.sold
    assert Chat.Bought(ticket) in talk.news
    assert talk.written.endswith("Have a good journey! ")
    assert talk.news[-1] == Chat.Ended()
    talk.page.advance(2 * HOUR)
    assert talk.news[-1] == Chat.Ended(), "nobody is reminded any more"


def test_nothing_is_bought_without_an_approval(talk: Talk, trains: Timetable) -> None:
    talk.up_to_approval()
    talk.page.resume(Chat.Decided(yes=False))
    assert "I have bought nothing: you did not want it." in talk.written
    assert (trains.sold, trains.held) == ([], set())


def test_after_eight_hours_the_seat_is_free_again(talk: Talk, trains: Timetable) -> None:
    talk.up_to_approval()
    talk.page.advance(HELD_FOR - 1)
    assert len(trains.held) == 1
    talk.page.advance(1)
    assert (trains.sold, trains.held) == ([], set())
    assert "nobody approved it in time" in talk.written
    late = talk.page.resume(Chat.Decided(yes=True))
    assert late.settlement is Settlement.REFUSED


def test_a_train_that_is_full(talk: Talk, trains: Timetable) -> None:
    trains.free[ICE.number] = 0
    talk.up_to_approval()
    assert "I have bought nothing: the train is full." in talk.written
    trains.free[ICE.number] = 1


STATES = {
    "listening": (),
    "which train": (TO_ULM,),
    "approval": (TO_ULM, Chat.Chosen(ICE.number)),
    "told": (TO_ULM, Chat.Chosen(ICE.number), Chat.Decided(yes=False)),
}


@pytest.mark.parametrize("state", STATES)
def test_stopped_in_every_state(talk: Talk, state: str, trains: Timetable) -> None:
    for event in STATES[state]:
        talk.page.resume(event)
    running = len(talk.asks) == 2
    receipt = talk.page.resume(Chat.Stopped())
    assert receipt.settlement is Settlement.HANDLED
    assert talk.asks == [Chat.Listening()]
    assert trains.held == set()
    assert (Chat.Ended("Stopped.") in talk.news) is running
    talk.page.resume(Chat.Asked("Thank you"))
    assert talk.news[-1] == Chat.Ended(), "it answers the next one"


@pytest.mark.parametrize("state", STATES)
def test_left_in_every_state(talk: Talk, state: str, trains: Timetable) -> None:
    for event in STATES[state]:
        talk.page.resume(event)
    talk.page.cancel("the tab was closed")
    assert talk.page.ended
    assert (trains.held, trains.sold) == (set(), [])


def test_another_message_stops_the_answer_and_is_answered(talk: Talk, trains: Timetable) -> None:
    talk.up_to_approval()
    talk.page.resume(Chat.Asked("No, to Jena"))
    assert trains.held == set()
    told = [each for each in talk.news if isinstance(each, Chat.Heard | Chat.Ended)]
    assert told[-2:] == [Chat.Ended("Stopped."), Chat.Heard("No, to Jena")]
    assert talk.asks == [Chat.Listening(), Chat.AskWhich(TRAINS[2:4])]


def test_what_was_said_of_an_answer_that_was_stopped_is_remembered(talk: Talk) -> None:
    talk.up_to_approval()
    talk.page.resume(Chat.Stopped())
    assert talk.remembered[0] == Said(TO_ULM.text)
    assert talk.remembered[-1] == Book(ICE)
    talk.page.resume(Chat.Asked("Hello"))
    assert talk.remembered[-1] == Words("Ulm. ")


def test_a_model_that_cannot_be_reached(trains: Timetable) -> None:
    model = Fake(Model).when(Model.next).returns(Words("Let "))
    model.when(Model.next).raises(ModelUnavailable())
    model.when(Model.next).returns(Done())
    talk = Talk(trains, model)
    talk.page.resume(TO_ULM)
    assert talk.news[1] == Chat.Wrote("Let ")
    assert talk.news[-1] == Chat.Ended("The assistant cannot be reached. Please ask again later.")
    talk.page.resume(TO_ULM)
    assert talk.news[-1] == Chat.Ended()
    assert model.calls[-1] == ("next", ((Said(TO_ULM.text), Words("Let "), Said(TO_ULM.text)),))
    talk.page.cancel()


# --- on trio: what cannot happen by hand, where calls take no time --------------------------------


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


@pytest.mark.search
@explore(runs=300)
async def test_E8_cancelled_at_any_moment_no_seat_is_held_for_nobody(trial: Trial) -> None:
    trains = Timetable()
    trial.at_end(lambda: trains.held == set())
    provide = {Model: ScriptedModel(TRAINS, pace=0.1), Trains: trains}
    async with open_page(Assistant, provide=provide) as page:
        page.start(Chat, converse)
        for event in (TO_ULM, Chat.Chosen(ICE.number), Chat.Decided(yes=True), Chat.Stopped()):
            page.resume(event)
            await trio.sleep(5)


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
