"""Fibers end with who started them."""

from __future__ import annotations

from spindle import Cancelled, Handle, Source, cancel_reason, cleanup, fiber, sleep
from spindle._core.states import Origin
from tests.drivers import Stage, under
from tests.talk import Desk


async def wait_and_tell(word: str, seconds: float = 0) -> None:
    """Wait for ever; cancelled, say so, after some time if wanted."""
    try:
        await sleep(1000)
    finally:
        async with cleanup(60):
            if seconds:
                await sleep(seconds)
            await Desk.Said(word)


@under("hand", "hosted", "task")
async def test_F3_fibers_are_cancelled_when_their_spindle_returns_newest_first(page: Stage) -> None:
    async def returns() -> str:
        for word in ("oldest", "middle", "newest"):
            await fiber(wait_and_tell, word)
        await sleep(1)
        return "done"

    page.start(Desk, returns)
    await page.advance(1)
    assert page.said() == [
        "Desk says Said(word='newest')",
        "Desk says Said(word='middle')",
        "Desk says Said(word='oldest')",
        "Desk returned 'done'",
    ]


@under("hand", "hosted", "task")
async def test_F3_the_outcome_follows_the_cleanups_of_the_fibers(page: Stage) -> None:
    async def returns() -> str:
        await fiber(wait_and_tell, "slow", 5)
        await fiber(wait_and_tell, "fast", 2)
        await sleep(1)
        return "done"

    handle = page.start(Desk, returns)
    await page.advance(1)
    refused = page.resume(Desk.Told())
    await page.advance(2)
    assert page.said() == ["Desk says Said(word='fast')"]
    assert handle.outcome is None
    assert refused.reason == "no spindle: Talk.Desk is ending"
    await page.advance(3)
    assert page.said() == ["Desk says Said(word='slow')", "Desk returned 'done'"]


@under("hand", "hosted", "task")
async def test_F3_a_fiber_that_was_not_begun_when_its_owner_returns_never_is(page: Stage) -> None:
    ran: list[str] = []

    async def runs() -> None:
        ran.append("began")

    async def returns() -> None:
        handles.append(await fiber(runs))

    handles: list[Handle[None]] = []
    page.start(Desk, returns)
    assert await page.hears() == ["Desk returned None"]
    assert ran == []
    assert handles[0].outcome == Cancelled("Talk.Desk has ended", Origin.OWNER_ENDED, Source(Desk))


@under("hand", "hosted", "task")
async def test_F3_fibers_of_fibers_end_before_their_owners(page: Stage) -> None:
    async def nests(depth: int) -> None:
        if depth:
            await fiber(nests, depth - 1)
        await wait_and_tell(f"at {depth}")

    page.start(Desk, nests, 3)
    await page.settle()
    await page.cancel("x")
    assert page.said() == [
        "Desk says Said(word='at 0')",
        "Desk says Said(word='at 1')",
        "Desk says Said(word='at 2')",
        "Desk says Said(word='at 3')",
        "Desk was cancelled: x (requested)",
    ]


@under("hand", "hosted", "task")
async def test_F3_each_fiber_is_told_why_it_ends(page: Stage) -> None:
    seen: list[str] = []

    async def looks() -> None:
        try:
            await sleep(1000)
        finally:
            why = await cancel_reason()
            assert why is not None
            seen.append(f"{why.reason} ({why.origin.value})")

    async def owns() -> None:
        await fiber(looks)
        await sleep(1)

    async def starts() -> None:
        await (await fiber(owns)).result()
        handle = await fiber(looks)
        await sleep(1)
        await handle.cancel("not needed")
        await fiber(looks)
        await Desk.Ask()

    handle = page.start(Desk, starts)
    await page.advance(2)
    handle.cancel_nowait("enough")
    await page.settle()
    assert seen == [
        "owns of Talk.Desk has ended (owner ended)",
        "not needed (handle)",
        "enough (handle)",
    ]


@under("hand", "hosted", "task")
async def test_F4_a_fiber_cancelled_in_the_step_of_its_start_is_joined_as_such(
    page: Stage,
) -> None:
    ran: list[int] = []

    async def runs() -> None:
        ran.append(1)

    async def starts() -> Cancelled | None:
        handle = await fiber(runs)
        await handle.cancel("at once")
        assert isinstance(handle.outcome, Cancelled)
        return handle.outcome.reason

    page.start(Desk, starts)
    assert await page.hears() == ["Desk returned 'at once'"]
    assert ran == []


@under("hand", "hosted", "task")
async def test_a_fiber_cancels_its_owner_and_itself_with_it(page: Stage) -> None:
    async def cancels() -> None:
        await Handle(page.kernel.live[Desk]).cancel("from below")
        await Desk.Said("never")

    async def starts() -> None:
        await fiber(cancels)
        await Desk.Ask()

    page.start(Desk, starts)
    assert await page.hears() == [
        "Desk asks Ask(number=1) #1",
        "Desk withdraws Ask(number=1) #1",
        "Desk was cancelled: from below (handle)",
    ]


@under("hand", "hosted", "task")
async def test_in_a_cleanup_fibers_work_and_end_with_it(page: Stage) -> None:
    async def starts() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(10):
                handle = await fiber(sleep_and_say, 2)
                await fiber(wait_and_tell, "left over")
                await handle.result()

    async def sleep_and_say(seconds: float) -> None:
        await sleep(seconds)
        await Desk.Said("in the cleanup")

    handle = page.start(Desk, starts)
    await page.settle()
    handle.cancel_nowait("enough")
    await page.advance(5)
    assert page.said()[2:] == [
        "Desk says Said(word='in the cleanup')",
        "Desk says Said(word='left over')",
        "Desk was cancelled: enough (handle)",
    ]
