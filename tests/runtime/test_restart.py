"""Spindles that are started again: when, how often, how soon, and what they keep."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from spindle import (
    ESCALATE,
    Cancelled,
    Errored,
    Restart,
    RestartsSpent,
    UsageError,
    When,
    cleanup,
    fiber,
    fork,
    open_page,
    sleep,
    unique_id,
)
from spindle._core.kernel.snapshot import tree
from tests.drivers import HOSTED, Stage, on_trio, play, under
from tests.restarts import Runs, at_once, tell
from tests.talk import Bell, Desk, Talk

EVERY = pytest.mark.parametrize("when", list(When))


@EVERY
@under("hand", "hosted", "task")
async def test_E3_which_ends_are_followed_by_a_new_start(page: Stage, when: When) -> None:
    runs = Runs()

    async def run() -> str:
        return await runs()

    page.start(Desk, run, policy=at_once(when))
    assert await page.hears() == ["Desk asks Ask(number=1) #1"]
    said = await tell(page, "fail")
    assert said[:1] == ["Desk failed: LookupError"]
    if when is When.TEMPORARY:
        assert said[1:] == []
        page.start(Desk, run, policy=at_once(when))
        said += await page.hears()
    assert said[1:] == ["Desk asks Ask(number=2) #2"]
    said = await tell(page, "bye")
    assert said[:1] == ["Desk returned 'bye'"]
    assert said[1:] == (["Desk asks Ask(number=3) #3"] if when is When.PERMANENT else [])


@EVERY
@under("hand", "hosted", "task")
async def test_E3_one_that_was_cancelled_is_not_started_again(page: Stage, when: When) -> None:
    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            raise LookupError("while it was cancelled")

    runs = Runs()
    handle = page.start(Desk, runs.__call__, policy=at_once(when))
    other = page.start(Desk, cleans, instance="cleans", policy=at_once(when))
    await page.settle()
    handle.cancel_nowait("enough")
    other.cancel_nowait("enough")
    assert [line for line in await page.hears() if "asks" not in line] == [
        "Desk withdraws Ask(number=1) #1",
        "Desk was cancelled: enough (handle)",
        "Desk[cleans] withdraws Ask(number=1) #1",
        "Desk[cleans] failed: LookupError",
    ]
    assert runs.count == 1
    assert page.kernel.live == {}


@under("hand", "hosted", "task")
async def test_E3_the_old_run_is_cleaned_up_before_the_new_one_starts(page: Stage) -> None:
    log: list[str] = []

    async def slow_to_go() -> None:
        try:
            await sleep(100)
        finally:
            async with cleanup(9):
                await sleep(3)
                log.append("fiber over")

    async def fails_once() -> None:
        log.append("begins")
        if len(log) > 1:
            return
        await fiber(slow_to_go)
        try:
            await sleep(1)
            raise LookupError
        finally:
            async with cleanup(9):
                await sleep(2)
                log.append("cleaned")

    page.start(Desk, fails_once, policy=at_once())
    await page.advance(5)
    assert log == ["begins", "cleaned"]
    assert page.said() == []
    await page.advance(1)
    assert log == ["begins", "cleaned", "fiber over", "begins"]
    assert page.said() == ["Desk failed: LookupError", "Desk returned None"]


@under("hand", "hosted", "task")
async def test_E3_no_more_starts_than_the_intensity_within_a_period(page: Stage) -> None:
    runs = Runs()
    page.start(Desk, runs.__call__, policy=at_once(intensity=2, period=10))
    await page.advance(1)
    await tell(page, "fail")
    await page.advance(5)
    await tell(page, "fail")
    assert "restarted 2 times" in str(tree(page.kernel))
    # 10 s after the first new start that one does not count any more.
    await page.advance(5)
    assert (await tell(page, "fail"))[-1] == "Desk asks Ask(number=4) #4"
    assert (await tell(page, "fail"))[-1] == "Desk failed: RestartsSpent"
    assert runs.count == 4
    assert page.kernel.live == {}


@under("hand", "hosted", "task")
async def test_E3_a_budget_that_is_spent_is_told_with_the_last_failure(page: Stage) -> None:
    told: list[object] = []

    async def watches() -> None:
        told.append("watching")

    runs = Runs()
    handle = page.start(Desk, runs.__call__, policy=at_once(intensity=0))
    page.start(Bell, watches)
    await page.settle()
    page.said()
    await tell_and_keep(page, told)
    (errored,) = [each for each in told if isinstance(each, Errored)]
    assert isinstance(errored.error, RestartsSpent)
    assert str(errored.error) == "Talk.Desk is not started again: it was, 0 times within 5 s"
    assert isinstance(errored.error.__cause__, LookupError)
    # The handle stands for the run.
    assert isinstance(handle.outcome.error, LookupError)


async def tell_and_keep(page: Stage, told: list[object]) -> None:
    page.resume(Desk.Told("fail"))
    await page.settle()
    told += [message for _, message in page._drained()]


@under("hand", "hosted", "task")
async def test_E3_a_permanent_one_that_returns_too_often_is_given_up_too(page: Stage) -> None:
    async def returns() -> int:
        return 1

    page.start(Desk, returns, policy=at_once(When.PERMANENT, intensity=2))
    assert await page.hears() == [
        "Desk returned 1",
        "Desk returned 1",
        "Desk failed: RestartsSpent",
    ]


@under("hand", "hosted", "task")
async def test_E3_the_delay_grows_with_each_failure_in_a_row(page: Stage) -> None:
    began: list[float] = []

    async def fails() -> None:
        began.append(page.kernel.now)
        await sleep(0.5 if len(began) != 6 else 20)
        raise LookupError

    policy = Restart(delay=1, factor=2, longest=6, jitter=0, intensity=5, period=10)
    page.start(Desk, fails, policy=policy)
    await page.advance(100)
    gaps = [round(after - before, 3) for before, after in pairwise(began)]
    # Each run takes 0.5 s; one that holds out for a period makes the delay small again.
    assert gaps[:7] == [1.5, 2.5, 4.5, 6.5, 6.5, 21, 2.5]


def delays(seed: bytes) -> list[float]:
    began: list[float] = []

    async def fails() -> None:
        began.append(stage.kernel.now)
        raise LookupError

    stage: Stage

    async def scenario(page: Stage) -> None:
        nonlocal stage
        stage = page
        page.kernel._chance = seed
        page.start(Desk, fails, policy=Restart(delay=1, factor=1, jitter=0.5, period=1))
        await page.advance(20)

    play("hand", scenario)
    return [after - before for before, after in pairwise(began)]


def test_E3_jitter_is_drawn_and_comes_again_with_the_seed() -> None:
    first, again, other = delays(b"1"), delays(b"1"), delays(b"2")
    assert first == again
    assert first != other
    assert len(set(first)) > 5
    assert all(1 <= delay <= 1.5 for delay in first)


@under("hand", "hosted", "task")
async def test_E3_a_fork_has_a_policy_too(page: Stage) -> None:
    runs = Runs()

    async def forks() -> None:
        await fork(Desk, runs.__call__, policy=at_once(), instance="forked")

    page.start(Bell, forks)
    await page.settle()
    page.said()
    page.resume(Desk.Told("fail"), instance="forked")
    assert await page.hears() == [
        "Desk[forked] failed: LookupError",
        "Desk[forked] asks Ask(number=2) #2",
    ]


@under("hand", "hosted", "task")
async def test_E3_a_failure_while_the_page_ends_is_told_and_settles_what_was_held(
    page: Stage,
) -> None:
    """The page is being cancelled, the spindle not yet: a start would be refused."""

    async def fails() -> None:
        await Desk.Ask()
        page.turns.leave(Cancelled("going"))
        raise LookupError

    page.start(Desk, fails, policy=at_once())
    await page.settle()
    kept = page.resume(Desk.Queued(1))
    page.resume(Desk.Told())
    await page.settle()
    assert kept.settlement.value == "dead-lettered"
    assert page.kernel.ledger.pending == 0


@HOSTED
@on_trio()
async def test_E3_spent_with_a_policy_to_escalate_it_ends_the_page(hosted: bool) -> None:
    async def fails() -> None:
        await unique_id()
        raise LookupError("again and again")

    async def open_it() -> None:
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, fails, policy=Restart(jitter=0, intensity=3, spent=ESCALATE))
            await page.wait()
            pytest.fail("the body went on")

    with pytest.raises(ExceptionGroup, match="spindles have ended the page") as raised:
        await open_it()
    (spent,) = raised.value.exceptions
    assert isinstance(spent, RestartsSpent)
    assert str(spent) == "Talk.Desk is not started again: it was, 3 times within 5 s"
    assert isinstance(spent.__cause__, LookupError)


@pytest.mark.parametrize(
    "wrong",
    [
        {"period": 0},
        {"factor": -1},
        {"intensity": -1},
        {"delay": -0.1},
        {"longest": float("nan")},
        {"jitter": -1},
        {"jitter": math.inf},
    ],
)
def test_a_policy_is_made_of_numbers_that_make_sense(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(UsageError, match=rf"Restart\({name}=\) takes a (positive )?number"):
        Restart(**wrong)


@pytest.mark.parametrize("name", ["period", "delay", "factor", "longest", "jitter"])
@pytest.mark.parametrize("given", [Fraction(1, 2), Decimal("0.5"), True, "1", None, 10**400])
def test_a_policy_takes_numbers_that_a_log_reads_back(name: str, given: object) -> None:
    wrong: dict[str, Any] = {name: given}
    with pytest.raises(UsageError, match=rf"Restart\({name}=\) takes .*number.*, not .+"):
        Restart(**wrong)


@pytest.mark.parametrize("given", [2.5, 3.0, math.inf, True, None, "3", 2**63])
def test_a_policy_takes_a_whole_number_of_starts(given: Any) -> None:
    with pytest.raises(UsageError, match=r"Restart\(intensity=\) takes a number of new starts"):
        Restart(intensity=given)
    assert Restart(intensity=2**63 - 1).intensity == 2**63 - 1


@pytest.mark.parametrize(("name", "given"), [("when", "permanent"), ("spent", Restart())])
def test_a_policy_takes_its_own_words(name: str, given: object) -> None:
    wrong: dict[str, Any] = {name: given}
    with pytest.raises(UsageError, match=rf"Restart\({name}=\) takes .* not "):
        Restart(**wrong)


def test_whole_numbers_and_numbers_without_end_are_numbers() -> None:
    policy = Restart(period=math.inf, delay=2**70, longest=math.inf)
    assert type(policy.delay) is float
    assert repr(Restart(delay=1).delay) == "1"
    assert policy == msgspec.msgpack.decode(msgspec.msgpack.encode(policy), type=Restart)
    assert Restart(delay=0, factor=math.inf, jitter=9).backoff(0, 0.0) == 0


def test_a_thousand_failures_in_a_row_do_not_overflow() -> None:
    assert Restart().backoff(5000, 0.0) == 30


@pytest.mark.parametrize("factor", [1e10, 1e200])
def test_a_factor_that_overflows_comes_to_the_longest_delay(factor: float) -> None:
    assert Restart(factor=factor).backoff(40, 0.0) == 30
    assert Restart(factor=factor, delay=0).backoff(40, 0.0) == 0
