"""A cancel scope of trio's inside a spindle that is cancelled already: the wait is ended once."""

from __future__ import annotations

import trio

from spindle import Cancelled, Channel, Completed, cleanup, fiber, now, scope, sleep
from tests.drivers import Stage, under
from tests.talk import Bell, Desk


@under("task", seeds=20)
async def test_K2_a_native_cancel_overtakes_the_cancellation_that_is_on_its_way(
    page: Stage,
) -> None:
    """It was told, and queues for its turn, when the scope around its wait is cancelled, too."""
    log: list[str] = []
    scope = trio.CancelScope()

    async def waits() -> None:
        try:
            with scope:
                await Desk.Ask()
            log.append("left the scope")
            await Desk.Said("never")
        finally:
            log.append("unwinds")

    async def cancels() -> None:
        try:
            await Bell.Wait()
        finally:
            scope.cancel()
            log.append("cancels the scope")

    handle = page.start(Desk, waits)
    page.start(Bell, cancels)  # the younger one, which is cancelled first
    await page.settle()
    page.said()
    await page.cancel("closing time")
    assert log == ["cancels the scope", "left the scope", "unwinds"]
    assert handle.outcome == Cancelled("closing time")
    assert [line for line in page.said() if line.startswith("Desk")] == [
        "Desk withdraws Ask(number=1) #1",
        "Desk was cancelled: closing time (requested)",
    ]
    assert page.kernel.live == {}


@under("task")
async def test_K2_what_a_native_deadline_sets_off_happens_at_its_time(page: Stage) -> None:
    """Not at the time of the page's last turn, which may be long ago: budgets would be over."""

    async def lingers() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(10):
                await sleep(5)
                await Desk.Said(f"cleaned at {await now():g}")

    async def has_a_deadline() -> None:
        await now()
        with trio.move_on_after(50):
            async with scope():
                await fiber(lingers)
        await Desk.Said(f"went on at {await now():g}")

    page.start(Desk, has_a_deadline)
    await page.settle()
    page.said()
    await page.advance(60)
    said = [line for line in page.said() if " says " in line]
    assert said == [
        "Desk says Said(word='cleaned at 55')",
        "Desk says Said(word='went on at 55')",
    ]


@under("task", seeds=20)
async def test_K2_a_value_on_its_way_is_received_before_a_native_cancellation(
    page: Stage,
) -> None:
    """It was handed over, and its receiver queues for its turn: else it would be lost."""
    channel, scope = Channel[str](0), trio.CancelScope()

    async def receives() -> list[str]:
        words: list[str] = []
        with scope:
            words.append(await channel.take())
            words.append(await channel.take())
        return words

    async def gives() -> None:
        await channel.put("tea")
        scope.cancel()

    handle = page.start(Desk, receives)
    page.start(Bell, gives)
    await page.settle()
    assert handle.outcome == Completed(["tea"])
