"""A page stepped by hand: turns, deadlines, and what the kernel holds."""

from __future__ import annotations

import pytest

from spindle import (
    Cancelled,
    Completed,
    NotProvided,
    PageClosed,
    SpindleIsLive,
    cleanup,
    perform,
    sleep,
)
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.record import Record
from tests.stage import HandStage, plain
from tests.talk import Bell, Clerk, Desk, ask_once, ask_twice, ring_once


def start(hand: Hand, block, fn, *args: object, instance: str | None = None) -> Record:
    record = hand.kernel.register(block, instance, fn, args, {})
    hand.post(hand.kernel.launch, record)
    return record


def said(hand: Hand) -> list[str]:
    return [plain(*item) for item in hand.kernel.out]


def test_a_key_is_taken_while_its_spindle_runs() -> None:
    hand = Hand()
    record = start(hand, Desk, ask_once)
    with pytest.raises(SpindleIsLive) as refused:
        start(hand, Desk, ask_twice)
    assert str(refused.value) == (
        "Talk.Desk is running: a second one under the same block needs a name of its own, "
        "start(..., instance='...') or fork(..., instance='...'); to end the one that runs and "
        "take its place, fork(..., replace=True)"
    )
    start(hand, Desk, ask_once, instance="second")
    with pytest.raises(SpindleIsLive, match=r"Talk.Desk\['second'\] is running"):
        start(hand, Desk, ask_once, instance="second")
    hand.post(hand.kernel.answer, record, 1, Desk.Told("a"))
    assert record.outcome == Completed("a")
    start(hand, Desk, ask_once)


def test_nothing_starts_on_a_page_that_is_ending() -> None:
    hand = Hand()
    hand.post(hand.kernel.cancel_page, Cancelled("closing time"))
    with pytest.raises(PageClosed) as refused:
        start(hand, Desk, ask_once)
    assert str(refused.value) == "Talk.Desk was not started: the page is ending (closing time)"


def test_the_youngest_is_cancelled_first() -> None:
    hand = Hand()
    for name in "abc":
        start(hand, Desk, ask_once, instance=name)
    hand.kernel.out.clear()
    hand.post(hand.kernel.cancel_page, Cancelled("x"))
    assert said(hand)[:3] == [
        f"Desk[{name}] withdraws Ask(number=1) #1" for name in ("c", "b", "a")
    ]
    assert said(hand)[3:] == [f"Desk[{name}] was cancelled: x (requested)" for name in "cba"]


def test_a_second_cancel_of_the_page_changes_nothing() -> None:
    hand = Hand()
    record = start(hand, Desk, ask_once)
    for reason in ("one", "two"):
        hand.post(hand.kernel.cancel_page, Cancelled(reason))
    assert record.outcome == Cancelled("one")


def test_an_input_from_inside_a_turn_waits_for_its_end() -> None:
    hand = Hand()
    log: list[str] = []

    async def posts() -> None:
        log.append(f"waiting {len(hand.inputs or ())}")
        start(hand, Bell, rings)
        log.append(f"waiting {len(hand.inputs or ())}")
        await Desk.Said("still my turn")
        log.append("turn over")
        await Desk.Ask()

    async def rings() -> None:
        log.append("the other one")

    start(hand, Desk, posts)
    assert log == ["waiting 0", "waiting 1", "turn over", "the other one"]


def test_spindles_run_first_in_first_out() -> None:
    hand = Hand()
    log: list[str] = []

    async def steps(name: str) -> None:
        for number in range(3):
            log.append(f"{name}{number}")
            await perform(nothing)

    async def starts() -> None:
        for name in "abc":
            start(hand, Bell, steps, name, instance=name)

    async def nothing() -> None: ...

    start(hand, Desk, starts)
    # The end of a call is an input: it queues behind the starts that were asked for before.
    assert log == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]


def test_deadlines_are_passed_by_hand() -> None:
    hand = Hand()
    log: list[float] = []

    async def limited(seconds: float) -> None:
        async with cleanup(seconds):
            await Desk.Ask()
        log.append(hand.clock())

    for seconds in (3, 1, 2):
        start(hand, Desk, limited, seconds, instance=str(seconds))
    assert hand.clock() == 0
    while hand.pass_deadline():
        pass
    assert log == [1, 2, 3]
    assert hand.clock() == 3
    assert not hand.pass_deadline()


def test_nothing_fires_before_it_is_due() -> None:
    hand = Hand()
    assert not hand.kernel.fire_due(1)

    async def limited() -> None:
        async with cleanup(3):
            await Desk.Ask()

    start(hand, Desk, limited)
    assert not hand.kernel.fire_due(2.9)
    assert hand.kernel.fire_due(3)
    hand.pump()
    assert hand.kernel.live == {}


def test_a_deadline_may_be_passed_from_inside_a_turn() -> None:
    hand = Hand()
    log: list[str] = []

    async def limited() -> None:
        async with cleanup(1):
            await Desk.Ask()
        log.append("cut")

    async def passes() -> None:
        assert hand.pass_deadline()
        assert hand.pass_deadline(), "it has not fired yet"
        await Bell.Wait()

    start(hand, Desk, limited)
    start(hand, Bell, passes)
    assert log == ["cut"]
    assert hand.clock() == 1


def test_what_is_provided_is_checked() -> None:
    with pytest.raises(NotProvided, match="Clerk was given int"):
        Hand({Clerk: 3})


def test_pending_yields_are_listed_with_their_ids() -> None:
    hand = Hand()
    start(hand, Desk, ask_twice)
    start(hand, Bell, ring_once)
    hand.post(hand.kernel.answer, hand.kernel.live[Desk], 1, Desk.Told("a"))
    pending = [(source.block, source.yield_id, ask) for source, ask in hand.kernel.pending()]
    assert pending == [(Desk, 2, Desk.Ask(2)), (Bell, 1, Bell.Wait())]


def test_a_start_that_was_cancelled_first_never_runs(recording) -> None:
    """The launch finds a spindle that is over."""
    hand = Hand(journal=recording)
    record = hand.kernel.register(Desk, None, ask_once, (), {})
    hand.post(hand.kernel.cancel_page, Cancelled("x"))
    hand.post(hand.kernel.launch, record)
    assert record.outcome == Cancelled("x")
    assert recording.lines() == [
        "page                     <- cancelled: x",
        "Desk                     -> cancelled: x",
    ]


def test_a_start_that_is_cancelled_in_the_queue_never_runs() -> None:
    hand = Hand()
    log: list[str] = []

    async def runs() -> None:
        log.append("it has")

    record = hand.kernel.register(Desk, None, runs, (), {})
    hand.kernel.launch(record)
    hand.kernel.cancel_page(Cancelled("x"))
    hand.pump()
    assert record.outcome == Cancelled("x")
    assert log == []


def test_the_stage_of_these_tests_notices_a_page_that_does_not_end(recording) -> None:
    stage = HandStage(recording)

    async def insists() -> None:
        try:
            await Desk.Ask()
        except BaseException:
            return

    stage.start(Desk, insists)
    coroutine = stage.cancel("x")
    with pytest.raises(StopIteration):
        coroutine.send(None)
    assert stage.said()[-1] == "Desk returned None"


def test_deadlines_of_one_instant_do_not_carry_the_clock_further() -> None:
    hand = Hand()

    async def sleeps(seconds: float) -> None:
        await sleep(seconds)

    for number, seconds in enumerate((1, 1, 5)):
        start(hand, Desk, sleeps, seconds, instance=str(number))
    hand.advance(1)
    assert hand.kernel.now == 1
    assert said(hand) == ["Desk[0] returned None", "Desk[1] returned None"]
