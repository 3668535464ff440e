"""Tests of spindles that read as the conversation they demand."""

from __future__ import annotations

from textwrap import dedent

import pytest

from spindle import (
    Cancelled,
    Channel,
    Completed,
    NotProvided,
    TooSlow,
    UsageError,
    await_all,
    cleanup,
    fiber,
    fork,
    perform,
    sleep,
    timeout,
    unique_id,
    use,
)
from spindle.testing import Fake, Transcript
from tests.talk import Bell, Clerk, Desk, Echo, ask_once, ask_twice, ring_once


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
        expected Ask(number=3) to be asked, but it asks Ask(number=2)

          spindle                  started as ask_twice()
          Desk                     -> Ask(number=1)   (yield 1)
          view                     <- Told(word='a')   (for yield 1)
        - Desk                     -> Ask(number=3)
        + Desk                     -> Ask(number=2)   (yield 2)
        ?     number: expected 3, came 2"""
    )


def test_a_wrong_answer_fails_with_the_conversation() -> None:
    run = Transcript(ask_once)
    expected = run.expect(Desk.Ask())
    message = failure(lambda: expected.answer(Desk.Queued(1)))
    assert message.startswith(
        "Talk.Desk asks Talk.Desk.Ask, which takes Talk.Desk.Told; "
        "answer() brought Talk.Desk.Queued"
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
    assert message.startswith(
        "expected Ask(number=1) to be still unanswered, but it asks Ask(number=2)\n"
    )
    run.expect(Desk.Ask(2)).answer(Desk.Told("b"))
    assert run.result == ("a", "b")


def test_another_end_fails_with_the_conversation() -> None:
    run = Transcript(ask_once)
    assert failure(lambda: run.result).startswith(
        "expected it to have returned, but it asks Ask(number=1)\n"
    )
    run.expect(Desk.Ask()).answer(Desk.Told("a"))
    message = failure(lambda: run.expect(Desk.Ask()))
    assert message.startswith("expected Ask(number=1) to be asked, but it returned 'a'\n")
    assert message.endswith(
        "- Desk                     -> Ask(number=1)\n+ Desk                     -> completed: 'a'"
    )


def test_an_error_of_the_spindles_is_the_cause() -> None:
    error = LookupError("gone")

    async def fails() -> None:
        raise error

    run = Transcript(fails)
    with pytest.raises(AssertionError, match="but it raised LookupError") as failed:
        _ = run.result
    assert failed.value.__cause__ is error


def test_another_notification_fails_with_the_conversation() -> None:
    run = Transcript(sells, "tea", provide={Clerk: Echo()})
    message = failure(lambda: run.expect_notified(Desk.Said("no")))
    assert message.startswith(
        "expected the view to be told [Said(word='no')], but it was told [Said(word='seen tea')]\n"
    )
    assert (
        "- Desk                     -> Said(word='no')\n"
        "+ Desk                     -> Said(word='seen tea')\n"
        "?     word: expected 'no', came 'seen tea'\n"
    ) in message
    message = failure(run.expect_notified)
    assert message.startswith("expected the view to be told [], but it was told [")
    assert "\n+ Desk                     -> Said(word='seen tea')\n" in message
    assert "\n- " not in message


def test_a_transcript_can_be_cancelled() -> None:
    clerk = Echo()
    run = Transcript(sells, "tea", provide={Clerk: clerk})
    assert run.cancel("closing time") == Cancelled("closing time")
    assert clerk.noted == ["bye"]
    assert "but it was cancelled: closing time\n" in failure(lambda: run.result)
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
    assert "but it raised <Unspeakable, whose repr fails>\n" in message
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


def test_a_failure_is_shown_where_the_test_demands_it() -> None:
    run = Transcript(sells, "tea", provide={Clerk: Fake(Clerk).returns(Clerk.look, "found")})

    def strictly() -> None:
        with Transcript(ask_once):
            pass

    for step in (
        lambda: run.expect(Desk.Ask(2)),
        lambda: run.expect(Desk.Ask(1)).answer(Desk.Queued(1)),
        lambda: run.expect_notified(),
        lambda: run.expect_returned(3),
        lambda: run.result,
        lambda: Fake(Clerk).expect_called(Clerk.look),
        strictly,
    ):
        with pytest.raises(AssertionError) as failed:
            step()
        shown = failed.traceback.filter(failed)
        assert {str(entry.path) for entry in shown} == {__file__}
        assert len(failed.traceback) > len(shown)


# --- fibers, forks and time -------------------------------------------------------------------


async def asks(number: int) -> str:
    return (await Desk.Ask(number)).word


async def asks_both() -> tuple[str, str]:
    return await await_all(await fiber(asks, 1), await fiber(asks, 2))


def test_Y9_questions_of_fibers_are_expected_in_any_order() -> None:
    run = Transcript(asks_both)
    first, second = run.expect(Desk.Ask(1)), run.expect(Desk.Ask(2))
    second.answer(Desk.Told("b"))
    first.answer(Desk.Told("a"))
    assert run.result == ("a", "b")


def test_all_that_is_asked_is_shown() -> None:
    run = Transcript(asks_both)
    message = failure(lambda: run.expect(Desk.Ask(3)))
    assert "but it asks Ask(number=1) and asks Ask(number=2)\n" in message
    expected = run.expect(Desk.Ask(2))
    expected.answer(Desk.Told("b"))
    assert "Ask(number=2) to be still unanswered" in failure(lambda: expected.answer(Desk.Told()))


def test_what_was_expected_stands_by_what_is_most_like_it() -> None:
    async def takes() -> int:
        return (await Desk.Take()).number

    async def takes_and_asks() -> object:
        return await await_all(await fiber(takes), await fiber(asks, 2))

    run = Transcript(takes_and_asks)
    assert failure(lambda: run.expect(Desk.Ask(3))).splitlines()[-4:] == [
        "+ Desk                     -> Take()   (yield 1)",
        "- Desk                     -> Ask(number=3)",
        "+ Desk                     -> Ask(number=2)   (yield 2)",
        "?     number: expected 3, came 2",
    ]


def test_an_expectation_is_of_one_question() -> None:
    """The same words asked again are another question."""

    async def asks_again() -> str:
        await Desk.Ask()
        return (await Desk.Ask()).word

    run = Transcript(asks_again)
    first = run.expect(Desk.Ask())
    first.answer(Desk.Told("a"))
    assert "to be still unanswered" in failure(lambda: first.answer(Desk.Told("b")))
    run.expect(Desk.Ask()).answer(Desk.Told("b"))
    assert run.result == "b"


async def forks() -> int:
    bell = await fork(Bell, ring_once)
    await Desk.Said("forked")
    return await bell.result()


def test_F1_a_fork_is_part_of_the_conversation() -> None:
    run = Transcript(forks)
    run.expect_notified(Desk.Said("forked"))
    run.expect(Bell.Wait()).answer(Bell.Rung(2))
    assert run.result == 2
    assert run.conversation.splitlines() == [
        "spindle                  started as forks()",
        "Bell                     started as ring_once()",
        "Desk                     -> Said(word='forked')",
        "Bell                     -> Wait()   (yield 1)",
        "view                     <- Rung(times=2)   (for yield 1)",
        "Bell                     -> completed: 2",
        "Desk                     -> completed: 2",
    ]


def test_F3_what_it_forked_goes_on_after_its_end() -> None:
    async def forks_only() -> None:
        await fork(Bell, ring_once)

    run = Transcript(forks_only)
    assert run.result is None
    message = failure(lambda: run.expect(Bell.Wait()).answer(Desk.Told()))
    assert "answer() brought Talk.Desk.Told" in message
    assert "it returned None and what it forked asks Wait()" in failure(
        lambda: run.expect(Desk.Ask())
    )
    run.expect(Bell.Wait()).answer(Bell.Rung(2))
    assert run.conversation.endswith("Bell                     -> completed: 2")


async def patient() -> str:
    await sleep(60)
    try:
        async with timeout(30):
            return (await Desk.Ask(1)).word
    except TooSlow:
        return await asks(2)


def test_A8_time_in_a_transcript() -> None:
    run = Transcript(patient)
    assert run.now == 60, "only time was waited for"
    expected = run.expect(Desk.Ask(1))
    run.advance(29)
    run.expect(Desk.Ask(1))
    run.advance(1)
    assert "to be still unanswered" in failure(lambda: expected.answer(Desk.Told()))
    run.expect(Desk.Ask(2)).answer(Desk.Told("late"))
    assert run.result == "late"
    assert run.now == 90
    assert "clock                    <- a deadline passed" in run.conversation
    with pytest.raises(UsageError, match=r"advance\(\)"):
        run.advance(-1)


def test_W5_a_deadlock_fails_with_the_conversation() -> None:
    async def stuck() -> None:
        await Desk.Ask()
        await Channel[int]().take()

    run = Transcript(stuck)
    message = failure(lambda: run.expect(Desk.Ask()).answer(Desk.Told("a")))
    assert message.startswith("nothing can go on: ")
    waits = "waiting for take from <channel 1 of 0, open, 0 items>, last event Told"
    assert f"  Talk.Desk: {waits}\n\nspindle " in message

    async def stuck_at_once() -> None:
        await Channel[int]().take()

    assert "started as stuck_at_once()" in failure(lambda: Transcript(stuck_at_once))


def test_chance_in_a_transcript_follows_from_its_seed() -> None:
    async def draws() -> str:
        return await unique_id()

    assert Transcript(draws).result == Transcript(draws, seed=0).result
    assert Transcript(draws, seed=1).result != Transcript(draws).result
