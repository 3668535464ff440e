"""The ends of a page stepped by hand."""

from __future__ import annotations

import gc

import pytest

from spindle import (
    ESCALATE,
    Cancelled,
    PageClosed,
    PageClosing,
    Restart,
    UsageError,
    cleanup,
    sleep,
)
from spindle.testing import HandPage
from tests.talk import Bell, Desk, Talk, ask_once, naps, ring_once


async def cleans(seconds: float) -> None:
    try:
        await Desk.Ask()
    finally:
        async with cleanup(seconds):
            await Desk.Said("cleaning")
            await sleep(2)
            await Desk.Said("clean")


def test_E4_cancel_runs_the_cleanups_to_their_end() -> None:
    page = HandPage(Talk)
    handle = page.start(Desk, cleans, 5)
    page.cancel("closing time")
    assert page.said()[-3:] == [
        "Desk says Said(word='cleaning')",
        "Desk says Said(word='clean')",
        "Desk was cancelled: closing time (requested)",
    ]
    assert (page.ended, page.now) == (True, 2)
    assert handle.outcome == Cancelled("closing time")
    page.cancel("again")
    with pytest.raises(PageClosed):
        page.start(Desk, ask_once)
    assert page.resume(Desk.Told()).reason == "the page has ended (closing time)"


def test_a_cleanup_without_end_is_named() -> None:
    page = HandPage(Talk)
    page.start(Desk, never_done)
    with pytest.raises(UsageError) as refused:
        page.cancel("closing time")
    assert str(refused.value) == (
        "it goes on although it was cancelled: give each cleanup() a budget that can "
        "be used up\n  Talk.Desk: waiting for yield 1, Talk.Desk.Ask (10 s), cancelled "
        "(closing time), overruns"
    )
    assert not page.ended


async def never_done() -> None:
    async with cleanup(float("inf")):
        await Desk.Ask()


def test_E10_stop_gives_grace_and_no_more() -> None:
    async def says_goodbye() -> None:
        try:
            await Desk.Ask()
        except PageClosing:
            await sleep(1)
            await Desk.Said("goodbye")

    async def lingers() -> None:
        await sleep(60)

    page = HandPage(Talk)
    page.start(Desk, says_goodbye)
    page.start(Bell, lingers)
    page.stop("new version", grace=10)
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk says Said(word='goodbye')",
        "Desk returned None",
        "Bell was cancelled: new version (stopped)",
    ]
    assert (page.ended, page.now) == (True, 10)


def test_a_stop_takes_no_longer_than_is_needed() -> None:
    page = HandPage(Talk)
    page.start(Desk, ask_once)
    page.stop("new version", grace=10)
    assert (page.ended, page.now) == (True, 0)
    assert page.said()[-1] == "Desk was cancelled: new version (stopped)"


def test_a_block_around_a_page_ends_it() -> None:
    with HandPage(Talk) as page:
        page.start(Desk, ask_once)
    assert page.said()[-1] == "Desk was cancelled: the page was left (body left)"


def test_a_block_that_raises_ends_it_too() -> None:
    with pytest.raises(LookupError), HandPage(Talk) as page:  # noqa: PT012 - what is left counts
        page.start(Desk, ask_once)
        raise LookupError
    assert (
        page.said()[-1] == "Desk was cancelled: LookupError in the body of the page (body failed)"
    )


async def fails_at_once() -> None:
    raise LookupError("gone")


def test_E1_what_escalates_is_raised_by_the_block() -> None:
    with pytest.raises(ExceptionGroup) as raised, HandPage(Talk) as page:  # noqa: PT012
        page.start(Bell, ring_once)
        page.start(Desk, fails_at_once, policy=ESCALATE)
        assert page.ended
    assert [str(each) for each in raised.value.exceptions] == ["gone"]
    assert page.said()[-1] == "Bell was cancelled: Talk.Desk failed (escalated)"


def test_E1_what_the_block_raises_stands_first() -> None:
    with pytest.raises(ExceptionGroup) as raised, HandPage(Talk) as page:  # noqa: PT012
        page.start(Desk, fails_at_once, policy=ESCALATE)
        raise ValueError("body")
    assert [str(each) for each in raised.value.exceptions] == ["body", "gone"]
    with pytest.raises(KeyboardInterrupt), HandPage(Talk) as page:  # noqa: PT012
        page.start(Desk, fails_at_once, policy=ESCALATE)
        raise KeyboardInterrupt


def test_E3_a_restart_waits_for_its_delay() -> None:
    page = HandPage(Talk)
    page.start(Desk, fails_at_once, policy=Restart(delay=1, jitter=0, intensity=1))
    assert page.said() == ["Desk failed: LookupError('gone')"]
    page.wait()
    assert page.now == 1
    assert page.said()[0].startswith("Desk failed: RestartsSpent(")


def test_a_significant_spindle_ends_the_page() -> None:
    page = HandPage(Talk)
    page.start(Bell, ring_once)
    page.start(Desk, naps, 1, significant=True)
    assert not page.ended
    page.advance(1)
    assert page.ended


def test_a_page_that_is_dropped_half_way_says_nothing() -> None:
    page = HandPage(Talk)
    page.start(Desk, cleans, 5)
    del page
    gc.collect()
