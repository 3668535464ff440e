"""Mistakes sown into the kernel, which all drivers share: none of them makes the drivers differ."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from math import nextafter
from typing import Any

import pytest

from spindle import Cancelled, Delivery
from spindle._core.kernel import cells, channels, ending, kernel, mail, supervisor
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.meanings import speaking, starting, table
from spindle._core.kernel.record import DONE, Record, SpindleRecord
from spindle._core.kernel.timers import Timers
from spindle._core.kernel.turns import Turns
from spindle._core.kernel.waits import NOT_READY, ResultWait, YieldWait
from spindle._core.operations.await_any import AwaitAny
from spindle._core.operations.cell import PutCell
from spindle._core.operations.fork import Fork
from spindle._core.operations.scope import Cleanup

__all__ = ["MUTANTS", "Mutant"]

Mutant = Callable[[pytest.MonkeyPatch], None]


# --- events ---------------------------------------------------------------------------------------


def the_latest_does_not_replace(patch: pytest.MonkeyPatch) -> None:
    keep = mail._keep

    def kept(kernel: Any, record: Any, letter: Any) -> None:
        if type(letter.event).delivery is not Delivery.LATEST:
            keep(kernel, record, letter)
            return
        record.mailbox = [*(record.mailbox or ()), letter]

    patch.setattr(mail, "_keep", kept)


def a_stale_answer_is_taken_by_another_yield(patch: pytest.MonkeyPatch) -> None:
    deliver = mail.deliver

    def delivered(kernel: Any, letter: Any) -> None:
        record = _addressed(kernel, letter)
        if record is not None and letter.yield_id not in record.pending:
            letter.yield_id = None
        deliver(kernel, letter)

    _patch_deliver(patch, delivered)


def _addressed(kernel: Any, letter: Any) -> Any:
    block, instance = letter.event.__block__, letter.instance
    return kernel.live.get(block if instance is None else (block, instance))


def _patch_deliver(patch: pytest.MonkeyPatch, deliver: Callable[..., None]) -> None:
    patch.setattr("spindle.testing.hand_page.deliver", deliver)
    patch.setattr("spindle._runtime.page.deliver", deliver)


def the_youngest_yield_is_answered(patch: pytest.MonkeyPatch) -> None:
    deliver = mail.deliver

    def delivered(kernel: Any, letter: Any) -> None:
        record = _addressed(kernel, letter)
        if record is not None and letter.yield_id is None:
            record.pending = dict(reversed(record.pending.items()))
        deliver(kernel, letter)
        if record is not None:
            record.pending = dict(sorted(record.pending.items()))

    _patch_deliver(patch, delivered)


def the_mailbox_is_taken_from_behind(patch: pytest.MonkeyPatch) -> None:
    take = mail.take

    def taken(record: Any, accepts: Any) -> Any:
        mailbox = record.root.mailbox
        mailbox.reverse()
        try:
            return take(record, accepts)
        finally:
            mailbox.reverse()

    patch.setattr(speaking, "take", taken)


def a_yield_takes_what_it_does_not_accept(patch: pytest.MonkeyPatch) -> None:
    def taken(record: Any, accepts: Any) -> Any:
        record.in_hand = record.root.mailbox.pop(0)
        return record.in_hand

    patch.setattr(speaking, "take", taken)


def what_fails_has_handled(patch: pytest.MonkeyPatch) -> None:
    def settled(kernel: Any, record: Any, outcome: Any) -> None:
        mail.handled(kernel, record, record.in_hand)

    patch.setattr(ending, "settle_in_hand", settled)


def a_mailbox_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supervisor, "empty", lambda kernel, record: None)


def yields_are_counted_anew(patch: pytest.MonkeyPatch) -> None:
    launch = Kernel.launch

    def launched(self: Kernel, record: SpindleRecord) -> None:
        launch(self, record)
        record.asked = 0

    patch.setattr(Kernel, "launch", launched)


# --- races and time -------------------------------------------------------------------------------


def a_yield_that_loses_is_not_withdrawn(patch: pytest.MonkeyPatch) -> None:
    def withdrawn(self: YieldWait, kernel: Any) -> None:
        del self.record.root.pending[self.source.yield_id or 0]

    patch.setattr(YieldWait, "withdraw", withdrawn)


def the_rightmost_source_wins(patch: pytest.MonkeyPatch) -> None:
    race = table.MEANINGS[AwaitAny]

    def raced(kernel: Any, record: Any, operation: Any) -> object:
        if record.in_hand is None and kernel.closing is None:
            for position, each in reversed(list(enumerate(operation.sources))):
                source = table._SOURCES.get(type(each))
                value = NOT_READY if source is None else source.poll(kernel, record, each)
                if value is not NOT_READY:
                    return position, value
        return race(kernel, record, operation)

    patch.setitem(table.MEANINGS, AwaitAny, raced)


def equal_deadlines_fire_from_behind(patch: pytest.MonkeyPatch) -> None:
    place = Timers.place
    patch.setattr(Timers, "place", lambda self: -place(self))


def an_event_comes_before_the_deadline_of_its_instant(patch: pytest.MonkeyPatch) -> None:
    admit, fire_due = Turns._admit, Kernel.fire_due

    def admitted(self: Turns) -> None:
        with patch.context() as inner:
            if self.inputs and self.inputs[0][1] is mail.deliver:
                inner.setattr(Kernel, "fire_due", lambda self, by: fire_due(self, nextafter(by, 0)))
            admit(self)

    patch.setattr(Turns, "_admit", admitted)


def who_is_woken_goes_first(patch: pytest.MonkeyPatch) -> None:
    fulfil = Kernel.fulfil

    def fulfilled(self: Kernel, wait: Any, value: object) -> None:
        fulfil(self, wait, value)
        self.ready.appendleft(self.ready.pop())

    patch.setattr(Kernel, "fulfil", fulfilled)


# --- cells and channels ---------------------------------------------------------------------------


def a_put_wakes_its_watchers_from_behind(patch: pytest.MonkeyPatch) -> None:
    put = cells.put

    def turned(kernel: Any, record: Any, operation: Any) -> object:
        state = (kernel.cells or {}).get(operation.cell)
        if state is not None:
            state.waiting = dict(reversed(state.waiting.items()))
        return put(kernel, record, operation)

    patch.setitem(table.MEANINGS, PutCell, turned)


def an_owner_that_ends_is_not_told_of(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supervisor, "owner_ended", lambda kernel, record: None)


def the_newest_taker_is_served(patch: pytest.MonkeyPatch) -> None:
    put = channels.put

    def turned(kernel: Any, channel: Any, item: object) -> object:
        if channel.takers:
            channel.takers = OrderedDict(reversed(channel.takers.items()))
        return put(kernel, channel, item)

    patch.setattr(channels, "put", turned)


def the_newest_putter_moves_up(patch: pytest.MonkeyPatch) -> None:
    admit = channels._admit_putter

    def admitted(kernel: Any, channel: Any) -> object:
        channel.putters = OrderedDict(reversed(channel.putters.items()))
        return admit(kernel, channel)

    patch.setattr(channels, "_admit_putter", admitted)


def a_closed_channel_drops_its_items(patch: pytest.MonkeyPatch) -> None:
    close = channels.close

    def closed(kernel: Any, channel: Any) -> None:
        close(kernel, channel)
        channel.items = None

    patch.setattr(channels, "close", closed)


# --- who ends with whom ---------------------------------------------------------------------------


def a_failure_nobody_joined_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ending, "_with_failures", lambda outcome, failures, made_way: outcome)


def a_joiner_that_gave_up_has_joined(patch: pytest.MonkeyPatch) -> None:
    withdraw = ResultWait.withdraw

    def withdrawn(self: ResultWait, kernel: Any) -> None:
        self.target.joined = True
        withdraw(self, kernel)

    patch.setattr(ResultWait, "withdraw", withdrawn)


def a_fork_ends_with_its_forker(patch: pytest.MonkeyPatch) -> None:
    fork, ended = starting.fork, ending.spindle_ended
    forks: defaultdict[Record, list[Record]] = defaultdict(list)

    def forked(kernel: Any, record: Any, operation: Any) -> Any:
        handle = fork(kernel, record, operation)
        forks[record].append(handle.record)
        return handle

    def over(kernel: Any, record: Any) -> None:
        ended(kernel, record)
        for each in forks.pop(record, ()):
            ending.cancel_tree(kernel, each, Cancelled("its forker has ended"))

    patch.setitem(table.MEANINGS, Fork, forked)
    patch.setattr(ending, "spindle_ended", over)


def the_one_replaced_is_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    replace = Kernel._replace

    def replaced(self: Kernel, holder: Any, record: Any, why: Any) -> None:
        replace(self, holder, record, why)
        if holder.state is not DONE and record.state is not DONE:
            holder.successor = None
            holder.key = (holder.block, f"gone {id(holder)}")
            self.live[holder.key], self.live[record.key] = holder, record
            self.launch(record)

    patch.setattr(Kernel, "_replace", replaced)


def the_last_reason_stands(patch: pytest.MonkeyPatch) -> None:
    strike = ending.strike

    def struck(kernel: Any, record: Any, cancelled: Any) -> None:
        if record.cancel is not None and record.state is not DONE:
            record.cancel = cancelled
        else:
            strike(kernel, record, cancelled)

    patch.setattr(kernel, "strike", struck)


def the_oldest_is_cancelled_first(patch: pytest.MonkeyPatch) -> None:
    everyone = ending.everyone
    patch.setattr(kernel, "everyone", lambda kernel: reversed(list(everyone(kernel))))


def fibers_are_not_cancelled_with_their_owner(patch: pytest.MonkeyPatch) -> None:
    def cancelled(kernel: Any, record: Any, why: Any) -> None:
        ending.strike(kernel, record, why)

    patch.setattr(kernel, "cancel_tree", cancelled)


def a_failure_in_a_scope_leaves_the_others(patch: pytest.MonkeyPatch) -> None:
    def failed(kernel: Any, fold: Any, fiber: Any, owner: Any) -> None:
        fold.failure = fold.failure or fiber.outcome.error

    patch.setattr(ending, "_fold_failed", failed)


def the_last_failure_of_a_scope_is_seen(patch: pytest.MonkeyPatch) -> None:
    fold_failed = ending._fold_failed

    def failed(kernel: Any, fold: Any, fiber: Any, owner: Any) -> None:
        fold_failed(kernel, fold, fiber, owner)
        fold.failure = fiber.outcome.error

    patch.setattr(ending, "_fold_failed", failed)


def await_all_leaves_the_others(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Kernel, "cancel_siblings", lambda *_: None)


def a_cleanup_does_not_shield(patch: pytest.MonkeyPatch) -> None:
    init = Cleanup.__init__

    def made(self: Cleanup, seconds: float | None, *, shield: bool) -> None:
        init(self, seconds, shield=False)

    patch.setattr(Cleanup, "__init__", made)


def a_cleanup_has_twice_its_budget(patch: pytest.MonkeyPatch) -> None:
    init = Cleanup.__init__

    def made(self: Cleanup, seconds: float | None, *, shield: bool) -> None:
        init(self, 2 * (seconds or 0), shield=shield)

    patch.setattr(Cleanup, "__init__", made)


MUTANTS: tuple[Mutant, ...] = tuple(
    each
    for name, each in list(globals().items())
    if callable(each) and getattr(each, "__module__", "") == __name__ and not name.startswith("_")
)
