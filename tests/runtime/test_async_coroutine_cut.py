"""A coroutine without a page, cancelled at every step of a conversation."""

from __future__ import annotations

import pytest
import trio

from spindle import Cancelled, Completed, Suspended, UnexpectedEvent, open_coroutine
from tests.drivers import HOSTED, run_on_trio
from tests.laboratory.injection import AtStep
from tests.tidy import CLEANED, Tidy
from tests.typing.wizard import AskEmail, AskName


@HOSTED
@pytest.mark.parametrize("how", ["cancel", "leave", "host"])
def test_W2_cancelled_at_every_step(hosted: bool, how: str) -> None:
    """Cleanup once, one outcome, last; each caller served; no task left."""
    for seed in range(3):
        at = 1
        while Cut(at, how, seed, hosted=hosted).play():
            at += 1
        assert at > 8


class Cut:
    """A wizard that is answered by a task a question, and cancelled at one step."""

    def __init__(self, at: int, how: str, seed: int, *, hosted: bool) -> None:
        self.instrument = AtStep(at, "before", self.cut)
        self.how = how
        self.seed = seed
        self.hosted = hosted
        self.tidy = Tidy()
        self.host, self.body = trio.CancelScope(), trio.CancelScope()
        self.heard: list[object] = []
        self.followed: dict[object, object] = {}

    def cut(self) -> None:
        match self.how:
            case "cancel":
                self.runner.cancel_nowait("cut")
            case "leave":
                self.body.cancel()
            case _:
                self.host.cancel()

    def play(self) -> bool:
        """Answers whether the step was reached."""
        run_on_trio(self.main, self.seed, [self.instrument])
        return self.instrument.acted

    async def main(self) -> None:
        before = trio.lowlevel.current_statistics().tasks_living
        with self.host:
            async with open_coroutine(self.tidy.wizard, hosted=self.hosted) as self.runner:
                self.instrument.armed = True
                with self.body:
                    await self.converse()
                self.instrument.armed = False
        self.instrument.armed = False
        assert trio.lowlevel.current_statistics().tasks_living == before
        await self.check()

    async def converse(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.runner.run)
            async for _, state in self.runner.results:
                self.heard.append(state)
                if isinstance(state, Suspended):
                    nursery.start_soon(self.answer, state)

    async def answer(self, state: Suspended) -> None:
        try:
            self.followed[state] = await self.runner.resume(state.ask, "x")
        except UnexpectedEvent:
            assert self.runner._driver.leaving is not None

    async def check(self) -> None:
        self.heard += [state async for _, state in self.runner.results]
        outcome = self.runner.outcome
        assert outcome is not None
        assert self.heard.count(outcome) == 1
        assert self.heard[-1] == outcome
        assert (
            self.heard[:-1]
            == [Suspended(AskName()), Suspended(AskEmail("somebody"))][: len(self.heard) - 1]
        )
        for state, follows in self.followed.items():
            assert self.heard[self.heard.index(state) + 1] == follows
        if self.how == "cancel":
            assert isinstance(outcome, Cancelled) or outcome == Completed(("x", "x"))
        # Cancelled before its first question it may have begun or not.
        assert self.tidy.log == CLEANED or (self.heard == [outcome] and self.tidy.log == [])
