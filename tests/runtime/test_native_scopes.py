"""Trio's own cancel scopes around operations of spindles that are tasks."""

from __future__ import annotations

import trio
import trio.testing

from spindle import Completed, Errored, Settlement, open_page, perform
from tests.drivers import Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once

HANDLED, REFUSED = Settlement.HANDLED, Settlement.REFUSED


@under("task", seeds=20)
async def test_K2_the_deadline_wins_over_the_event_of_its_instant(page: Stage) -> None:
    got: list[str] = []

    async def limited() -> None:
        with trio.move_on_after(1) as scope:
            got.append((await Desk.Ask(1)).word)
        got.append(f"caught {scope.cancelled_caught}")
        got.append((await Desk.Ask(2)).word)

    page.start(Desk, limited)
    await page.settle()
    await trio.sleep(1)
    receipt = page.resume(Desk.Told("a"), yield_id=1)
    await page.settle()
    assert receipt.settlement is REFUSED
    assert receipt.reason.startswith("stale: yield 1 of Talk.Desk")
    page.resume(Desk.Told("b"))
    await page.settle()
    assert got == ["caught True", "b"]
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk asks Ask(number=2) #2",
        "Desk returned None",
    ]


@under("task", seeds=20)
async def test_K2_a_queued_event_of_that_instant_waits_for_the_next_yield(page: Stage) -> None:
    got: list[int] = []

    async def limited() -> None:
        with trio.move_on_after(1):
            got.append(-(await Desk.Take()).number)
        got.append((await Desk.Take()).number)

    page.start(Desk, limited)
    await page.settle()
    await trio.sleep(1)
    receipt = page.resume(Desk.Queued(7))
    await page.settle()
    assert got == [7]
    assert receipt.settlement is HANDLED


@under("task", seeds=20)
async def test_K2_event_then_cancel_in_one_tick_delivers_the_event(page: Stage) -> None:
    got: list[str] = []
    scope = trio.CancelScope()

    async def limited() -> None:
        with scope:
            got.append((await Desk.Ask(1)).word)
            await Desk.Said("cancelled before its effect")
        got.append(f"caught {scope.cancelled_caught}")
        got.append((await Desk.Ask(2)).word)

    page.start(Desk, limited)
    await page.settle()
    receipt = page.resume(Desk.Told("a"))
    scope.cancel()
    await page.settle()
    page.resume(Desk.Told("b"))
    await page.settle()
    assert got == ["a", "caught True", "b"]
    assert receipt.settlement is HANDLED
    assert page.said() == [
        "Desk asks Ask(number=1) #1",
        "Desk asks Ask(number=2) #2",
        "Desk returned None",
    ]


@under("task", seeds=20)
async def test_K2_cancel_then_event_in_one_tick_withdraws_the_yield(page: Stage) -> None:
    got: list[object] = []
    scope = trio.CancelScope()

    async def limited() -> None:
        with scope:
            got.append(await Desk.Listen())
        got.append((await Desk.Take()).number)

    page.start(Desk, limited)
    await page.settle()
    scope.cancel()
    answer = page.resume(Desk.Told("a"))
    queued = page.resume(Desk.Queued(1))
    await page.settle()
    assert got == [1]
    assert (answer.settlement, queued.settlement) == (REFUSED, HANDLED)


@under("task", seeds=20)
async def test_K2_the_value_of_a_call_is_received_before_the_cancel_shows(page: Stage) -> None:
    got: list[str] = []
    scope, done = trio.CancelScope(), trio.Event()

    async def call() -> str:
        await done.wait()
        return "value"

    async def limited() -> None:
        with scope:
            got.append(await perform(call))
            await Desk.Said("cancelled before its effect")
        await Desk.Said("after")

    async def cancels() -> None:
        await Bell.Wait()
        scope.cancel()

    page.start(Desk, limited)
    page.start(Bell, cancels)
    await page.settle()
    # The call ends, and while another spindle has the turn the scope around it is cancelled.
    page.resume(Bell.Rung())
    done.set()
    await page.settle()
    assert got == ["value"]
    assert "Desk says Said(word='after')" in page.said()


@under("task", seeds=20)
async def test_K2_a_cancel_while_a_spindle_queues_for_its_turn(page: Stage) -> None:
    """It came back from a wait of trio's, wants to say something, and another one has the turn."""
    scope, woken = trio.CancelScope(), trio.Event()

    async def queues() -> str:
        with scope:
            await woken.wait()
            await Desk.Said("said, if its turn came first")
        await Desk.Said("after")
        return (await Desk.Ask()).word

    async def cancels() -> None:
        await Bell.Wait()
        scope.cancel()

    page.start(Desk, queues)
    page.start(Bell, cancels)
    await page.settle()
    page.resume(Bell.Rung())
    woken.set()
    await page.settle()
    said = [line for line in page.said() if "if its turn came first" not in line]
    assert said[-1] == "Desk asks Ask(number=1) #1"
    page.resume(Desk.Told("on"))
    await page.settle()
    said += page.said()
    assert said[-1] == "Desk returned 'on'"
    page.transcript.clear()


@on_trio()
async def test_a_native_cancel_cuts_a_call_that_is_in_flight() -> None:
    log: list[str] = []

    async def slow() -> None:
        try:
            await trio.sleep(10)
        finally:
            log.append("call over")

    async def limited() -> str:
        with trio.move_on_after(1):
            await perform(slow)
        return (await Desk.Ask()).word

    async with open_page(Talk) as page:
        handle = page.start(Desk, limited)
        await trio.sleep(2)
        assert log == ["call over"]
        page.resume(Desk.Told("on"))
        await page.wait()
        assert handle.outcome == Completed("on")


@on_trio()
async def test_a_stashed_cancel_hurts_only_who_raises_it() -> None:
    stash: list[BaseException] = []

    async def stashes() -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            try:
                await Desk.Ask()
            except trio.Cancelled as cancelled:
                stash.append(cancelled)
                raise
        await Desk.Take()
        raise stash.pop()

    async with open_page(Talk) as page:
        handle = page.start(Desk, stashes)
        neighbour = page.start(Desk, ask_once, instance="neighbour")
        await trio.testing.wait_all_tasks_blocked()
        page.resume(Desk.Queued(1))
        await trio.testing.wait_all_tasks_blocked()
        assert isinstance(handle.outcome, Errored)
        assert "a cancellation that was not its own" in str(handle.outcome.error)
        page.resume(Desk.Told("unhurt"), instance="neighbour")
        await page.wait()
        assert neighbour.outcome == Completed("unhurt")
