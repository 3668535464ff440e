"""Spindles whose failure ends the page: who hears of it, and in which form."""

from __future__ import annotations

import logging

import pytest
import trio
import trio.testing

from spindle import (
    ESCALATE,
    Cancelled,
    Origin,
    Restart,
    RestartsSpent,
    cancel_reason,
    cleanup,
    fork,
    open_host,
    open_page,
    perform,
)
from spindle.testing import Recording
from tests.drivers import HOSTED, Stage, on_trio, play, under
from tests.talk import Bell, Desk, Talk, ask_once, ring_once


async def fails() -> None:
    raise LookupError((await Desk.Ask()).word)


async def fails_when_told() -> None:
    raise KeyError((await Bell.Wait()).times)


@pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
def test_E1_a_failure_that_escalates_ends_the_page(driver: str) -> None:
    reasons: list[Cancelled | None] = []

    async def sees() -> None:
        try:
            await Bell.Wait()
        finally:
            reasons.append(await cancel_reason())

    async def scenario(page: Stage) -> None:
        page.start(Bell, sees)
        page.start(Desk, fails, policy=ESCALATE, instance="critical")
        page.start(Desk, ask_once)
        await page.settle()
        assert len(page.said()) == 3
        page.resume(Desk.Told("disk gone"), instance="critical")
        await page.settle()

    for seed in range(10):
        reasons.clear()
        recording = Recording()
        with pytest.raises(ExceptionGroup):
            play(driver, scenario, seed=seed, recording=recording)
        lines = recording.lines()
        at = next(position for position, line in enumerate(lines) if "failed: Lookup" in line)
        assert lines[at:] == [
            "Desk[critical]           -> failed: LookupError('disk gone')",
            "page                     <- cancelled: Talk.Desk['critical'] failed",
            "Desk                     -> withdrawn: Ask(number=1)   (yield 1)",
            "Bell                     -> withdrawn: Wait()   (yield 1)",
            "Desk                     -> cancelled: Talk.Desk['critical'] failed",
            "Bell                     -> cancelled: Talk.Desk['critical'] failed",
        ]
        (reason,) = reasons
        assert reason.origin is Origin.ESCALATED
        assert (reason.by.block, reason.by.instance) == (Desk, "critical")


@HOSTED
@on_trio()
async def test_E1_the_body_is_cancelled_and_the_block_raises_one_flat_group(hosted: bool) -> None:
    body: list[str] = []

    async def open_it() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, fails, policy=ESCALATE)
            page.start(Bell, fails_when_told)
            await trio.testing.wait_all_tasks_blocked()
            page.resume(Bell.Rung(7))
            page.resume(Desk.Told("disk gone"))
            try:
                await trio.sleep_forever()
            finally:
                assert page.ended
                body.append("cancelled")

    with pytest.raises(ExceptionGroup) as raised:
        await open_it()
    assert body == ["cancelled"]
    assert str(raised.value) == "spindles have ended the page (1 sub-exception)"
    assert [repr(each) for each in raised.value.exceptions] == ["LookupError('disk gone')"]
    assert raised.value.__cause__ is None


@HOSTED
@on_trio()
async def test_E1_what_fails_while_the_page_ends_is_in_the_group_too(hosted: bool) -> None:
    async def cleans_badly(name: str) -> None:
        try:
            await Bell.Wait()
        finally:
            async with cleanup(5):
                await perform(trio.sleep, 1)
                raise OSError(name)

    async def open_it() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, fails, policy=ESCALATE)
            page.start(Bell, cleans_badly, "escalates", policy=ESCALATE)
            page.start(Bell, cleans_badly, "is reported", instance="reported")
            await trio.testing.wait_all_tasks_blocked()
            page.resume(Desk.Told("disk gone"))
            await page.wait()
            pytest.fail("the body went on")

    with pytest.raises(ExceptionGroup) as raised:
        await open_it()
    assert [str(each) for each in raised.value.exceptions] == ["disk gone", "escalates"]


class Body:
    """Ways in which the body of a page may end when it is cancelled."""

    async def raises(self) -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise ValueError("body")

    async def raises_a_group(self) -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise ExceptionGroup("own", [ValueError("body")])

    async def raises_in_a_nursery(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            nursery.start_soon(self.raises)

    async def is_cancelled_in_a_nursery(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)

    async def returns(self) -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(1)

    async def exits(self) -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise SystemExit(3)


ENDS = {
    "raises": ["ValueError('body')", "LookupError('disk gone')"],
    "raises_a_group": [
        "ExceptionGroup('own', [ValueError('body')])",
        "LookupError('disk gone')",
    ],
    "raises_in_a_nursery": ["ValueError('body')", "LookupError('disk gone')"],
    "is_cancelled_in_a_nursery": ["LookupError('disk gone')"],
    "returns": ["LookupError('disk gone')"],
}


async def escalate_around(body: str, hosted: bool) -> None:
    async with open_page(Talk, hosted=hosted) as page:
        page.start(Desk, fails, policy=ESCALATE)
        await trio.testing.wait_all_tasks_blocked()
        page.resume(Desk.Told("disk gone"))
        await getattr(Body(), body)()


@pytest.mark.parametrize("body", ENDS)
@HOSTED
@on_trio()
async def test_E1_the_bodys_own_error_stands_first(hosted: bool, body: str) -> None:
    with pytest.raises(ExceptionGroup) as raised:
        await escalate_around(body, hosted)
    assert [repr(each) for each in raised.value.exceptions] == ENDS[body]


@HOSTED
@on_trio()
async def test_E1_a_body_that_exits_the_program_does_so(hosted: bool) -> None:
    with pytest.raises(SystemExit):
        await escalate_around("exits", hosted)


@HOSTED
@on_trio()
async def test_E1_the_error_is_not_lost_when_the_program_around_is_cancelled(hosted: bool) -> None:
    async def open_it() -> None:
        with trio.CancelScope() as scope:
            async with open_page(Talk, hosted=hosted) as page:
                page.start(Desk, fails, policy=ESCALATE)
                await trio.testing.wait_all_tasks_blocked()
                page.resume(Desk.Told("disk gone"))
                scope.cancel()
                await trio.sleep_forever()

    with pytest.raises(ExceptionGroup) as raised:
        await open_it()
    assert [str(each) for each in raised.value.exceptions] == ["disk gone"]


@HOSTED
@on_trio()
async def test_E1_a_fork_may_escalate(hosted: bool) -> None:
    async def forks() -> None:
        await fork(Desk, fails, policy=ESCALATE)

    async def open_it() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Bell, forks)
            await trio.testing.wait_all_tasks_blocked()
            page.resume(Desk.Told("disk gone"))
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup, match="spindles have ended the page"):
        await open_it()


@on_trio()
async def test_E1_the_page_of_a_host_ends_alone_and_who_waits_for_it_is_told(caplog) -> None:
    with caplog.at_level(logging.ERROR, logger="spindle"):
        async with open_host() as host:
            page, other = host.open(Talk), host.open(Talk)
            handle = other.start(Bell, ring_once)
            page.start(Bell, ring_once)
            page.start(Desk, fails, policy=ESCALATE)
            caplog.clear()
            page.resume(Desk.Told("disk gone"))
            with pytest.raises(ExceptionGroup) as raised:
                await page.wait()
            assert [str(each) for each in raised.value.exceptions] == ["disk gone"]
            assert page.ended
            said = [message async for _, message in page.outbox]
            assert said[-1] == Cancelled("Talk.Desk failed", Origin.ESCALATED, said[-1].by)
            # To end it once more is no error, and its neighbour has noticed nothing.
            await page.cancel("again")
            await page.stop("again", grace=1)
            other.resume(Bell.Rung(3))
            await other.wait()
            assert handle.outcome.value == 3
            assert host.pages == 1
    (record,) = caplog.records
    assert record.name == "spindle"
    assert record.getMessage() == "a spindle's failure has ended its page"
    assert record.exc_info[0] is LookupError


class BadText(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


class BadHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise RecursionError


@on_trio()
async def test_E2_what_cannot_be_logged_hurts_nobody() -> None:
    async def fails_badly() -> None:
        raise BadText

    logger, handler = logging.getLogger("spindle"), BadHandler()
    logger.addHandler(handler)
    try:
        async with open_host() as host:
            page = host.open(Talk)
            page.start(Desk, fails_badly, policy=ESCALATE)
            with pytest.raises(ExceptionGroup):
                await page.wait()
            assert host.pages == 0
    finally:
        logger.removeHandler(handler)


@under("hand", "hosted", "task")
async def test_E3_when_the_budget_is_spent_the_page_may_go_on(page: Stage) -> None:
    page.start(Desk, fails, policy=Restart(intensity=0))
    page.start(Bell, ring_once)
    await page.settle()
    page.resume(Desk.Told())
    await page.settle()
    page.resume(Bell.Rung(2))
    assert (await page.hears())[-2:] == [
        f"Desk failed: {RestartsSpent.__name__}",
        "Bell returned 2",
    ]
