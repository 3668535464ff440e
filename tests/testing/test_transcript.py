"""Tests of spindles that read as the conversation they demand."""

from __future__ import annotations

from textwrap import dedent

import pytest

from spindle import Cancelled, Completed, NotProvided, UsageError, cleanup, perform, use
from spindle.testing import Fake, Transcript
from tests.talk import Clerk, Desk, Echo, ask_once, ask_twice


async def nothing() -> None: ...


async def sells(what: str) -> str:
    clerk = await use(Clerk)
    await Desk.Said(await clerk.look(what))
    try:
        word = (await Desk.Ask(1)).word
        await Desk.Said(word)
        await Desk.Said("twice")
        return await clerk.pay(3, currency=word)
    finally:
        async with cleanup(1):
            await clerk.note("bye")


def test_a_conversation_as_it_is_demanded() -> None:
    clerk = Echo()
    run = Transcript(sells, "tea", provide={Clerk: clerk})
    run.expect_notified(Desk.Said("seen tea"))
    run.expect(Desk.Ask(1)).answer(Desk.Told("USD"))
    run.expect_notified(Desk.Said("USD"), Desk.Said("twice"))
    assert run.result == "3 USD"
    assert clerk.noted == ["bye"]


def failure(step) -> str:
    with pytest.raises(AssertionError) as failed:
        step()
    return str(failed.value)


def test_another_question_fails_with_the_conversation() -> None:
    run = Transcript(ask_twice)
    run.expect(Desk.Ask(1)).answer(Desk.Told("a"))
    assert failure(lambda: run.expect(Desk.Ask(3))) == dedent(
        """\
        the conversation went another way
        expected: Ask(number=3) to be asked
             was: Suspended(ask=Ask(number=2))

        spindle                  started as ask_twice()
        Desk                     -> Ask(number=1)   (yield 1)
        view                     <- Told(word='a')   (for yield 1)
        Desk                     -> Ask(number=2)   (yield 2)"""
    )


def test_a_wrong_answer_fails_with_the_conversation() -> None:
    run = Transcript(ask_once)
    expected = run.expect(Desk.Ask())
    message = failure(lambda: expected.answer(Desk.Queued(1)))
    assert message.startswith(
        "Talk.Desk asks Talk.Desk.Ask, which takes Talk.Desk.Told; run() brought Talk.Desk.Queued"
    )
    assert "(yield 1)" in message
    assert "the class Talk.Desk.Told, not an instance" in failure(
        lambda: expected.answer(Desk.Told)
    )
    expected.answer(Desk.Told("still open"))
    assert run.result == "still open"


def test_a_question_is_answered_once() -> None:
    run = Transcript(ask_twice)
    expected = run.expect(Desk.Ask(1))
    expected.answer(Desk.Told("a"))
    message = failure(lambda: expected.answer(Desk.Told("again")))
    assert "expected: Ask(number=1) to be still unanswered" in message
    run.expect(Desk.Ask(2)).answer(Desk.Told("b"))
    assert run.result == ("a", "b")


def test_another_end_fails_with_the_conversation() -> None:
    run = Transcript(ask_once)
    assert "expected: it to have returned\n     was: Suspended(" in failure(lambda: run.result)
    run.expect(Desk.Ask()).answer(Desk.Told("a"))
    assert "     was: Completed(value='a')" in failure(lambda: run.expect(Desk.Ask()))


def test_an_error_of_the_spindles_is_the_cause() -> None:
    error = LookupError("gone")

    async def fails() -> None:
        raise error

    run = Transcript(fails)
    with pytest.raises(AssertionError, match="was: Errored") as failed:
        _ = run.result
    assert failed.value.__cause__ is error


def test_another_notification_fails_with_the_conversation() -> None:
    run = Transcript(sells, "tea", provide={Clerk: Echo()})
    assert ("expected: notified [Said(word='no')], not [Said(word='seen tea')]\n") in failure(
        lambda: run.expect_notified(Desk.Said("no"))
    )
    assert "expected: notified [], not [" in failure(run.expect_notified)


def test_a_transcript_can_be_cancelled() -> None:
    clerk = Echo()
    run = Transcript(sells, "tea", provide={Clerk: clerk})
    assert run.cancel("closing time") == Cancelled("closing time")
    assert clerk.noted == ["bye"]
    assert "was: Cancelled(reason='closing time'" in failure(lambda: run.result)
    assert run.conversation.splitlines()[-1].endswith("-> cancelled: closing time")


def test_a_transcript_may_be_cancelled_after_its_end() -> None:
    run = Transcript(nothing)
    assert run.cancel() == Completed(None)
    assert run.result is None


def test_slips_when_it_is_made() -> None:
    with pytest.raises(UsageError, match="not a coroutine object"):
        Transcript(ask_once())
    with pytest.raises(NotProvided):
        Transcript(sells, "tea", provide={Clerk: 3})


def test_a_hostile_error_does_not_hide_the_conversation() -> None:
    class Unspeakable(Exception):
        def __repr__(self) -> str:
            raise ValueError("no repr")

        __str__ = __repr__

    async def fails() -> None:
        await Desk.Said("before")
        await perform(nothing)
        raise Unspeakable

    run = Transcript(fails)
    message = failure(lambda: run.expect(Desk.Ask()))
    assert "was: <Errored, whose repr fails>" in message
    assert "failed: <Unspeakable, whose repr fails>" in message


def test_a_fake_answers_from_its_script_in_a_transcript() -> None:
    clerk = (
        Fake(Clerk)
        .when(Clerk.look)
        .returns("found")
        .when(Clerk.pay)
        .returns("paid")
        .when(Clerk.note)
        .returns(None)
    )
    run = Transcript(sells, "tea", provide={Clerk: clerk})
    run.expect_notified(Desk.Said("found"))
    run.expect(Desk.Ask()).answer(Desk.Told("EUR"))
    assert run.result == "paid"
    assert clerk.calls == [("look", ("tea",)), ("pay", (3, "EUR")), ("note", ("bye",))]
