"""What a program gives a page is checked where it is given, on every kind of page alike.

Of a durable page it would stand in the log, and no one could read that any more.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest

from spindle import Coroutine, PageMachine, Restart, Settlement, UsageError, fiber, fork, open_page
from spindle._core.states import Completed
from spindle._core.texts import plain_text
from spindle.testing import HandPage, Transcript
from tests.drivers import Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

HALF = "caf\udce9"
"""What `os.fsdecode` makes of a name that is no UTF-8."""
WRONG_ANSWERS = ["1", 1.0, True, b"1"]
WRONG_STARTS = [
    ({"instance": 5}, r"instance= takes a text, not 5"),
    ({"instance": HALF}, r"instance= takes a text that can be written as UTF-8, not 'caf\\udce9'"),
    ({"significant": 1}, r"significant= takes True or False, not 1"),
    ({"significant": None}, r"significant= takes True or False, not None"),
    ({"policy": "restart"}, r"policy= takes REPORT, ESCALATE or a Restart\(...\), not 'restart'"),
    ({"policy": Restart}, r"policy= takes REPORT, ESCALATE or a Restart\(...\), not <class"),
]
Page: TypeAlias = PageMachine | HandPage


async def on_each(check: Any) -> None:
    """Do it by hand, hosted, and with tasks."""
    with HandPage(Talk) as page:
        check(page)
    for hosted in (True, False):
        async with open_page(Talk, hosted=hosted) as machine:
            check(machine)


@pytest.mark.parametrize("wrong", WRONG_ANSWERS)
@on_trio(1)
async def test_Y3_a_yield_is_named_by_a_whole_number(wrong: Any) -> None:
    def check(page: Page) -> None:
        with pytest.raises(UsageError, match="yield_id= takes the number of a yield"):
            page.resume(Bell.Rung(), yield_id=wrong)
        assert page.ledger.accepted == 0

    await on_each(check)


@pytest.mark.parametrize("wrong", [5, HALF])
@on_trio(1)
async def test_Y2_an_event_is_for_an_instance_with_a_text_for_its_name(wrong: Any) -> None:
    def check(page: Page) -> None:
        with pytest.raises(UsageError, match="instance= takes a text"):
            page.resume(Bell.Rung(), instance=wrong)
        assert page.ledger.accepted == 0

    await on_each(check)


@pytest.mark.parametrize("number", [2**70, -(2**70), 10**5000, -1], ids=["70", "-70", "huge", "-1"])
@on_trio(1)
async def test_Y3_a_number_that_no_page_gets_to_is_stale(number: int) -> None:
    with HandPage(Talk) as page:
        page.start(Bell, ring_once)
        by_hand = page.resume(Bell.Rung(), yield_id=number)
        assert by_hand.settlement is Settlement.REFUSED
        assert by_hand.reason.startswith("stale")
    for hosted in (True, False):
        async with open_page(Talk, hosted=hosted) as machine:
            machine.start(Bell, ring_once)
            receipt = machine.resume(Bell.Rung(), yield_id=number)
            assert await receipt.settled() is Settlement.REFUSED
            assert receipt.reason.startswith("stale")


@pytest.mark.parametrize(("wrong", "told"), WRONG_STARTS)
@on_trio(1)
async def test_what_a_start_is_given_is_checked(wrong: dict[str, Any], told: str) -> None:
    def check(page: Page) -> None:
        with pytest.raises(UsageError, match=told):
            page.start(Desk, ask_once, **wrong)
        assert not page.tree().spindles

    await on_each(check)


@pytest.mark.parametrize(("wrong", "told"), WRONG_STARTS)
@under("hand", "hosted", "task")
async def test_what_a_fork_is_given_is_checked_at_its_await(
    page: Stage, wrong: dict[str, Any], told: str
) -> None:
    async def forks() -> str:
        with pytest.raises(UsageError, match=told):
            await fork(Bell, ring_once, **wrong)
        return "went on"

    handle = page.start(Desk, forks)
    await page.settle()
    assert handle.outcome == Completed("went on")


@on_trio(1)
async def test_a_functions_arguments_are_given_by_position() -> None:
    def check(page: Page) -> None:
        given: Any = page.start
        with pytest.raises(UsageError, match=r"start\(\) has no n=.* by position.*, fn, 3\)"):
            given(Bell, ring_once, n=3)

    await on_each(check)
    forked: Any = fork
    with pytest.raises(UsageError, match=r"fork\(\) has no n=.* by position.*, fn, 3\)"):
        forked(Bell, ring_once, n=3)


# --- reasons ------------------------------------------------------------------------------------


@on_trio(1)
async def test_E2_a_reason_from_outside_can_be_written() -> None:
    told = "reason takes a text that can be written as UTF-8"
    for hosted in (True, False):
        async with open_page(Talk, hosted=hosted) as machine:
            handle = machine.start(Desk, ask_once)
            for ends in (machine.cancel(HALF), machine.stop(HALF, grace=1)):
                with pytest.raises(UsageError, match=told):
                    await ends
            for does in (machine.cancel_nowait, handle.cancel_nowait):
                with pytest.raises(UsageError, match=told):
                    does(HALF)
            assert handle.outcome is None
            assert not machine.ended


def test_E2_a_reason_by_hand_can_be_written() -> None:
    told = "reason takes a text that can be written as UTF-8"
    with HandPage(Talk) as page:
        handle = page.start(Desk, ask_once)
        with pytest.raises(UsageError, match=told):
            page.cancel(HALF)
        with pytest.raises(UsageError, match=told):
            page.stop(HALF, grace=1)
        with pytest.raises(UsageError, match=told):
            handle.cancel_nowait(HALF)
        assert handle.outcome is None
    coroutine = Coroutine(ring_once)
    coroutine.run()
    with pytest.raises(UsageError, match=told):
        coroutine.cancel(HALF)
    run = Transcript(ring_once)
    run.expect(Bell.Wait())
    with pytest.raises(UsageError, match=told):
        run.cancel(HALF)
    run.cancel("enough")


@under("hand", "hosted", "task")
async def test_E2_a_reason_from_a_spindle_can_be_written(page: Stage) -> None:
    async def cancels() -> str:
        other = await fiber(ring_twice)
        with pytest.raises(UsageError, match=r"half a character at 3: write text\.encode"):
            await other.cancel(HALF)
        await other.cancel("café")
        return "went on"

    async def ring_twice() -> None:
        await Desk.Ask()

    handle = page.start(Desk, cancels)
    await page.settle()
    assert handle.outcome == Completed("went on")


def test_a_text_that_can_be_written_is_given_back() -> None:
    for text in ("", "café", "\U0001f9f5"):
        assert plain_text("it", text) == text
