"""Calls of a fake where nothing is scripted: the test hears of them, whatever its spindle does."""

from __future__ import annotations

from contextlib import suppress

import pytest

from spindle import ESCALATE, Coroutine, Port, UsageError, cleanup, read, use
from spindle.testing import Fake, HandPage, Transcript
from spindle.testing.refused import unseen
from tests.talk import Clerk, Desk, Talk

SAID = (
    "Clerk.look('a') was called, but nothing is scripted for it: "
    "write Fake(Clerk).when(Clerk.look).returns(...)"
)
TOLD = (
    "a fake was called where nothing is scripted, and the test has not looked at that:\n"
    f"{SAID}\n"
    "A test that means it says so: fake.expect_refused(method, ...)"
)


async def careless() -> str:
    """Takes any error for an answer."""
    try:
        return await (await use(Clerk)).look("a")
    except Exception:
        return "nothing"


async def careful() -> str:
    return await (await use(Clerk)).look("a")


async def asks_first() -> str:
    _ = await Desk.Ask(1)
    return await careless()


def test_a_strict_transcript_fails_whose_spindle_catches_it() -> None:
    with (
        pytest.raises(AssertionError) as failed,
        Transcript(careless, provide={Clerk: Fake(Clerk)}) as run,
    ):
        run.expect_returned("nothing")
    message = str(failed.value)
    assert TOLD in message
    assert "+ spindle                  <- Clerk.look raised AssertionError" in message
    assert unseen() == "", "it has been told"


def test_a_strict_transcript_fails_for_a_fake_behind_what_it_gave() -> None:
    class Relay(Port):
        @read
        async def look(self) -> str: ...

    class Relays(Relay):
        async def look(self) -> str:
            try:
                return await clerk.look("a")
            except AssertionError:
                return "none"

    async def looks() -> str:
        return await (await use(Relay)).look()

    clerk = Fake(Clerk)
    with (
        pytest.raises(AssertionError, match=r"Clerk\.look\('a'\) was called"),
        Transcript(looks, provide={Relay: Relays(), Clerk: clerk}) as run,
    ):
        run.expect_returned("none")


def test_a_strict_transcript_takes_what_the_test_has_looked_at() -> None:
    clerk = Fake(Clerk)
    with Transcript(careless, provide={Clerk: clerk}) as run:
        run.expect_returned("nothing")
        clerk.expect_refused(Clerk.look, "a")
    with Transcript(careful, provide={Clerk: clerk}) as run:
        error = run.expect_raised(AssertionError, match="nothing is scripted")
        assert str(error).startswith(SAID)


def test_another_error_than_the_fakes_own_is_not_enough() -> None:
    async def translates() -> None:
        try:
            _ = await careful()
        except AssertionError as error:
            raise LookupError("no clerk") from error

    with (
        pytest.raises(AssertionError, match="nothing is scripted for it"),
        Transcript(translates, provide={Clerk: Fake(Clerk)}) as run,
    ):
        _ = run.expect_raised(LookupError)


def test_a_demand_that_fails_for_it_has_told_of_it() -> None:
    run = Transcript(careful, provide={Clerk: Fake(Clerk)})
    with pytest.raises(AssertionError, match="it raised AssertionError"):
        run.expect_returned("a")
    assert unseen() == ""


def test_a_page_by_hand_fails_at_its_end() -> None:
    with (
        pytest.raises(AssertionError) as failed,
        HandPage(Talk, provide={Clerk: Fake(Clerk)}) as page,
    ):
        page.start(Desk, careless)
    assert str(failed.value) == TOLD
    with pytest.raises(AssertionError, match="nothing is scripted"), HandPage(Talk) as page:
        page.start(Desk, careless, provide={Clerk: Fake(Clerk)})


def test_a_page_by_hand_hears_of_calls_in_cleanups() -> None:
    async def leaves() -> None:
        try:
            _ = await Desk.Ask(1)
        finally:
            async with cleanup(1):
                _ = await careless()

    with (
        pytest.raises(AssertionError, match="nothing is scripted"),
        HandPage(Talk, provide={Clerk: Fake(Clerk)}) as page,
    ):
        page.start(Desk, leaves)


def test_a_page_by_hand_takes_what_the_test_has_looked_at() -> None:
    clerk = Fake(Clerk)
    with HandPage(Talk, provide={Clerk: clerk}) as page:
        desk = page.start(Desk, careful)
        with pytest.raises(AssertionError, match="nothing is scripted"):
            page.result(desk)
    with HandPage(Talk, provide={Clerk: clerk}) as page:
        page.start(Desk, careless)
        clerk.expect_refused(Clerk.look)
    with (
        pytest.raises(ExceptionGroup) as escalated,
        HandPage(Talk, provide={Clerk: clerk}) as page,
    ):
        page.start(Desk, careful, policy=ESCALATE)
    assert str(escalated.value.exceptions[0]) == SAID
    assert unseen() == ""


def raises_after(_: object) -> None:
    raise ZeroDivisionError


def test_an_error_in_the_block_of_a_page_stays_the_error() -> None:
    clerk = Fake(Clerk)
    with pytest.raises(ZeroDivisionError), HandPage(Talk, provide={Clerk: clerk}) as page:
        raises_after(page.start(Desk, careless))
    clerk.expect_refused(Clerk.look)


def test_an_outcome_is_not_looked_at_by_being_there() -> None:
    clerk = Fake(Clerk)
    _ = Coroutine(careful, provide={Clerk: clerk}).run()
    assert TOLD in unseen()


def test_expect_refused_demands_a_call_that_was_refused() -> None:
    clerk = Fake(Clerk).when(Clerk.note).returns(None)
    _ = Coroutine(careless, provide={Clerk: clerk}).run()
    with pytest.raises(AssertionError) as failed:
        clerk.expect_refused(Clerk.look, "b")
    assert str(failed.value) == (
        "expected Clerk.look('b') to be refused; what was called:\n"
        "  Clerk.look(what='a')\n"
        "?     ['what']: expected 'b', came 'a'"
    )
    with pytest.raises(AssertionError, match=r"expected Clerk\.note to be refused"):
        clerk.expect_refused(Clerk.note)
    with pytest.raises(UsageError, match="too many positional arguments"):
        clerk.expect_refused(Clerk.look, "a", "b")  # type: ignore[call-arg]
    assert SAID in unseen(), "none of these was it"
    clerk.expect_refused(Clerk.look, what="a")


def test_a_call_that_is_answered_is_not_refused() -> None:
    clerk = Fake(Clerk)
    _ = Coroutine(careless, provide={Clerk: clerk}).run()
    clerk.expect_refused(Clerk.look)
    clerk.when(Clerk.look).returns("seen")
    assert Transcript(careless, provide={Clerk: clerk}).result == "seen"
    assert unseen() == ""


def test_of_many_only_some_are_told() -> None:
    async def looks(number: int) -> None:
        with suppress(AssertionError):
            _ = await (await use(Clerk)).look(f"{number}")

    for number in range(12):
        for _ in range(2):
            _ = Coroutine(looks, number, provide={Clerk: Fake(Clerk)}).run()
    text = unseen()
    assert text.count("nothing is scripted for it") == 10
    assert "... and 2 more" in text
