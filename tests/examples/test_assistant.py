"""The assistant's conversations, by hand: hours pass in microseconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from examples.assistant.contract import Assistant, Chat
from examples.assistant.ports import Model, ModelUnavailable, Trains
from examples.assistant.script import ScriptedModel
from examples.assistant.spindle import HELD_FOR, HOUR, converse
from examples.assistant.talk import Book, Done, Said, Turn, Words
from examples.assistant.timetable import TRAINS, Timetable
from spindle import Ask, Coroutine, Log, Notified, Notify, Settlement, Suspended
from spindle.testing import Fake, HandPage

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


def asked_for_approval(provide: dict[type, object]) -> tuple[Coroutine[None], Log]:
    log = Log()
    talk = Coroutine(converse, provide=provide, log=log)
    talk.run()
    talk.run(TO_ULM)
    (ask,) = (each for _, each in talk.pending() if isinstance(each, Chat.AskWhich))
    talk.run(Chat.Chosen(ICE.number), to=ask)
    return talk, log


def test_an_approval_outlives_the_process_that_asked_for_it(trains: Timetable) -> None:
    provide: dict[type, object] = {Model: ScriptedModel(TRAINS), Trains: trains}
    before, log = asked_for_approval(provide)
    before.advance(3 * HOUR)
    after = Coroutine.resume(converse, Log.load(log.dump()), provide=provide)
    assert after.pending() == before.pending()
    assert (after.state, after.now) == (before.state, 3 * HOUR)
    (approval,) = (each for _, each in after.pending() if isinstance(each, Chat.AskApproval))
    assert trains.held == {approval.seat}, "it was held once"
    after.advance(HOUR)
    assert after.notified[-1] == Chat.Reminded(4)
    assert isinstance(after.run(Chat.Decided(yes=True), to=approval), Suspended)
    (ticket,) = trains.sold
    assert ticket.seat == approval.seat
    assert Chat.Bought(ticket) in after.notified
    for each in before, after:
        each.cancel("the test is over")
    assert (trains.sold, trains.held) == ([ticket], set())


def test_a_seat_is_held_no_longer_for_a_restart(trains: Timetable) -> None:
    provide: dict[type, object] = {Model: ScriptedModel(TRAINS), Trains: trains}
    before, log = asked_for_approval(provide)
    before.advance(3 * HOUR)
    after = Coroutine.resume(converse, Log.load(log.dump()), provide=provide)
    after.advance(HELD_FOR - 3 * HOUR - 1)
    assert len(trains.held) == 1
    after.advance(1)
    assert trains.held == set()
    for each in before, after:
        each.cancel("the test is over")
