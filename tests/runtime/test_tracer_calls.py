"""Calls as a tracer is told of them, and what it sets around them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import pytest
import trio

from spindle import (
    TracedCall,
    TracedSpindle,
    Tracer,
    UsageError,
    fiber,
    perform,
    timeout,
    use,
)
from tests.drivers import Stage, play
from tests.library import Books, Library, ask_all
from tests.runtime.followed import DRIVERS, ON_TRIO, Lines, follow
from tests.talk import Clerk, Desk


class Waits(Clerk):
    """Waits as long as it is told to."""

    async def look(self, what: str) -> str:
        await trio.sleep(float(what))
        return what

    async def note(self, what: str) -> None: ...
    async def pay(self, amount: int, *, currency: str = "EUR") -> str: ...


@ON_TRIO
def test_two_calls_of_one_name_are_told_apart(driver: str) -> None:
    ended: list[object] = []

    class Ends(Lines):
        @contextmanager
        def call(self, call: TracedCall) -> Generator[None]:
            began = trio.current_time()
            yield
            ended.append(trio.current_time() - began)

    async def looks(seconds: str) -> None:
        await (await use(Clerk)).look(seconds)

    async def both() -> None:
        first = await fiber(looks, "3")
        await fiber(looks, "2")
        await first.result()

    async def scenario(page: Stage) -> None:
        page.start(Desk, both)
        await page.advance(5)

    play(driver, scenario, tracer=Ends(), provide={Clerk: Waits()})
    assert ended == [2, 3]


@ON_TRIO
def test_a_call_that_is_cut_says_who_did_it(driver: str) -> None:
    async def looks() -> None:
        clerk = await use(Clerk)
        try:
            async with timeout(1):
                await clerk.look("9")
        except TimeoutError:
            await clerk.look("9")

    async def scenario(page: Stage) -> None:
        page.start(Desk, looks)
        await page.advance(2)
        await page.cancel("closing time")

    told = follow(driver, scenario, provide={Clerk: Waits()})
    assert [line for line in told if line.startswith("Clerk")] == [
        "Clerk.look cancelled",
        "Clerk.look cancelled: closing time",
    ]


@DRIVERS
def test_a_call_that_fails_and_one_that_is_none(driver: str) -> None:
    async def fails() -> None:
        raise LookupError("gone")

    def is_none() -> None: ...

    async def calls() -> None:
        for fn in (fails, is_none):
            with pytest.raises((LookupError, UsageError)):
                await perform(fn)

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.settle()

    told = follow(driver, scenario)
    assert "fails LookupError('gone')" in told
    assert "Talk.Desk returned None" in told


VARIABLE: ContextVar[str] = ContextVar("variable", default="nothing")


@DRIVERS
def test_a_batch_is_called_for_a_spindle_that_asked(driver: str) -> None:
    async def scenario(page: Stage) -> None:
        page.start(Desk, ask_all, 1, 2, provide={Library: Books()})
        await page.settle()

    assert [each for each in follow(driver, scenario) if "Library" in each] == [
        "Talk.Desk calls Library.books (read)",
        "Library.books done",
    ]


@DRIVERS
def test_a_call_runs_with_what_the_tracer_sets_and_nobody_else_does(driver: str) -> None:
    seen: list[str] = []

    class Sets(Tracer):
        def spindle_started(self, spindle: TracedSpindle) -> None:
            spindle.context.run(VARIABLE.set, "of the spindle")

        @contextmanager
        def call(self, call: TracedCall) -> Generator[None]:
            seen.append(VARIABLE.get())
            token = VARIABLE.set("of the call")
            yield
            VARIABLE.reset(token)

    async def port() -> None:
        seen.append(VARIABLE.get())

    async def calls() -> None:
        await perform(port)
        seen.append(VARIABLE.get())
        VARIABLE.set("of its code")
        await perform(port)
        seen.append(VARIABLE.get())

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.settle()

    play(driver, scenario, tracer=Sets())
    assert seen == [
        "of the spindle",
        "of the call",
        "of the spindle",
        "of its code",
        "of the call",
        "of its code",
    ]
    assert VARIABLE.get() == "nothing"


@DRIVERS
def test_a_port_finds_the_context_variables_of_its_spindle(driver: str) -> None:
    seen: list[str] = []

    async def port() -> None:
        seen.append(VARIABLE.get())

    async def calls() -> None:
        VARIABLE.set("of its code")
        await perform(port)

    async def scenario(page: Stage) -> None:
        page.start(Desk, calls)
        await page.settle()

    play(driver, scenario)
    assert seen == ["of its code"]
