"""`cleanup`: a budget in which operations work although the spindle is cancelled."""

from __future__ import annotations

import math

import pytest

from spindle import Coroutine, Errored, UsageError, cleanup, perform
from tests.drivers import Stage, under
from tests.talk import Desk


async def noted(log: list[str], line: str) -> None:
    log.append(line)


@under("hand", "hosted", "task")
async def test_E5_an_operation_in_a_finally_raises_again_at_once(page: Stage) -> None:
    log: list[str] = []

    async def insists() -> None:
        try:
            await Desk.Ask()
        finally:
            for operation in (Desk.Said("no"), Desk.Ask(2), perform(noted, log, "no")):
                try:
                    await operation
                except BaseException:
                    log.append("refused")
            await Desk.Said("no")

    page.start(Desk, insists)
    await page.settle()
    page.said()
    await page.cancel("x")
    assert log == ["refused"] * 3
    assert page.said() == [
        "Desk withdraws Ask(number=1) #1",
        "Desk was cancelled: x (requested)",
    ]


@under("hand", "hosted", "task")
async def test_E5_in_a_cleanup_it_runs_within_its_budget(page: Stage) -> None:
    log: list[str] = []

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(5):
                await perform(noted, log, "called")
                await Desk.Said("bye")
                await Desk.Ask(2)
                log.append("never")
            log.append("behind")

    page.start(Desk, cleans)
    await page.settle()
    page.said()
    await page.cancel("x")
    assert log == ["called", "behind"]
    assert page.said() == [
        "Desk withdraws Ask(number=1) #1",
        "Desk says Said(word='bye')",
        "Desk asks Ask(number=2) #2",
        "Desk withdraws Ask(number=2) #2",
        "Desk was cancelled: x (requested)",
    ]


@under("hand", "hosted", "task")
async def test_a_cleanup_may_be_answered_while_the_page_ends(page: Stage) -> None:
    async def asks_again() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(5):
                await Desk.Take()

    page.start(Desk, asks_again)
    receipt = page.resume(Desk.Queued(1))
    await page.settle()
    await page.cancel("x")
    assert receipt.settlement.value == "dead-lettered", "its spindle ended cancelled"
    assert page.said()[-2:] == ["Desk asks Take() #2", "Desk was cancelled: x (requested)"]


@under("hand", "hosted", "task")
async def test_entered_before_the_cancel_it_shields_too(page: Stage) -> None:
    log: list[str] = []

    async def shields() -> None:
        async with cleanup(5):
            await Desk.Ask()
            log.append("never")
        log.append("behind")
        await Desk.Ask(2)

    page.start(Desk, shields)
    await page.settle()
    await page.cancel("x")
    assert log == ["behind"]
    assert page.said()[-1] == "Desk was cancelled: x (requested)"


@under("hand", "hosted", "task")
async def test_without_a_cancel_it_changes_nothing(page: Stage) -> None:
    async def cleans() -> str:
        async with cleanup(5):
            first = (await Desk.Ask()).word
        return first + (await Desk.Ask(2)).word

    page.start(Desk, cleans)
    await page.settle()
    page.resume(Desk.Told("a"))
    await page.settle()
    page.resume(Desk.Told("b"))
    assert (await page.hears())[-1] == "Desk returned 'ab'"


@under("hand", "hosted", "task")
async def test_an_error_in_a_cleanup_passes(page: Stage) -> None:
    async def fails() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(5):
                raise LookupError("in the cleanup")

    handle = page.start(Desk, fails)
    await page.settle()
    await page.cancel("x")
    assert page.said()[-1] == "Desk failed: LookupError"
    assert handle.outcome.error.__context__ is not None


@under("hand", "hosted", "task")
async def test_an_error_of_a_body_that_was_cut_passes(page: Stage) -> None:
    """Only the overrun is swallowed, and only if nothing else came of it."""

    async def fails() -> None:
        async with cleanup(5):
            try:
                await Desk.Ask()
            finally:
                raise LookupError("while it was cut")

    page.start(Desk, fails)
    await page.settle()
    await page.cancel("x")
    assert page.said()[-1] == "Desk failed: LookupError"


@under("hand", "hosted", "task")
async def test_cleanups_nest_and_the_outer_budget_holds(page: Stage) -> None:
    log: list[str] = []

    async def nests() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(1):
                async with cleanup(3):
                    await Desk.Ask(2)
                    log.append("never")
                log.append("inner cut at its own budget")
                await Desk.Ask(3)
                log.append("never")
            log.append("outer cut")

    page.start(Desk, nests)
    await page.settle()
    await page.cancel("x")
    assert log == ["inner cut at its own budget", "outer cut"]
    assert "Desk asks Ask(number=3) #3" not in page.said()


@under("hand", "hosted", "task")
async def test_equal_budgets_end_the_outer_one_first(page: Stage) -> None:
    log: list[str] = []

    async def nests() -> None:
        async with cleanup(2):
            async with cleanup(2):
                await Desk.Ask()
            log.append("between")
            await Desk.Said("never")
        log.append("behind")

    page.start(Desk, nests)
    await page.settle()
    await page.cancel("x")
    assert log == ["between", "behind"]


@under("hand", "hosted", "task")
async def test_a_finished_cleanup_leaves_no_deadline(page: Stage) -> None:
    async def cleans() -> str:
        for _ in range(3):
            async with cleanup(5):
                await Desk.Said("x")
        return (await Desk.Ask()).word

    handle = page.start(Desk, cleans)
    await page.settle()
    assert page.kernel.timers.next_at() is None
    page.resume(Desk.Told("on"))
    await page.settle()
    assert handle.outcome.value == "on"


@pytest.mark.parametrize("seconds", [0, -1, math.nan, -math.inf])
def test_a_budget_is_a_positive_number(seconds: float) -> None:
    with pytest.raises(UsageError, match=r"cleanup\(\) takes a positive number of seconds, not "):
        cleanup(seconds)


@under("hand", "hosted", "task")
async def test_a_cleanup_is_entered_once(page: Stage) -> None:
    async def enters_twice() -> None:
        scope = cleanup(1)
        async with scope:
            pass
        async with scope:
            pass

    handle = page.start(Desk, enters_twice)
    assert await page.hears() == ["Desk failed: UsageError"]
    assert "call cleanup() again for a new one" in str(handle.outcome.error)


@under("hand", "hosted")
async def test_cleanups_are_left_in_the_reverse_order_of_entry(page: Stage) -> None:
    async def crosses() -> None:
        first, second = cleanup(1), cleanup(1)
        await first.__aenter__()
        await second.__aenter__()
        await first.__aexit__(None, None, None)

    handle = page.start(Desk, crosses)
    assert await page.hears() == ["Desk failed: UsageError"]
    assert str(handle.outcome.error) == "Talk.Desk left a scope that is not its innermost one"


def test_a_spindle_that_ends_inside_a_scope_leaves_no_deadline() -> None:
    async def forgets() -> str:
        await cleanup(1).__aenter__()
        return "forgotten"

    fiber = Coroutine(forgets)
    assert fiber.run().value == "forgotten"
    assert fiber._by_hand("").hand.kernel.timers.next_at() is None


def test_a_scope_that_was_never_entered_is_not_left() -> None:
    async def leaves() -> None:
        await cleanup(1).__aexit__(None, None, None)

    ended = Coroutine(leaves).run()
    assert isinstance(ended, Errored)
    assert "is not its innermost one" in str(ended.error)
