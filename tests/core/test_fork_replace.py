"""Forks in another one's place: `replace=True`, and who holds the key meanwhile."""

from __future__ import annotations

from spindle import SpindleIsLive, cancel_reason, cleanup, fiber, fork, sleep
from tests.drivers import Stage, under
from tests.talk import Bell, Desk, ring


async def ring_and_tidy(times: int, seconds: float = 5) -> int:
    """Ring, with a cleanup that takes its time."""
    try:
        return await ring(times)
    finally:
        async with cleanup(60):
            await sleep(seconds)
            await Bell.Rang(-times)


async def replaces() -> None:
    """Fork one that takes five seconds to end, and after a second another in its place."""
    await fork(Bell, ring_and_tidy, 1)
    await sleep(1)
    await fork(Bell, ring, 2, replace=True)


@under("hand", "hosted", "task")
async def test_F2_replaced_is_gone_before_the_next_one_starts(page: Stage) -> None:
    page.start(Desk, replaces)
    await page.advance(1)
    assert page.said() == [
        "Bell says Rang(times=1)",
        "Bell asks Wait() #1",
        "Bell withdraws Wait() #1",
        "Desk returned None",
    ]
    await page.advance(5)
    assert page.said() == [
        "Bell says Rang(times=-1)",
        "Bell was cancelled: replaced by another one (replaced)",
        "Bell says Rang(times=2)",
        "Bell asks Wait() #2",
    ]


@under("hand", "hosted", "task")
async def test_F2_an_answer_to_the_one_before_is_stale_for_the_next(page: Stage) -> None:
    async def forks() -> None:
        await fork(Bell, ring, 1)
        await sleep(1)
        await fork(Bell, ring, 2, replace=True)

    page.start(Desk, forks)
    await page.advance(2)
    late = page.resume(Bell.Rung(7), yield_id=1)
    await page.settle()
    assert late.reason == "stale: yield 1 of Talk.Bell does not wait any more for Talk.Bell.Rung"
    page.resume(Bell.Rung(8), yield_id=2)
    assert (await page.hears())[-1] == "Bell returned 8"


@under("hand", "hosted", "task")
async def test_F2_replaced_several_times_in_a_row_only_the_last_one_runs(page: Stage) -> None:
    outcomes: list[str] = []

    async def forks() -> None:
        await fork(Bell, ring_and_tidy, 1)
        await sleep(1)
        handles = [await fork(Bell, ring, number, replace=True) for number in range(2, 6)]
        await Desk.Ask()
        outcomes.extend(type(handle.outcome).__name__ for handle in handles)

    page.start(Desk, forks)
    await page.advance(1)
    never = "Bell was cancelled: replaced by another one (replaced)"
    assert page.said()[-4:] == [never, never, never, "Desk asks Ask(number=1) #1"]
    await page.advance(5)
    assert page.said() == [
        "Bell says Rang(times=-1)",
        never,
        "Bell says Rang(times=5)",
        "Bell asks Wait() #2",
    ]
    page.resume(Desk.Told())
    await page.settle()
    assert outcomes == ["Cancelled", "Cancelled", "Cancelled", "NoneType"]
    assert page.kernel.coroutines == 1


@under("hand", "hosted", "task")
async def test_F4_one_replaced_in_the_step_of_its_fork_never_starts(page: Stage) -> None:
    async def forks() -> None:
        await fork(Bell, ring, 1)
        await fork(Bell, ring, 2, replace=True)
        await fork(Bell, ring, 3, replace=True)

    page.start(Desk, forks)
    never = "Bell was cancelled: replaced by another one (replaced)"
    assert await page.hears() == [
        never,
        never,
        "Desk returned None",
        "Bell says Rang(times=3)",
        "Bell asks Wait() #1",
    ]
    page.resume(Bell.Rung(3))
    assert await page.hears() == ["Bell returned 3"]
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_F2_an_event_for_one_that_is_being_replaced_is_refused(page: Stage) -> None:
    page.start(Desk, replaces)
    await page.advance(1)
    late = page.resume(Bell.Rung(1))
    await page.settle()
    assert late.reason == "no spindle: Talk.Bell is being replaced"
    await page.advance(5)
    page.resume(Bell.Rung(2))
    assert (await page.hears())[-1] == "Bell returned 2"
    assert page.balance() == (2, 1, 1, 0, 0)


@under("hand", "hosted", "task")
async def test_F2_the_page_is_cancelled_while_one_waits_for_the_key(page: Stage) -> None:
    page.start(Desk, replaces)
    await page.advance(2)
    page.said()
    await page.cancel("closing")
    assert page.said() == [
        "Bell was cancelled: closing (requested)",
        "Bell says Rang(times=-1)",
        "Bell was cancelled: replaced by another one (replaced)",
    ]
    assert page.kernel.coroutines == 0


@under("hand", "hosted", "task")
async def test_F2_one_that_waits_for_the_key_is_cancelled(page: Stage) -> None:
    async def forks() -> None:
        await fork(Bell, ring_and_tidy, 1)
        await sleep(1)
        second = await fork(Bell, ring, 2, replace=True)
        await second.cancel("changed my mind")
        third = await fork(Bell, ring, 3, replace=True)
        await third.cancel("again")
        await sleep(10)
        await fork(Bell, ring, 4)

    page.start(Desk, forks)
    await page.advance(20)
    assert page.said()[3:] == [
        "Bell was cancelled: changed my mind (handle)",
        "Bell was cancelled: again (handle)",
        "Bell says Rang(times=-1)",
        "Bell was cancelled: replaced by another one (replaced)",
        "Desk returned None",
        "Bell says Rang(times=4)",
        "Bell asks Wait() #2",
    ]


@under("hand", "hosted", "task")
async def test_F2_a_significant_one_whose_successor_never_starts_ends_the_page(
    page: Stage,
) -> None:
    async def forks() -> None:
        await fork(Bell, ring_and_tidy, 1, significant=True)
        await sleep(1)
        second = await fork(Bell, ring, 2, replace=True)
        await second.cancel()
        await Desk.Ask()

    page.start(Desk, forks)
    await page.advance(10)
    assert page.said()[-1] == "Desk was cancelled: Talk.Bell has ended (significant)"


@under("hand", "hosted", "task")
async def test_F2_a_spindle_replaces_itself(page: Stage) -> None:
    async def renews(left: int) -> None:
        await Bell.Rang(left)
        if left:
            await fork(Bell, renews, left - 1, replace=True)
            await Bell.Rang(99)

    page.start(Bell, renews, 2)
    replaced = "Bell was cancelled: replaced by another one (replaced)"
    assert await page.hears() == [
        "Bell says Rang(times=2)",
        replaced,
        "Bell says Rang(times=1)",
        replaced,
        "Bell says Rang(times=0)",
        "Bell returned None",
    ]


@under("hand", "hosted", "task")
async def test_F2_one_whose_fibers_are_still_ending_holds_the_key(page: Stage) -> None:
    async def tidies() -> None:
        try:
            await Bell.Wait()
        finally:
            async with cleanup(60):
                await sleep(5)

    async def returns_early() -> str:
        await fiber(tidies)
        await sleep(1)
        return "early"

    async def forks() -> None:
        await fork(Bell, returns_early)
        await sleep(2)
        try:
            await fork(Bell, ring, 1)
        except SpindleIsLive:
            await Desk.Said("taken")
        await fork(Bell, ring, 2, replace=True)

    page.start(Desk, forks)
    await page.advance(10)
    assert page.said()[2:] == [
        "Desk says Said(word='taken')",
        "Desk returned None",
        "Bell returned 'early'",
        "Bell says Rang(times=2)",
        "Bell asks Wait() #2",
    ]


@under("hand", "hosted", "task")
async def test_F2_replace_without_anyone_to_replace_just_starts(page: Stage) -> None:
    async def forks() -> None:
        await fork(Bell, ring, 1, replace=True)

    page.start(Desk, forks)
    assert await page.hears() == [
        "Desk returned None",
        "Bell says Rang(times=1)",
        "Bell asks Wait() #1",
    ]


@under("hand", "hosted", "task")
async def test_who_replaced_it_is_told_to_the_replaced(page: Stage) -> None:
    seen: list[str] = []

    async def looks() -> None:
        try:
            await Bell.Wait()
        finally:
            why = await cancel_reason()
            assert why is not None
            assert why.by is not None
            seen.append(f"{why.reason}, {why.origin.value}, by {why.by.block.__name__}")

    async def forks() -> None:
        await fork(Bell, looks)
        await sleep(1)
        await fork(Bell, ring, 2, replace=True)

    page.start(Desk, forks)
    await page.advance(1)
    assert seen == ["replaced by another one, replaced, by Desk"]
