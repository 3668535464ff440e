"""The search of `test_cancel_crowd` bites: each fault sown here is found by it."""

from __future__ import annotations

import pytest

from spindle._core.kernel import ending, kernel, mail, supervisor
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.meanings import starting, table
from spindle._core.kernel.meanings.meaning import SUSPENDED
from spindle._core.kernel.record import ENDING
from spindle._core.kernel.waits import ChangeWait, PutWait, ResultWait, SleepWait, TakeWait
from spindle._core.messages import Ask
from spindle._core.operations.await_any import AwaitAny
from spindle._core.operations.fiber import JoinFibers
from spindle._core.operations.fork import Fork
from spindle._core.states import Origin
from tests.drivers import HOSTED
from tests.laboratory.crowd.search import search
from tests.laboratory.search import Violation

pytestmark = [pytest.mark.search, pytest.mark.mutant]


def caught(*meddling: str, hosted: bool, stride: int = 3) -> str:
    """What the search finds first."""
    with pytest.raises(Violation) as found:
        for _ in search(meddling, hosted=hosted, stride=stride):
            pass
    return str(found.value).split("\n\n")[0]


@HOSTED
@pytest.mark.parametrize("kind", [ChangeWait, TakeWait, PutWait, ResultWait, SleepWait])
def test_a_wait_that_is_not_unregistered_when_it_is_withdrawn(monkeypatch, kind, hosted) -> None:
    """A watcher left, an item taken for nobody, one put twice, a timer that fires all the same."""
    monkeypatch.setattr(kind, "withdraw", lambda wait, kernel: None)
    assert caught("cancel_fibers", "cancel_page", hosted=hosted)


@HOSTED
def test_a_race_that_does_not_withdraw_its_losers(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(Kernel, "_withdraw_losers", lambda kernel, winner: None)
    assert caught("events", hosted=hosted)


@HOSTED
def test_a_race_that_consumes_the_event_of_a_loser(monkeypatch, hosted: bool) -> None:
    race = table.MEANINGS[AwaitAny]

    def greedy(kernel, record, operation) -> object:
        answer = race(kernel, record, operation)
        if answer is not SUSPENDED:
            for position, source in enumerate(operation.sources):
                if isinstance(source, Ask) and position != answer[0]:
                    mail.take(record, source.__answers__)
        return answer

    monkeypatch.setitem(table.MEANINGS, AwaitAny, greedy)
    assert "never received" in caught("events", "burst", hosted=hosted)


@HOSTED
def test_a_fiber_that_is_not_cancelled_with_its_owner(monkeypatch, hosted: bool) -> None:
    cancel = ending.cancel_fold

    def spare(kernel, fibers, why) -> None:
        if why.origin is not Origin.OWNER_ENDED:
            cancel(kernel, fibers, why)

    monkeypatch.setattr(ending, "cancel_fold", spare)
    assert "went on, its owner did not" in caught("events", "fail_fibers", hosted=hosted)


@HOSTED
def test_an_owner_whose_outcome_stands_before_those_of_its_fibers(monkeypatch, hosted) -> None:
    cancel = ending.cancel_fold

    def hastily(kernel, fibers, why) -> None:
        fibers = list(fibers)
        cancel(kernel, fibers, why)
        owner = fibers[0].owner if fibers else None
        if owner is not None and owner.state is ENDING and owner.children:
            ending._end(kernel, owner, owner.with_value)

    monkeypatch.setattr(ending, "cancel_fold", hastily)
    assert "ended before" in caught("events", "fail_fibers", hosted=hosted)


@HOSTED
def test_a_scope_that_is_left_without_waiting_for_its_fibers(monkeypatch, hosted: bool) -> None:
    monkeypatch.setitem(table.MEANINGS, JoinFibers, lambda kernel, record, operation: None)
    assert "left its scope before" in caught("cancel_page", "events", hosted=hosted)


@HOSTED
def test_a_cancellation_that_is_delivered_again(monkeypatch, hosted: bool) -> None:
    def again(page, record, cancelled) -> None:
        if record.outcome is None:
            record.cancel = cancelled
            ending.interrupt(page, record)

    monkeypatch.setattr(kernel, "strike", again)
    assert "a second time" in caught("cancel_spindles", "burst", hosted=hosted)


@HOSTED
def test_a_successor_that_never_starts(monkeypatch, hosted: bool) -> None:
    def keep_it(kernel, successor) -> None:
        kernel.live[successor.key] = successor

    monkeypatch.setattr(supervisor, "_make_way", keep_it)
    assert "has never started" in caught("events", hosted=hosted)


@HOSTED
def test_a_successor_that_starts_twice(monkeypatch, hosted: bool) -> None:
    fork = starting.fork

    def fork_and_launch(kernel, record, operation) -> object:
        handle = fork(kernel, record, operation)
        kernel.launch(handle.record)
        return handle

    monkeypatch.setitem(table.MEANINGS, Fork, fork_and_launch)
    assert caught("events", hosted=hosted)


@HOSTED
def test_yield_numbers_that_are_used_again_after_a_restart(monkeypatch, hosted: bool) -> None:
    launch = Kernel.launch

    def forget(kernel: Kernel, record) -> None:
        kernel.asked = None
        launch(kernel, record)

    monkeypatch.setattr(Kernel, "launch", forget)
    assert "asked twice under one number" in caught("events", hosted=hosted)
