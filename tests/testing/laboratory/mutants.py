"""Faults to sow into the runtime, each of which the laboratory has to find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spindle._core.kernel import cells, channels, ending, stepper, supervisor
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.ledger import Ledger
from spindle._core.kernel.loading import LoadWait
from spindle._core.kernel.mail import handled
from spindle._core.kernel.meanings.table import MEANINGS
from spindle._core.kernel.record import CANCEL, READY, RUNNING, WAITING, Record, SpindleRecord
from spindle._core.kernel.state import State
from spindle._core.kernel.waits import ChangeWait, PutWait, SleepWait, TakeWait, YieldWait
from spindle._core.operations.await_any import AwaitAny
from spindle._core.operations.cell import PutCell
from spindle._core.operations.channel import TakeItem
from spindle._core.operations.scope import Scope
from spindle._core.states import Cancelled, Origin
from spindle._runtime.child import Child
from spindle._runtime.hosted import Hosted
from spindle._runtime.ontrio import OnTrio
from spindle._runtime.outbox import Outbox
from spindle._runtime.timekeeper import Timekeeper

__all__ = ["MUTANTS"]

Sow = Callable[[pytest.MonkeyPatch], None]
MUTANTS: dict[str, tuple[Sow, str, tuple[bool, ...]]] = {}
"""How each is sown, the scenario that finds it, and whether where spindles are hosted."""


def mutant(scenario: str, *hosted: bool) -> Callable[[Sow], Sow]:
    """Enter a mutant into the table."""

    def enter(sow: Sow) -> Sow:
        MUTANTS[sow.__name__] = sow, scenario, hosted or (True, False)
        return sow

    return enter


def forgets(kind: type[Any]) -> Sow:
    """The withdrawal of a kind of wait does nothing."""
    return lambda patch: patch.setattr(kind, "withdraw", lambda self, kernel: None)


@mutant("sharing")
def a_watcher_is_not_unregistered(patch: pytest.MonkeyPatch) -> None:
    forgets(ChangeWait)(patch)


@mutant("sharing")
def a_taker_stays_at_its_channel(patch: pytest.MonkeyPatch) -> None:
    forgets(TakeWait)(patch)


@mutant("sharing")
def a_putter_stays_at_its_channel(patch: pytest.MonkeyPatch) -> None:
    forgets(PutWait)(patch)


@mutant("family")
def a_deadline_is_not_called_off(patch: pytest.MonkeyPatch) -> None:
    forgets(SleepWait)(patch)


@mutant("reading")
def one_that_waits_for_a_batch_stays_there(patch: pytest.MonkeyPatch) -> None:
    forgets(LoadWait)(patch)


@mutant("reading")
def a_batch_outlives_who_waited_for_it(patch: pytest.MonkeyPatch) -> None:
    def leaves(self: LoadWait, kernel: Kernel) -> None:
        del (self.shelf.asked if self.batch is None else self.batch.joiners or {})[self]

    patch.setattr(LoadWait, "withdraw", leaves)


@mutant("talk")
def a_yield_stays_pending(patch: pytest.MonkeyPatch) -> None:
    forgets(YieldWait)(patch)


@mutant("talk")
def the_view_is_not_told_of_a_withdrawal(patch: pytest.MonkeyPatch) -> None:
    def silently(self: YieldWait, kernel: Kernel) -> None:
        del self.record.root.pending[self.source.yield_id]

    patch.setattr(YieldWait, "withdraw", silently)


@mutant("family")
def a_double_wake(patch: pytest.MonkeyPatch) -> None:
    usual = Kernel.wake

    def twice(self: Kernel, record: Record, *given: Any) -> None:
        usual(self, record, *given)
        self.ready.append(record)

    patch.setattr(Kernel, "wake", twice)


@mutant("sharing")
def a_race_that_keeps_its_losers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Kernel, "_withdraw_losers", lambda self, winner: None)


@mutant("sharing")
def a_race_that_consumes_what_loses(patch: pytest.MonkeyPatch) -> None:
    usual = MEANINGS[AwaitAny]

    def consumes(kernel: Kernel, record: Record, operation: AwaitAny) -> object:
        won = usual(kernel, record, operation)
        if isinstance(won, tuple):
            for each in operation.sources[won[0] + 1 :]:
                if isinstance(each, TakeItem):
                    channels.take(kernel, each.channel)
        return won

    patch.setitem(MEANINGS, AwaitAny, consumes)


@mutant("sharing")
def an_item_that_is_handed_over_and_kept(patch: pytest.MonkeyPatch) -> None:
    usual = channels.put

    def keeps(kernel: Kernel, channel: Any, item: object) -> object:
        if channel.takers and channel.capacity:
            channels._keep(channel, item)
        return usual(kernel, channel, item)

    patch.setattr(channels, "put", keeps)


@mutant("family")
def a_cleanup_without_its_shield(patch: pytest.MonkeyPatch) -> None:
    usual = Scope.__init__

    def unshielded(self: Scope, seconds: float | None, *, shield: bool) -> None:
        usual(self, seconds, shield=False)

    patch.setattr(Scope, "__init__", unshielded)


@mutant("family", True)
def a_cancellation_that_is_told_once_only(patch: pytest.MonkeyPatch) -> None:
    usual = Record.cancelled

    def unless_told(self: Record) -> Any:
        cause: Any = usual(self)
        return None if cause is not None and cause.swallowed and self.state is RUNNING else cause

    patch.setattr(Record, "cancelled", unless_told)


@mutant("talk")
def a_letter_in_hand_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    usual = ending.settle_in_hand

    def forgets_it(kernel: Kernel, record: Record, outcome: Any) -> None:
        if isinstance(outcome, Cancelled):
            record.in_hand = None
        else:
            usual(kernel, record, outcome)

    patch.setattr(ending, "settle_in_hand", forgets_it)


@mutant("talk")
def a_letter_in_hand_at_a_cancel_counts_as_handled(patch: pytest.MonkeyPatch) -> None:
    usual = ending.settle_in_hand

    def handles_it(kernel: Kernel, record: Record, outcome: Any) -> None:
        if isinstance(outcome, Cancelled) and record.in_hand is not None:
            handled(kernel, record, record.in_hand)
        else:
            usual(kernel, record, outcome)

    patch.setattr(ending, "settle_in_hand", handles_it)


@mutant("talk")
def a_letter_in_a_mailbox_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supervisor, "empty", lambda kernel, record: None)


@mutant("talk")
def a_letter_is_counted_twice(patch: pytest.MonkeyPatch) -> None:
    usual = Ledger.handle

    def twice(self: Ledger, letter: Any) -> None:
        usual(self, letter)
        self.handled += 1

    patch.setattr(Ledger, "handle", twice)


class _Loose(dict[int, Any]):
    """Yields of which any takes what is for another."""

    def get(self, number: int, default: Any = None) -> Any:  # type: ignore[override]
        return super().get(number) or next(iter(self.values()), default)

    def __delitem__(self, number: int) -> None:
        super().__delitem__(number if number in self else next(iter(self)))


@mutant("stale")
def a_late_answer_resumes_another_yield(patch: pytest.MonkeyPatch) -> None:
    usual = SpindleRecord.__init__

    def makes(self: SpindleRecord, *given: Any, **named: Any) -> None:
        usual(self, *given, **named)
        self.pending = _Loose()

    patch.setattr(SpindleRecord, "__init__", makes)


@mutant("unwinding", True)
def an_exception_is_masked_by_the_cancellation(patch: pytest.MonkeyPatch) -> None:
    usual = stepper.captured
    patch.setattr(stepper, "captured", lambda record, error: record.cancel or usual(record, error))


@mutant("family")
def an_owner_ends_before_its_fibers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ending, "_can_end", lambda record: True)


@mutant("family", True)
def a_coroutine_is_left_in_the_middle(patch: pytest.MonkeyPatch) -> None:
    usual = stepper.step

    def gives_up(turns: Any, record: Record) -> None:
        if record.resumption is CANCEL:
            record.run()
            ending.finish(turns.kernel, record, record.cancelled().cancel)
        else:
            usual(turns, record)

    patch.setattr(Hosted, "resume", gives_up)


@mutant("family")
def a_joiner_is_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ending, "_tell_joiners", lambda kernel, record, joiners: None)


@mutant("family")
def a_second_cancellation_replaces_the_first(patch: pytest.MonkeyPatch) -> None:
    usual = ending.strike

    def strikes(kernel: Kernel, record: Record, cancelled: Cancelled) -> None:
        if record.cancel is not None and record.state is WAITING:
            record.cancel = cancelled
            ending.interrupt(kernel, record)
        else:
            usual(kernel, record, cancelled)

    patch.setattr(ending, "strike", strikes)
    patch.setattr("spindle._core.kernel.kernel.strike", strikes)


@mutant("again")
def a_fork_is_let_in_while_the_page_ends(patch: pytest.MonkeyPatch) -> None:
    def admits(self: Kernel, record: Record) -> None:
        self.coroutines += 1

    patch.setattr(Kernel, "admit", admits)


@mutant("talk")
def a_notify_overtakes_another(patch: pytest.MonkeyPatch) -> None:
    def tells(self: State, source: Any, message: Any) -> None:
        self.out.insert(0, (source, message))

    patch.setattr(State, "tell", tells)


@mutant("talk")
def a_message_is_lost_on_its_way(patch: pytest.MonkeyPatch) -> None:
    usual = Outbox.put
    patch.setattr(Outbox, "put", lambda self, *items: usual(self, *items[: max(1, len(items) - 1)]))


@mutant("family")
def a_coroutine_is_not_counted_out(patch: pytest.MonkeyPatch) -> None:
    usual = Kernel.admit

    def admits(self: Kernel, record: Record) -> None:
        usual(self, record)
        self.coroutines += record.depth > 0

    patch.setattr(Kernel, "admit", admits)


@mutant("native", False)
def the_abort_function_does_not_withdraw(patch: pytest.MonkeyPatch) -> None:
    usual = Kernel.withdraw

    def leaves_it(self: Kernel, record: Record) -> bool:
        if record.state is WAITING:
            record.run()
            return True
        return usual(self, record)

    patch.setattr(Kernel, "withdraw", leaves_it)


@mutant("talk", False)
def a_spindle_without_its_shield(patch: pytest.MonkeyPatch) -> None:
    usual = Child.__init__

    def unshielded(self: Child, *given: Any) -> None:
        usual(self, *given)
        self.scope.shield = False

    patch.setattr(Child, "__init__", unshielded)


@mutant("talk", False)
def a_wake_before_the_park_is_lost(patch: pytest.MonkeyPatch) -> None:
    usual = Child.wake

    def only_parked(self: Child, result: Any) -> None:
        if self.parked:
            usual(self, result)

    patch.setattr(Child, "wake", only_parked)


@mutant("failing")
def a_page_stays_when_its_body_raises(patch: pytest.MonkeyPatch) -> None:
    usual = OnTrio.end

    async def unless_failed(self: OnTrio, cancelled: Cancelled) -> None:
        if cancelled.origin is not Origin.BODY_FAILED:
            await usual(self, cancelled)

    patch.setattr(OnTrio, "end", unless_failed)


@mutant("family")
def the_timekeeper_is_left(patch: pytest.MonkeyPatch) -> None:
    async def stays(self: Timekeeper) -> None: ...

    patch.setattr(Timekeeper, "end", stays)


@mutant("sharing")
def a_put_wakes_the_same_watcher_twice(patch: pytest.MonkeyPatch) -> None:
    usual = cells.put

    def wakes_twice(kernel: Kernel, record: Record, operation: Any) -> Any:
        change = usual(kernel, record, operation)
        for each in list(kernel.ready):
            if each is not record and each.state is READY:
                kernel.ready.append(each)
        return change

    patch.setitem(MEANINGS, PutCell, wakes_twice)


@mutant("again")
def a_replaced_spindle_is_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    def replaces(self: Kernel, holder: Any, record: Any, why: Cancelled) -> None:
        ending.cancel_tree(self, holder, why)
        self.live[record.key] = record
        self.launch(record)

    patch.setattr(Kernel, "_replace", replaces)
