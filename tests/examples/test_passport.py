"""The application for a passport: by hand, with a log, and played."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from examples.passport.contract import Application, Offer, Passport, Passports, Receipt
from examples.passport.form import Form, Question
from examples.passport.office import OFFERS
from examples.passport.ports import Office
from examples.passport.spindle import apply
from spindle import Completed, Coroutine, Event, Log, OutcomeUnknown, Suspended, use
from spindle.testing import Transcript
from spindle.testing.properties import PlayedPage, play
from tests.examples.applicant import BORN, EXPRESS, NORMAL, RECEIPT, RENEWED, TODAY
from tests.examples.program import ROOT

ANSWERS: Sequence[Event] = (
    Passport.NameGiven("Ada"),
    Passport.BirthGiven(BORN),
    Passport.HeightGiven(168),
    Passport.BeforeGiven("renewal"),
    Passport.OldGiven("K12345678"),
    Passport.SpeedGiven("express"),
)


class Desk(Office):
    """An office without a file: what it took is in a list."""

    def __init__(self) -> None:
        self.prices: tuple[Offer, ...] = OFFERS
        self.taken: list[Application] = []

    async def today(self) -> date:
        return TODAY

    async def issued(self, number: str) -> bool:
        return number == "K12345678"

    async def offers(self) -> tuple[Offer, ...]:
        return self.prices

    async def submit(self, application: Application) -> Receipt | None:
        if all(application.price != each.price for each in self.prices):
            return None
        self.taken.append(application)
        return RECEIPT

    async def received(self, application: Application) -> Receipt | None:
        return RECEIPT if application in self.taken else None


def filled_up_to(question: Question) -> Form:
    """A form in which everything before the question is answered."""
    done = RENEWED.done[: RENEWED.done.index(question)]
    return replace(Form(), done=done, **{each: getattr(RENEWED, each) for each in done})


# --- by hand --------------------------------------------------------------------------------------


def test_who_renews_a_passport_is_asked_for_its_number() -> None:
    with Transcript(apply, Form()) as run:
        form = Form()
        run.expect(Passport.AskName(form)).answer(Passport.NameGiven(" Ada "))
        form = form.answered(name="Ada")
        run.expect(Passport.AskBirth(form)).answer(Passport.BirthGiven(BORN))
        run.expect_call(Office.today).returns(TODAY)
        form = form.answered(born=BORN)
        run.expect(Passport.AskHeight(form)).answer(Passport.HeightGiven(168))
        form = form.answered(height=168)
        run.expect(Passport.AskBefore(form)).answer(Passport.BeforeGiven("renewal"))
        form = form.answered(before="renewal")
        run.expect(Passport.AskOld(form)).answer(Passport.OldGiven("k12345678 "))
        run.expect_call(Office.issued, "K12345678").returns(True)
        form = form.answered(old="K12345678")
        run.expect_call(Office.offers).returns(OFFERS)
        run.expect(Passport.AskSpeed(form, OFFERS)).answer(Passport.SpeedGiven("express"))
        run.expect_call(Office.offers).returns(OFFERS)
        run.expect(Passport.Review(RENEWED, EXPRESS)).answer(Passport.Sent())
        run.expect_call(Office.submit, Application(RENEWED, 8400)).returns(RECEIPT)
        run.expect_returned(RECEIPT)


def test_who_has_none_at_hand_is_asked_for_no_number() -> None:
    for before in ("first", "lost"):
        form = filled_up_to("before")
        run = Transcript(apply, form, provide={Office: Desk()})
        run.expect(Passport.AskBefore(form)).answer(Passport.BeforeGiven(before))
        run.expect(Passport.AskSpeed(form.answered(before=before), OFFERS))


@pytest.mark.parametrize(
    ("born", "problem"),
    [
        (date(2025, 3, 2), "This day is still to come."),
        (date(90, 12, 10), "Is this the right year?"),
        (TODAY, ""),
    ],
)
def test_a_day_of_birth_that_cannot_be_is_asked_for_again(born: date, problem: str) -> None:
    form = filled_up_to("born")
    run = Transcript(apply, form, provide={Office: Desk()})
    run.expect(Passport.AskBirth(form)).answer(Passport.BirthGiven(born))
    if problem:
        run.expect(Passport.AskBirth(form.refused(problem, born=born)))
    else:
        run.expect(Passport.AskHeight(form.answered(born=born)))


def test_a_number_that_nobody_issued_stays_to_be_mended() -> None:
    form = filled_up_to("old")
    run = Transcript(apply, form, provide={Office: Desk()})
    run.expect(Passport.AskOld(form)).answer(Passport.OldGiven("K00000000"))
    wrong = form.refused("There is no passport K00000000.", old="K00000000")
    run.expect(Passport.AskOld(wrong)).answer(Passport.OldGiven("K12345678"))
    run.expect(Passport.AskSpeed(form.answered(old="K12345678"), OFFERS))


def test_the_way_back_leads_past_a_question_that_was_not_asked() -> None:
    form = filled_up_to("before").answered(before="first", speed="normal")
    run = Transcript(apply, form, provide={Office: Desk()})
    run.expect(Passport.Review(form, NORMAL)).answer(Passport.Back())
    run.expect(Passport.AskSpeed(form.again("speed"), OFFERS)).answer(Passport.Back())
    form = form.again("speed").again("before")
    assert (form.before, form.speed) == ("first", "normal")
    run.expect(Passport.AskBefore(form)).answer(Passport.Back())
    run.expect(Passport.AskHeight(form.again("height")))


def test_each_answer_can_be_changed_at_the_review() -> None:
    changed: Sequence[Event] = (
        Passport.NameGiven("Eve"),
        Passport.BirthGiven(TODAY),
        Passport.HeightGiven(50),
        Passport.BeforeGiven("lost"),
        Passport.OldGiven("K12345678"),
        Passport.SpeedGiven("normal"),
    )
    for question, event in zip(RENEWED.done, changed, strict=True):
        run = Coroutine(apply, RENEWED, provide={Office: Desk()})
        assert run.run() == Suspended(Passport.Review(RENEWED, EXPRESS))
        asked = run.run(Passport.Change(question))
        assert isinstance(asked, Suspended)
        assert asked.ask.form == RENEWED.again(question)
        review = run.run(event)
        assert isinstance(review, Suspended)
        assert isinstance(review.ask, Passport.Review), "nothing else is asked again"
        answer = getattr(review.ask.form, question)
        assert answer == getattr(event, "number" if question == "old" else question)


def test_a_question_that_is_not_asked_cannot_be_changed() -> None:
    form = filled_up_to("before").answered(before="first", speed="normal")
    run = Transcript(apply, form, provide={Office: Desk()})
    run.expect(Passport.Review(form, NORMAL)).answer(Passport.Change("old"))
    run.expect(Passport.Review(form, NORMAL))


def test_a_price_that_has_changed_meanwhile_is_shown_before_it_is_asked_for() -> None:
    desk = Desk()
    run = Transcript(apply, RENEWED, provide={Office: desk})
    desk.prices = (NORMAL, Offer("express", 3, 9900))
    run.expect(Passport.Review(RENEWED, EXPRESS)).answer(Passport.Sent())
    told = RENEWED.refused("The price has changed. Please look at it once more.")
    run.expect(Passport.Review(told, desk.prices[1])).answer(Passport.Sent())
    run.expect_returned(RECEIPT)
    assert desk.taken == [Application(RENEWED, 9900)], "nothing is sent of what was wrong"


# --- when the server has stopped ------------------------------------------------------------------


def test_it_goes_on_at_each_question_in_another_process() -> None:
    desk, log = Desk(), Log()
    run = Coroutine(apply, Form(), provide={Office: desk}, log=log)
    _ = run.run()
    for event in (*ANSWERS, Passport.Sent()):
        resumed = Coroutine.resume(apply, Log.load(log.dump()), provide={Office: desk})
        assert resumed.state == run.state
        log = Log.load(log.dump())
        run = Coroutine.resume(apply, log, provide={Office: desk})
        _ = run.run(event)
    assert run.state == Completed(RECEIPT)
    assert desk.taken == [Application(RENEWED, 8400)]


def test_its_log_is_as_short_after_a_thousand_changes() -> None:
    log = Log()
    run = Coroutine(apply, RENEWED, provide={Office: Desk()}, log=log)
    _ = run.run()
    lengths = list[int]()
    for _ in range(1000):
        _ = run.run(Passport.Change("height"))
        _ = run.run(Passport.HeightGiven(168))
        lengths.append(len(log.dump()))
    assert run.state == Suspended(Passport.Review(RENEWED, EXPRESS))
    assert max(lengths) < 560


@pytest.mark.parametrize("arrived", [True, False])
def test_an_application_that_was_on_its_way_is_not_sent_twice(arrived: bool) -> None:
    desk, log = Desk(), Log()
    run = Coroutine(apply, RENEWED, provide={Office: desk}, log=log)
    _ = run.run()
    assert run.run(Passport.Sent()) == Completed(RECEIPT)
    del log.frames[-1]  # as if the server had stopped before the office's answer came
    if not arrived:
        desk.taken.clear()
    after = Coroutine.resume(apply, Log.load(log.dump()), provide={Office: desk})
    if arrived:
        assert after.state == Completed(RECEIPT)
    else:
        told = RENEWED.refused("Your application did not arrive. Please send it once more.")
        assert after.state == Suspended(Passport.Review(told, EXPRESS))
    assert len(desk.taken) == arrived


# --- conversations that nobody thought of ---------------------------------------------------------


def backend() -> dict[type, object]:
    return {Office: Desk()}


def sent_once(page: PlayedPage) -> None:
    assert len(page.given(Desk).taken) <= 1


def complete(page: PlayedPage) -> None:
    for form in (each.form for each in page.given(Desk).taken):
        assert form.step == "review"
        assert form.name.strip()
        assert form.born is not None
        assert form.born <= TODAY
        assert form.before != "renewal" or form.old == "K12345678"


LOST = {Office.submit: [OutcomeUnknown("the server has stopped")]}
PLAYED: dict[str, Any] = {
    "provide": backend,
    "invariants": [sent_once, complete],
    "failures": LOST,
    "lost": LOST,
    "overrides": {
        "Passports.Passport.OldGiven.number": st.sampled_from(["K12345678", "K00000000"]),
    },
}


@play(Passports, **PLAYED)
def test_what_is_sent_is_complete_and_sent_once(page: PlayedPage) -> None:
    page.start(Passport, apply, Form())


@play(Passports, **PLAYED)
def test_who_is_at_the_review_already_sends_it_once(page: PlayedPage) -> None:
    page.start(Passport, apply, RENEWED)


async def sends_again(form: Form, price: int) -> Receipt | str:
    office = await use(Office)
    try:
        taken = await office.submit(Application(form, price))
    except OutcomeUnknown:
        taken = await office.submit(Application(form, price))
    return taken or "The price has changed."


def test_who_sends_again_what_may_have_arrived_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("examples.passport.spindle.send", sends_again)

    @play(Passports, **PLAYED, settings=settings(derandomize=True, database=None))
    def careless(page: PlayedPage) -> None:
        page.start(Passport, apply, RENEWED)

    with pytest.raises(AssertionError) as found:
        careless()
    assert "page.fail_next(Office.submit," in "\n".join(found.value.__notes__)


@pytest.mark.parametrize("name", ["form", "ports", "spindle", "app"])
def test_the_documentation_shows_it_as_it_is(name: str) -> None:
    text = (ROOT / f"examples/passport/{name}.py").read_text(encoding="utf-8")
    assert f"```python\n{text}```" in (ROOT / "docs/wizard.md").read_text(encoding="utf-8")
