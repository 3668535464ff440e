"""Calls that a transcript plays, of spindles that are cancelled or do not wait so long."""

from __future__ import annotations

import pytest

from spindle import (
    Cancelled,
    Channel,
    OutcomeUnknown,
    Port,
    TooSlow,
    UsageError,
    cleanup,
    read,
    sleep,
    timeout,
    use,
    within,
)
from spindle.testing import Transcript
from tests.store import (
    TEA,
    Inventory,
    checkout,
)
from tests.talk import Clerk, Desk


def failure(step) -> str:
    with pytest.raises(AssertionError) as failed:
        step()
    return str(failed.value)


def test_E_a_call_in_a_cleanup_ends_before_the_spindle_does() -> None:
    run = Transcript(checkout, TEA)
    run.expect_call(Inventory.reserve, "tea").returns(True)
    assert run.cancel("the tab was closed") is None
    run.expect_call(Inventory.release, "tea").returns(None)
    run.expect_cancelled("the tab was closed")


async def looks() -> str:
    return await (await use(Clerk)).look("a")


def test_a_read_is_cut_when_its_spindle_is_cancelled() -> None:
    run = Transcript(looks)
    call = run.expect_call(Clerk.look, "a")
    assert run.cancel("enough") == Cancelled("enough")
    assert run.conversation.splitlines()[1:] == [
        "spindle                  -> Clerk.look('a')",
        "page                     <- cancelled: enough",
        "spindle                  .. Clerk.look was cut",
        "spindle                  -> cancelled: enough",
    ]
    assert "to be still in flight" in failure(lambda: call.returns("late"))


async def notes() -> None:
    await (await use(Clerk)).note("a")
    await Desk.Said("noted")


def test_a_write_runs_on_after_the_cancellation() -> None:
    run = Transcript(notes)
    assert run.cancel("enough") is None
    run.advance(1)
    run.expect_call(Clerk.note, "a").returns(None)
    run.expect_cancelled("enough")
    run.expect_notified()


def test_a_write_that_takes_too_long_is_cut() -> None:
    run = Transcript(notes)
    assert run.cancel("enough") is None
    run.advance(1000)
    run.expect_cancelled("enough")


def test_it_is_not_known_whether_a_cut_once_was_done() -> None:
    seen: list[Exception] = []

    async def pays_in_time() -> None:
        clerk = await use(Clerk)
        try:
            await clerk.pay(3)
        except OutcomeUnknown as error:
            seen.append(error)
            raise

    run = Transcript(pays_in_time)
    assert run.cancel() is None
    run.advance(1000)
    assert len(seen) == 1
    assert run.expect_raised(OutcomeUnknown) is seen[0]


def test_a_budget_of_a_cleanup_passes_while_a_call_is_in_flight() -> None:
    async def works() -> None:
        try:
            await Desk.Ask(1)
        finally:
            async with cleanup(2):
                await (await use(Clerk)).look("a")
            await Desk.Said("cut")

    run = Transcript(works)
    assert run.cancel("enough") is None
    _ = run.expect_call(Clerk.look, "a")
    run.advance(2)
    run.expect_cancelled("enough")


def test_a_cleanup_without_end_is_refused() -> None:
    async def never_ends() -> None:
        try:
            await Desk.Ask(1)
        finally:
            async with cleanup(float("inf")):
                await Channel[int]().take()

    run = Transcript(never_ends)
    with pytest.raises(UsageError, match="it goes on although it was cancelled"):
        run.cancel()


def test_deadlines_of_a_cleanup_pass_at_once() -> None:
    async def takes_its_time() -> None:
        try:
            await Desk.Ask(1)
        finally:
            async with cleanup(9):
                for _ in range(3):
                    await sleep(2)
                await Desk.Said("done")

    run = Transcript(takes_its_time)
    assert run.cancel() == Cancelled("")
    run.expect_notified(Desk.Said("done"))
    assert run.now == 6


def test_A8_time_passes_while_a_call_is_in_flight() -> None:
    async def patient() -> str:
        clerk = await use(Clerk)
        await sleep(5)
        try:
            async with timeout(10):
                return await clerk.look("a")
        except TooSlow:
            return "too slow"

    run = Transcript(patient)
    assert run.now == 5
    run.advance(9)
    _ = run.expect_call(Clerk.look, "a")
    run.advance(1)
    assert run.result == "too slow"
    run = Transcript(patient)
    run.advance(9)
    run.expect_call(Clerk.look, "a").returns("in time")
    assert run.result == "in time"


def test_a_method_with_a_limit_of_its_own() -> None:
    class Slow(Port):
        @within(3)
        @read
        async def look(self, what: str) -> str: ...

    async def looks() -> str:
        return await (await use(Slow)).look("a")

    run = Transcript(looks)
    run.advance(3)
    assert isinstance(run.expect_raised(TooSlow), TooSlow)
    run = Transcript(looks)
    run.expect_call(Slow.look, "a").returns("b")
    assert run.result == "b"
