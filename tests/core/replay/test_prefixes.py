"""W6: a conversation that is taken up at any moment of it goes on as if it had never stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spindle import Coroutine, Deadlock, Log, StillRunning, UnexpectedEvent, UsageError
from tests.core.replay.talkative import Choose, Looper, Main, Side, Step, Work, Worker

numbers = st.integers(0, 3)
WORDS = "ask choose say look do pay sleep draw put take cell get cancel race"
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
    st.tuples(st.sampled_from(["answer"] * 6 + ["advance", "cancel"]), st.integers(0, 5)),
    max_size=8,
)


def told(coroutine: Coroutine[Any]) -> tuple[object, ...]:
    """All that can be seen of it."""
    try:
        state: object = coroutine.state
    except StillRunning as error:
        state = str(error)
    return repr(state), repr(coroutine.pending()), coroutine.now


def move(coroutine: Coroutine[Any], what: str, number: int) -> object:
    """One thing that is done to it; what is refused is refused to both.

    Returns:
        What it told the view then.
    """
    with suppress(UsageError, UnexpectedEvent, Deadlock):
        match what:
            case "answer":
                pending = coroutine.pending()
                if not pending:
                    coroutine.run()
                    return coroutine.notified
                ask = pending[number % len(pending)][1]
                answers: dict[type, object] = {
                    Main.Ask: Main.Said("x" * number) if number % 2 else Main.Count(number),
                    Choose: f"choice {number}",
                    Side.Wait: Side.Poked(),
                }
                coroutine.run(answers[type(ask)], to=ask)
            case "advance":
                coroutine.advance(number)
            case _:
                coroutine.cancel("over")
        return coroutine.notified
    return None


def check(
    json: bool, fn: Callable[[Looper], Callable[..., Any]], args: tuple[Any, ...], does: list[Any]
) -> list[int]:
    """Do the same to a conversation that goes on, and to one that is taken up before each step.

    Returns:
        How many inputs the log had after each.
    """
    log, doer, worker = Log(json=json), Looper([]), Worker()
    whole = Coroutine(fn(doer), *args, provide={Work: worker}, log=log)
    saved, lengths = log.dump(), list[int]()
    for what, number in [("answer", 0), *does]:
        other_doer, other_worker = Looper([]), Worker(list(worker.calls))
        taken = Log.load(saved)
        other = Coroutine.resume(fn(other_doer), taken, provide={Work: other_worker})
        assert other_worker.calls == worker.calls, "something was done again"
        assert move(other, what, number) == move(whole, what, number)
        assert told(other) == told(whole)
        assert other_worker.calls == worker.calls
        assert other_doer.seen == doer.seen[len(doer.seen) - len(other_doer.seen) :]
        saved = taken.dump()
        assert saved == log.dump()
        lengths.append(len(log.frames))
    keys = [each.partition(", ")[2] for each in worker.calls if ", " in each]
    assert len(set(keys)) == len(keys), "two calls have the same key"
    return lengths


searched = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
)


@pytest.mark.parametrize("json", [False, True])
@searched
@given(steps, moves)
def test_W6_D2_taken_up_at_every_moment(json: bool, body: list[Step], does: list[Any]) -> None:
    check(json, lambda doer: doer.body, (body,), does)


@pytest.mark.parametrize("json", [False, True])
@searched
@given(st.lists(steps, max_size=4), moves)
def test_W6_D5_taken_up_at_every_moment_of_a_loop_that_marks(
    json: bool, bodies: list[list[Step]], does: list[Any]
) -> None:
    check(json, lambda doer: doer.turns, (0, bodies), does)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@settings(searched, max_examples=20_000)
@given(st.lists(steps, max_size=4), moves, st.booleans())
def test_W6_D2_taken_up_at_every_moment_at_length(
    bodies: list[list[Step]], does: list[Any], json: bool
) -> None:
    check(json, lambda doer: doer.turns, (0, bodies), does)
