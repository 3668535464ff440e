"""The search of `test_cancel_everywhere` bites: each fault sown here is found by it."""

from __future__ import annotations

import pytest

from spindle._core.kernel import ending, supervisor
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.record import Life
from spindle._core.kernel.waits import YieldWait
from spindle._core.operations.scope import Scope
from spindle._core.states import Cancelled, Origin
from spindle._runtime.child import Child
from spindle._runtime.ontrio import OnTrio
from tests.drivers import HOSTED
from tests.laboratory.search import Violation, all_violations, search

pytestmark = [pytest.mark.search, pytest.mark.mutant]


def caught(*injections: str, hosted: bool = False) -> str:
    """What the search finds first."""
    with pytest.raises(Violation) as found:
        for _ in search(injections, hosted=hosted):
            pass
    return str(found.value).split("\n\n")[0]


def test_an_abort_function_that_does_not_withdraw_the_wait(monkeypatch) -> None:
    """An event is handed to a wait that is gone: the fault of memory channels as mailboxes."""
    withdraw = Kernel.withdraw

    def leave_it(self: Kernel, record) -> bool:
        if record.state is Life.WAITING:
            record.run()
            return True
        return withdraw(self, record)

    monkeypatch.setattr(Kernel, "withdraw", leave_it)
    found = all_violations("native_burst", stride=3)
    assert "handled, never received" in found
    assert "was answered with" in found, "and it came out of another wait"


def test_an_abort_that_succeeds_although_an_event_was_handed_over(monkeypatch) -> None:
    """Only a paused page has a spindle that is parked with its event in hand."""
    withdraw = Kernel.withdraw

    def drop_it(self: Kernel, record) -> bool:
        if record.state is Life.READY and record in self.ready:
            self.ready.remove(record)
            record.run()
            return True
        return withdraw(self, record)

    monkeypatch.setattr(Kernel, "withdraw", drop_it)
    assert "handled, never received" in all_violations("cancel_native", slow_view=True, stride=3)


def test_an_abort_that_succeeds_although_the_value_of_a_call_is_on_its_way(monkeypatch) -> None:
    withdraw = Kernel.withdraw

    def drop_it(self: Kernel, record) -> bool:
        if record.state is Life.AWAY:
            record.run()
            return True
        return withdraw(self, record)

    monkeypatch.setattr(Kernel, "withdraw", drop_it)
    assert "values returned, not received" in all_violations("native_burst", stride=2)


@HOSTED
def test_a_letter_in_hand_that_is_forgotten_at_a_cancel(monkeypatch, hosted: bool) -> None:
    settle = ending.settle_in_hand

    def forget(kernel, record, outcome) -> None:
        if isinstance(outcome, Cancelled):
            record.in_hand = None
        else:
            settle(kernel, record, outcome)

    monkeypatch.setattr(ending, "settle_in_hand", forget)
    assert "pending" in caught("cancel_page", hosted=hosted)


@HOSTED
def test_a_letter_in_hand_that_counts_as_handled_at_a_cancel(monkeypatch, hosted: bool) -> None:
    settle = ending.settle_in_hand

    def handle(kernel, record, outcome) -> None:
        settle(kernel, record, None if isinstance(outcome, Cancelled) else outcome)

    monkeypatch.setattr(ending, "settle_in_hand", handle)
    assert "did not get on" in caught("cancel_page", hosted=hosted)


@HOSTED
def test_a_cleanup_without_its_shield(monkeypatch, hosted: bool) -> None:
    made = Scope.__init__

    def unshielded(self: Scope, seconds: float | None, *, shield: bool) -> None:
        made(self, seconds, shield=False)

    monkeypatch.setattr(Scope, "__init__", unshielded)
    assert "cleaned up" in caught("cancel_page", hosted=hosted)


def test_a_wake_before_the_park_that_loses_its_value(monkeypatch) -> None:
    wake = Child.wake

    def only_parked(self: Child, result) -> None:
        if self.parked:
            wake(self, result)

    monkeypatch.setattr(Child, "wake", only_parked)
    assert "hung" in caught("events", "burst")


@HOSTED
def test_a_page_that_does_not_end_when_its_body_raises(monkeypatch, hosted: bool) -> None:
    end = OnTrio.end

    async def unless_failed(self: OnTrio, cancelled: Cancelled) -> None:
        if cancelled.origin is not Origin.BODY_FAILED:
            await end(self, cancelled)

    monkeypatch.setattr(OnTrio, "end", unless_failed)
    assert caught("fail", hosted=hosted)


def test_a_spindle_whose_scope_is_not_shielded(monkeypatch) -> None:
    """The program around reaches it past the kernel, without a reason."""
    made = Child.__init__

    def unshielded(self: Child, *args) -> None:
        made(self, *args)
        self.scope.shield = False

    monkeypatch.setattr(Child, "__init__", unshielded)
    assert caught("cancel_host")


def test_withdrawn_yields_that_the_view_is_not_told_of(monkeypatch) -> None:
    def silently(self: YieldWait, kernel) -> None:
        del self.record.root.pending[self.source.yield_id]

    monkeypatch.setattr(YieldWait, "withdraw", silently)
    assert "yields" in caught("cancel_page")


@HOSTED
def test_a_mailbox_that_is_forgotten_at_the_end(monkeypatch, hosted: bool) -> None:
    monkeypatch.setattr(supervisor, "empty", lambda kernel, record: None)
    assert "pending" in caught("burst", hosted=hosted)
