"""By hand, a spindle that only talks goes without the kernel: nobody can tell but by the time."""

from __future__ import annotations

import gc
import weakref
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spindle
from spindle import Completed, StillRunning, Suspended, UsageError
from spindle._core import coroutine
from spindle._core.kernel import hand, restless
from spindle._core.names import name_of
from tests.core.spoken import MOVES, STATEMENTS, TALK, played
from tests.talk import Clerk, Desk, Echo, ask_twice

LIMITS = settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
statements = st.sampled_from(sorted(TALK)) | st.sampled_from(sorted(STATEMENTS))
programs = st.lists(st.tuples(statements, st.booleans()), max_size=8)
returning = st.booleans()
leaving = st.integers(0, 10)
moves = st.lists(st.sampled_from(sorted(MOVES)) | st.just("answer"), max_size=8)


def agree(program: list[tuple[str, bool]], moves: list[str], returns: bool, leave_at: int) -> None:
    with patch.object(coroutine, "lane_for", lambda *_: None):
        on_a_page = played(program, moves, returns, None)
    assert on_a_page
    assert played(program, moves, returns, leave_at) == on_a_page


@pytest.mark.search
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # who quits then
@LIMITS
@given(programs, moves, returning, leaving)
def test_whatever_it_does_and_whenever_it_leaves_it_is_the_same(
    program: list[tuple[str, bool]], moves: list[str], returns: bool, leave_at: int
) -> None:
    agree(program, moves, returns, leave_at)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("guarded", [True, False])
def test_each_statement_between_two_questions(statement: str, guarded: bool) -> None:
    program = [("ask", True), ("say", True), (statement, guarded), ("look", True), ("ask", True)]
    for moves in ([], ["answer"], ["answer", "answer", "cancel"], ["answer", "advance", "answer"]):
        for leave_at in range(4):
            agree(program, moves, True, leave_at)


def test_who_only_talks_stays_in_its_lane() -> None:
    async def talks() -> str:
        clerk = await spindle.use(Clerk)
        await Desk.Said("hello")
        word = (await Desk.Ask()).word
        await clerk.note(word)
        return await clerk.look((await Desk.Listen()).word)  # type: ignore[union-attr]

    run = spindle.Coroutine(talks, provide={Clerk: Echo()})
    assert run.run() == Suspended(Desk.Ask())
    assert run.notified == (Desk.Said("hello"),)
    assert [(source.yield_id, asked) for source, asked in run.pending()] == [(1, Desk.Ask())]
    assert run.run(Desk.Told("tea")) == Suspended(Desk.Listen())
    assert run.notified == ()
    assert run.run(Desk.Told("milk")) == run.state == Completed("seen milk")
    assert run.pending() == []
    assert run._lane is not None


def test_it_is_dropped_with_all_it_holds() -> None:
    class Held: ...

    async def holds(held: Held) -> None:
        await Desk.Ask()

    held = Held()
    kept = weakref.ref(held)
    gc.disable()
    try:
        run = spindle.Coroutine(holds, held)
        run.run()
        del held, run
        assert kept() is None
    finally:
        gc.enable()


def test_one_that_never_pauses_is_stopped_after_as_many_operations_as_without_a_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in hand, restless:
        monkeypatch.setattr(module, "STRETCH", 5_000)

    said = []

    async def goes_on() -> None:
        while True:
            await Desk.Said("")
            said.append(1)

    counts = []
    for lane_for in coroutine.lane_for, lambda *_: None:
        monkeypatch.setattr(coroutine, "lane_for", lane_for)
        said.clear()
        with pytest.raises(StillRunning, match="goes on and on"):
            spindle.Coroutine(goes_on).run()
        counts.append(len(said))
    assert counts == [4_999, 4_999]


async def test_where_an_event_loop_runs_around_there_is_no_lane() -> None:
    run = spindle.Coroutine(ask_twice)
    assert run.run() == Suspended(Desk.Ask(1))
    assert run._lane is None


def test_from_inside_it_can_be_looked_at_but_not_driven() -> None:
    refused: list[str] = []

    async def drives() -> None:
        for reach in run.run, run.cancel, lambda: run.advance(1):
            with pytest.raises(UsageError) as told:
                reach()
            refused.append(str(told.value))
        await Desk.Said("x")
        assert run.pending() == []
        assert run.notified == (Desk.Said("x"),)

    run = spindle.Coroutine(drives)
    assert run.run() == Completed(None)
    inside = f"was called from the code of {name_of(drives)}: call it from the test instead"
    assert refused == [f"{name}() {inside}" for name in ("run", "cancel", "advance")]
