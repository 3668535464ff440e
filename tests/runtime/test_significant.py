"""Significant spindles: the page ends when one of them has ended for good."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from spindle import Cancelled, Origin, Restart, When, cancel_reason, cleanup, fork, open_page, sleep
from tests.drivers import HOSTED, Stage, on_trio, under
from tests.talk import Bell, Desk, Talk, ask_once, ring_once

ENDED = [
    "Bell withdraws Wait() #1",
    "Bell was cancelled: Talk.Desk has ended (significant)",
]


async def fails_or_returns() -> str:
    word = (await Desk.Ask()).word
    if word == "fail":
        raise LookupError
    return word


@pytest.mark.parametrize("word", ["bye", "fail", "cancel"])
@under("hand", "hosted", "task")
async def test_E1_however_a_significant_spindle_ends_the_page_ends(page: Stage, word: str) -> None:
    reasons: list[Cancelled | None] = []

    async def sees() -> None:
        try:
            await Bell.Wait()
        finally:
            reasons.append(await cancel_reason())

    page.start(Bell, sees)
    handle = page.start(Desk, fails_or_returns, significant=True)
    await page.settle()
    page.said()
    if word == "cancel":
        handle.cancel_nowait("enough")
    else:
        page.resume(Desk.Told(word))
    assert (await page.hears())[-2:] == ENDED
    (reason,) = reasons
    assert (reason.origin, reason.by.block) == (Origin.SIGNIFICANT, Desk)


@under("hand", "hosted", "task")
async def test_E1_others_end_and_the_page_goes_on(page: Stage) -> None:
    page.start(Bell, ring_once, significant=True)
    page.start(Desk, ask_once)
    await page.settle()
    page.resume(Desk.Told("bye"))
    await page.settle()
    page.start(Desk, ask_once)
    assert (await page.hears())[-2:] == ["Desk returned 'bye'", "Desk asks Ask(number=1) #2"]


@under("hand", "hosted", "task")
async def test_E1_one_that_is_started_again_has_not_ended_for_good(page: Stage) -> None:
    page.start(Bell, ring_once)
    page.start(Desk, fails_or_returns, significant=True, policy=Restart(delay=1, jitter=0))
    await page.settle()
    page.resume(Desk.Told("fail"))
    await page.advance(1)
    assert page.said()[-2:] == ["Desk failed: LookupError", "Desk asks Ask(number=1) #2"]
    page.resume(Desk.Told("bye"))
    assert await page.hears() == ["Desk returned 'bye'", *ENDED]


@under("hand", "hosted", "task")
async def test_E1_one_whose_starts_are_used_up_has(page: Stage) -> None:
    async def returns() -> int:
        return 1

    policy = Restart(when=When.PERMANENT, delay=1, jitter=0, intensity=1)
    page.start(Bell, ring_once)
    page.start(Desk, returns, significant=True, policy=policy)
    await page.advance(1)
    assert page.said()[1:] == ["Desk returned 1", "Desk failed: RestartsSpent", *ENDED]


@under("hand", "hosted", "task")
async def test_E1_cancelled_between_two_runs_it_has_ended_for_good(page: Stage) -> None:
    async def replaces() -> None:
        await fork(Desk, ask_once, replace=True, significant=True)

    page.start(Bell, ring_once)
    page.start(Desk, fails_or_returns, significant=True, policy=Restart(delay=9, jitter=0))
    await page.settle()
    page.resume(Desk.Told("fail"))
    await page.settle()
    page.said()
    (waiting,) = [record for record in page.kernel.live.values() if record.block is Desk]
    page.turns.cancel_record(waiting, "enough")
    assert await page.hears() == ["Desk was cancelled: enough (handle)", *ENDED]


@under("hand", "hosted", "task")
async def test_E1_one_that_is_replaced_hands_over(page: Stage) -> None:
    async def replaces() -> None:
        await fork(Desk, ask_once, replace=True, significant=True)

    page.start(Bell, ring_once)
    page.start(Desk, fails_or_returns, significant=True)
    page.start(Bell, replaces, instance="replaces")
    assert (await page.hears())[-2:] == [
        "Desk was cancelled: replaced by another one (replaced)",
        "Desk asks Ask(number=1) #2",
    ]
    page.resume(Desk.Told("bye"))
    assert await page.hears() == ["Desk returned 'bye'", *ENDED]


@under("hand", "hosted", "task")
async def test_E1_when_nobody_takes_its_place_the_page_ends(page: Stage) -> None:
    """The one that was to take it is cancelled before the old one has gone."""

    async def lingers() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(5):
                await sleep(2)

    async def replaces() -> None:
        handle = await fork(Desk, ask_once, replace=True)
        await handle.cancel("changed my mind")

    page.start(Bell, ring_once)
    page.start(Desk, lingers, significant=True)
    page.start(Bell, replaces, instance="replaces")
    await page.advance(1)
    assert page.said()[-2:] == [
        "Desk was cancelled: changed my mind (handle)",
        "Bell[replaces] returned None",
    ]
    await page.advance(1)
    assert page.said() == ["Desk was cancelled: replaced by another one (replaced)", *ENDED]


@HOSTED
@on_trio()
async def test_E1_the_body_goes_on_and_hears_the_end(hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Bell, ring_once)
        page.start(Desk, ask_once, significant=True)
        await trio.testing.wait_all_tasks_blocked()
        page.resume(Desk.Told("bye"))
        await page.wait()
        assert page.ended
        said = [message async for _, message in page.outbox]
        assert said[-1] == Cancelled("Talk.Desk has ended", Origin.SIGNIFICANT, said[-1].by)
