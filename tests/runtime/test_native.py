"""Trio's own cancel scopes, nurseries and waits inside spindles that are tasks."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import (
    Cancelled,
    Completed,
    Errored,
    Settlement,
    UsageError,
    cleanup,
    open_page,
    perform,
)
from tests.drivers import Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

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
async def test_a_spindles_own_nursery_with_children_around_a_yield() -> None:
    log: list[str] = []

    async def child(number: int) -> None:
        try:
            await trio.sleep(number)
            log.append(f"child {number} done")
        finally:
            log.append(f"child {number} over")

    async def works() -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child, 1)
            nursery.start_soon(child, 100)
            word = (await Desk.Ask()).word
            nursery.cancel_scope.cancel()
        return word

    async with open_page(Talk) as page:
        handle = page.start(Desk, works)
        second = page.start(Desk, works, instance="cancelled")
        await trio.sleep(2)
        page.resume(Desk.Told("on"))
        await trio.testing.wait_all_tasks_blocked()
        assert handle.outcome == Completed("on")
        assert log[:2] == ["child 1 done", "child 1 over"]
        assert log.count("child 100 over") == 1
        await page.cancel("closing time")
    assert second.outcome == Cancelled("closing time")
    assert log.count("child 100 over") == 2


@on_trio()
async def test_a_child_that_fails_withdraws_the_yield_it_surrounds() -> None:
    async def fails() -> None:
        await trio.sleep(1)
        raise LookupError("child")

    async def works() -> str:
        caught = ""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(fails)
                await Desk.Ask(1)
        except* LookupError:
            caught = "caught"
        return caught + (await Desk.Ask(2)).word

    async with open_page(Talk) as page:
        handle = page.start(Desk, works)
        await trio.sleep(2)
        ((source, ask),) = page.pending()
        assert (source.yield_id, ask) == (2, Desk.Ask(2))
        page.resume(Desk.Told("!"))
        await page.wait()
        assert handle.outcome == Completed("caught!")


async def ask_in_a_shield(asleep: float) -> None:
    with trio.CancelScope(shield=True):
        if asleep:
            await trio.sleep(asleep)
        await Desk.Ask()


@pytest.mark.parametrize("asleep", [0, 1, 10])
@pytest.mark.parametrize("cancelled_at", [0, 2])
@on_trio()
async def test_trios_shield_around_a_yield_does_not_keep_a_page(
    asleep: float, cancelled_at: float
) -> None:
    """It cannot hold an operation: the kernel ends it, and says what to use instead."""
    async with open_page(Talk) as page:
        handle = page.start(Desk, ask_in_a_shield, asleep)
        neighbour = page.start(Bell, ring_once)
        if cancelled_at:
            await trio.sleep(cancelled_at)
        with trio.fail_after(100):
            await page.cancel("closing time")
    assert isinstance(handle.outcome, Errored)
    assert isinstance(handle.outcome.error, UsageError)
    assert "cleanup(" in str(handle.outcome.error)
    assert neighbour.outcome == Cancelled("closing time")


@on_trio()
async def test_a_call_in_a_shield_of_trios_is_waited_for_and_received() -> None:
    got: list[str] = []

    async def call() -> str:
        await trio.sleep(5)
        return "value"

    async def shields() -> None:
        with trio.CancelScope(shield=True):
            got.append(await perform(call))
        await Desk.Said("not any more")

    async with open_page(Talk) as page:
        handle = page.start(Desk, shields)
        await trio.sleep(1)
        with trio.fail_after(100):
            await page.cancel("closing time")
    assert got == ["value"]
    assert handle.outcome == Cancelled("closing time")


@on_trio()
async def test_a_cleanup_inside_a_shield_of_trios_works() -> None:
    log: list[str] = []

    async def shields() -> None:
        try:
            await Desk.Ask()
        finally:
            with trio.CancelScope(shield=True):
                async with cleanup(2):
                    await perform(trio.sleep, 1)
                    log.append("cleaned")
                async with cleanup(2):
                    await perform(trio.sleep_forever)
                log.append("cut")

    async with open_page(Talk) as page:
        handle = page.start(Desk, shields)
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        await page.cancel("closing time")
        assert trio.current_time() - began == 3
    assert log == ["cleaned", "cut"]
    assert handle.outcome == Cancelled("closing time")


@on_trio()
async def test_a_cleanup_budget_counts_from_its_entry_on_trios_clock() -> None:
    log: list[str] = []

    async def cleans() -> None:
        await trio.sleep(5)
        async with cleanup(2):
            await trio.sleep(1)
            log.append("within the budget")
        async with cleanup(2):
            await trio.sleep(3)
            log.append("beyond the budget")
        log.append(f"at {trio.current_time() - began:g}")

    async with open_page(Talk) as page:
        began = trio.current_time()
        page.start(Desk, cleans)
        await page.wait()
    assert log == ["within the budget", "at 8"]


@on_trio()
async def test_a_shielded_wait_of_trios_is_waited_for() -> None:
    log: list[str] = []

    async def shields() -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(5)
            log.append("slept")
        await Desk.Said("not any more")

    async with open_page(Talk) as page:
        handle = page.start(Desk, shields)
        await trio.sleep(1)
        await page.cancel("closing time")
    assert log == ["slept"]
    assert handle.outcome == Cancelled("closing time")


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


@on_trio()
async def test_a_foreign_await_gives_the_turn_to_the_others() -> None:
    log: list[str] = []

    async def sleeps(name: str, seconds: float) -> None:
        await trio.sleep(seconds)
        log.append(f"{name} woke at {trio.current_time() - began:g}")
        await Desk.Said(name)

    began = trio.current_time()
    async with open_page(Talk) as page:
        for name, seconds in (("a", 3), ("b", 1), ("c", 2)):
            page.start(Desk, sleeps, name, seconds, instance=name)
        await page.wait()
        assert trio.current_time() - began == 3
    assert log == ["b woke at 1", "c woke at 2", "a woke at 3"]


@on_trio()
async def test_trios_own_tools_work_in_a_spindle() -> None:
    async def uses() -> list[object]:
        seen: list[object] = []
        send, receive = trio.open_memory_channel[int](1)
        async with send, receive:
            await send.send(1)
            seen.append(await receive.receive())
        with pytest.raises(trio.TooSlowError), trio.fail_after(1):
            await Desk.Ask()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 1)
        event = trio.Event()
        trio.lowlevel.current_trio_token().run_sync_soon(event.set)
        await event.wait()
        seen.append((await Desk.Ask(2)).word)
        return seen

    async with open_page(Talk) as page:
        handle = page.start(Desk, uses)
        async for source, _ in page.outbox:
            if source.yield_id == 2:
                break
        page.resume(Desk.Told("2"))
        await page.wait()
        assert handle.outcome == Completed([1, "2"])
