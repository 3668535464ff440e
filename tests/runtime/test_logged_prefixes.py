"""W6: a runner on trio that is taken up at any moment is where the one was that wrote the log."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from spindle import (
    AsyncCoroutine,
    Log,
    UnexpectedEvent,
    open_coroutine,
    resume_coroutine,
)
from spindle._core.replay.formats import Format
from tests.core.replay.talkative import Choose, Looper, Main, Side, Step, Thing, Work

numbers = st.integers(0, 3)
WORDS = "ask choose say look do pay sleep draw put take cell get cancel race spin"
plain = st.tuples(st.sampled_from(WORDS.split()), numbers)
steps: st.SearchStrategy[list[Step]] = st.recursive(
    st.lists(plain, max_size=4),
    lambda inner: st.lists(
        plain
        | st.tuples(st.sampled_from(["fiber", "fork", "all", "scope", "limit", "tidy"]), inner),
        max_size=5,
    ),
    max_leaves=12,
)
moves = st.lists(
    st.tuples(
        st.sampled_from(["answer"] * 6 + ["advance"] * 2 + ["end"] * 4 + ["cancel"]),
        st.integers(0, 5),
        st.booleans(),
    ),
    max_size=10,
)


@dataclass
class Office(Work):
    """Its calls wait until they are let go, but those for which `prompt` is set."""

    prompt: bool
    calls: list[str] = field(default_factory=list)
    waiting: list[trio.Event] = field(default_factory=list)

    async def _called(self, what: str) -> int:
        self.calls.append(what)
        number = len(self.calls)
        if not self.prompt or number % 3 == 0:
            go = trio.Event()
            self.waiting.append(go)
            await go.wait()
        return number

    async def look(self, number: int) -> Thing:
        return Thing(await self._called(f"look {number}"), ("a",))

    async def do(self, number: int) -> list[int]:
        made = await self._called(f"do {number}")
        if number % 3 == 0:
            raise LookupError(made)
        return [made]

    async def pay(self, number: int) -> None:
        self.calls.append(f"pay {number}")
        if len(self.calls) % 2:
            raise LookupError("no money", number)


def told(runner: AsyncCoroutine[Any]) -> list[str]:
    """All that can be seen of it."""
    asked = [repr(each.ask) for each in runner._asking._questions]
    return [repr(runner.state), *asked, repr(runner._driver.kernel.pending()), *standing(runner)]


def standing(runner: AsyncCoroutine[Any]) -> list[str]:
    """Who is there, and how."""
    kernel = runner._driver.kernel
    return [
        repr((each.name, each.state, each.outcome, each.cancel, kernel.timers.next_at()))
        for each in kernel.live.values()
    ]


def move(
    runner: AsyncCoroutine[Any], office: Office, clock: MockClock, what: str, number: int
) -> None:
    """One thing that is done to it, whatever it is at."""
    match what:
        case "answer":
            pending = [each.ask for each in runner._asking._questions]
            if not pending:
                return
            ask = pending[number % len(pending)]
            answers: dict[type, object] = {
                Main.Ask: Main.Said("x" * number) if number % 2 else Main.Count(number),
                Choose: f"choice {number}",
                Side.Wait: Side.Poked(),
            }
            with suppress(UnexpectedEvent):
                runner.resume_nowait(ask, answers[type(ask)])  # type: ignore[arg-type]
        case "advance":
            clock.jump(number / 2)
        case "end":
            waiting = [each for each in office.waiting if not each.is_set()]
            if waiting:
                waiting[number % len(waiting)].set()
        case _:
            runner.cancel_nowait("over")


@dataclass
class Moment:
    """How it stood, and what its log had then."""

    saved: bytes
    told: list[str]
    seen: list[str]


async def lived(
    json: bool, prompt: bool, bodies: list[list[Step]], does: list[Any]
) -> list[Moment]:
    """Let one live, and tell its moments of rest."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, MockClock)
    log, doer, office = Log(json=json), Looper([]), Office(prompt)
    moments: list[Moment] = []
    async with open_coroutine(doer.turns, 0, bodies, provide={Work: office}, log=log) as runner:
        runner.run_nowait()
        for what, number, rests in [*does, ("advance", 0, True)]:
            move(runner, office, clock, what, number)
            if rests:
                await wait_all_tasks_blocked()
                moments.append(Moment(log.dump(), told(runner), list(doer.seen)))
            elif number % 2:
                await trio.lowlevel.checkpoint()
        clock.autojump_threshold = 0
    return moments


async def taken_up(moment: Moment) -> None:
    """See that one is just there who is taken up."""
    again, twin, office = Log.load(moment.saved), Looper([]), Office(prompt=False)
    async with resume_coroutine(twin.turns, again, provide={Work: office}) as other:
        assert told(other) == moment.told
        assert twin.seen == moment.seen[len(moment.seen) - len(twin.seen) :]
        assert office.calls == []
        assert again.dump()[: len(moment.saved)] == moment.saved or again.format is Format.JSON


def check(json: bool, prompt: bool, bodies: list[list[Step]], does: list[Any]) -> int:
    """Take one up wherever it rests.

    Returns:
        How many times.
    """
    moments = trio.run(lived, json, prompt, bodies, does, clock=MockClock())
    for moment in moments:
        trio.run(taken_up, moment, clock=MockClock(autojump_threshold=0))
    return len(moments)


searched = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
)


@pytest.mark.search
@pytest.mark.parametrize("prompt", [False, True])
@searched
@given(st.lists(steps, max_size=3), moves, st.booleans())
def test_W6_a_runner_taken_up_at_every_moment(
    prompt: bool, bodies: list[list[Step]], does: list[Any], json: bool
) -> None:
    check(json, prompt, bodies, does)


def test_W6_an_answer_that_comes_behind_the_cancel_of_who_asks_changes_nothing() -> None:
    body: list[Any] = [
        ("fork", []),
        ("all", [("look", 0), ("fiber", [("ask", 0), ("spin", 1)]), ("look", 0)]),
    ]
    does = [("answer", 1, False), ("end", 0, True), ("answer", 1, False), ("cancel", 0, False)]
    check(False, False, [body], [*does, ("answer", 0, False)])


spinning = st.lists(
    st.tuples(st.just("spin"), st.integers(1, 3))
    | st.tuples(st.just("ask"), numbers)
    | st.tuples(st.just("cell"), numbers)
    | st.tuples(
        st.just("fiber"),
        st.lists(st.tuples(st.sampled_from(["spin", "ask", "look", "cell"]), numbers), max_size=4),
    ),
    min_size=1,
    max_size=5,
)
hasty = st.lists(
    st.tuples(st.sampled_from(["answer", "answer", "end", "advance"]), numbers, st.just(False)),
    max_size=12,
)


@pytest.mark.search
@settings(searched, max_examples=60)
@given(st.booleans(), st.lists(spinning, min_size=1, max_size=3), hasty)
def test_W6_a_runner_whose_inputs_come_in_the_middle_of_long_turns(
    prompt: bool, bodies: list[list[Step]], does: list[Any]
) -> None:
    check(False, prompt, bodies, does)
