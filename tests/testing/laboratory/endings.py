"""Scenarios of ends: what unwinds, what comes too late, what fails, what ends the page."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import trio

from spindle import ESCALATE, Errored, PageClosed, cleanup, open_page, sleep
from tests.talk import Bell, Desk, Talk

if TYPE_CHECKING:
    from spindle.testing.laboratory import Trial
    from tests.testing.laboratory.scenarios import Scenario

__all__ = ["escalating", "failing", "stale", "unwinding"]


def unwinding(hosted: bool) -> Scenario:
    """What is raised while a cancelled spindle cleans up is not masked by the cancellation."""

    async def desk(log: list[str]) -> None:
        try:
            await Desk.Ask()
            await Desk.Ask()
            log.append("returns")
        except LookupError:
            raise AssertionError("nobody raised that") from None
        finally:
            if "returns" not in log:
                log.append("raises")
                raise LookupError("in cleanup")

    async def scenario(trial: Trial) -> None:
        log: list[str] = []
        async with open_page(Talk, hosted=hosted) as page:
            handle = page.start(Desk, desk, log)
            trial.at_end(lambda: isinstance(handle.outcome, Errored) == ("raises" in log))
            await trio.lowlevel.checkpoint()
            page.resume(Desk.Told("a"))
            await trio.sleep(1)
            page.resume(Desk.Told("b"))
            await page.wait()

    return scenario


def stale(hosted: bool) -> Scenario:
    """Answers that name the yield they are for, and come too late."""

    async def desk(log: list[str]) -> None:
        for number in range(3):
            told = await Desk.Ask(number)
            log.append(f"{told.word}{number}")

    async def scenario(trial: Trial) -> None:
        log: list[str] = []
        trial.always(lambda: all(said in ("one0", "two1", "three2") for said in log))
        async with open_page(Talk, hosted=hosted) as page:
            page.start(Desk, desk, log)
            for number, word in enumerate(("one", "two", "three")):
                await trial.settle()
                page.resume(Desk.Told(word), yield_id=number + 1)
                page.resume(Desk.Told(word), yield_id=number + 1)
            await page.wait()

    return scenario


def failing(hosted: bool) -> Scenario:
    """The body of the page raises."""

    async def desk() -> None:
        await Desk.Ask()

    async def scenario(trial: Trial) -> None:
        with suppress(LookupError):
            async with open_page(Talk, hosted=hosted) as page:
                page.start(Desk, desk)
                await trio.lowlevel.checkpoint()
                raise LookupError

    return scenario


def escalating(hosted: bool) -> Scenario:
    """Two spindles whose failures end the page, while a third cleans up."""

    async def fails(seconds: float) -> None:
        await sleep(seconds)
        raise LookupError(str(seconds))

    async def cleans() -> None:
        try:
            await Desk.Ask()
        finally:
            async with cleanup(2):
                await sleep(1)
            raise LookupError("in cleanup")

    async def scenario(trial: Trial) -> None:
        raised: list[BaseException] = []

        def it_is_one_flat_group_of_what_spindles_raised() -> None:
            for error in raised:
                assert isinstance(error, ExceptionGroup)
                assert {type(each) for each in error.exceptions} <= {LookupError, PageClosed}

        trial.at_end(it_is_one_flat_group_of_what_spindles_raised)
        try:
            async with open_page(Talk, hosted=hosted) as page:
                page.start(Desk, cleans, policy=ESCALATE)
                for name, seconds in (("a", 0.5), ("b", 0.5), ("c", 0.75)):
                    page.start(Bell, fails, seconds, instance=name, policy=ESCALATE)
                await page.wait()
        except ExceptionGroup as error:
            raised.append(error)

    return scenario
