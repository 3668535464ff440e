"""The tests of batched reads bite: each fault that is sown here makes one of them fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spindle._core.kernel import kernel, loading, turns
from spindle._core.kernel.loading import LoadRecord, LoadWait
from spindle._core.kernel.shelves import Shelf, Shelves
from spindle._core.operations.batch import Load
from spindle.testing import Recording
from spindle.testing.laboratory.leftovers import collect
from tests.core import test_batch as by_hand
from tests.runtime import test_batches, test_batches_cut

pytestmark = pytest.mark.mutant


def fails(test: Callable[..., None], **fixtures: Any) -> bool:
    """Whether a test fails."""
    try:
        test(**fixtures)
    except (Exception, pytest.fail.Exception) as failure:
        collect([failure.__traceback__])
        return True
    return False


def fail_of(name: str) -> bool:
    """Whether one of the tests of pages fails, under any driver."""
    test = getattr(test_batches_cut, name, None) or getattr(test_batches, name)
    if "driver" in test.__signature__.parameters:
        drivers = ("hand", "hosted", "task")
        return any(fails(test, driver=each, recording=Recording()) for each in drivers)
    if "hosted" in test.__signature__.parameters:
        return any(fails(test, hosted=each) for each in (True, False))
    return fails(test)


def test_keys_of_one_spindle_only_are_gathered(monkeypatch) -> None:
    gather = loading.gather

    def alone(kernel, record, load) -> object:
        waits = [wait for shelf in kernel.gathered or () for wait in shelf.asked]
        if any(wait.record.root is not record.root for wait in waits):
            loading.send_out(kernel)
            kernel.gathered = {}
        return gather(kernel, record, load)

    monkeypatch.setattr("spindle._core.kernel.meanings.calling.gather", alone)
    assert fail_of("test_what_several_spindles_ask_for_in_one_turn_is_one_call")


def test_a_batch_is_sent_out_at_once(monkeypatch) -> None:
    gather = loading.gather

    def hasty(kernel, record, load) -> object:
        value = gather(kernel, record, load)
        if kernel.gathered is not None:
            loading.send_out(kernel)
            kernel.gathered = {}
        return value

    monkeypatch.setattr("spindle._core.kernel.meanings.calling.gather", hasty)
    assert fails(by_hand.test_what_fibers_ask_for_is_one_call)
    assert fail_of("test_a_batch_waits_until_nobody_can_run")


def test_pages_share_what_they_keep(monkeypatch) -> None:
    shared = Shelves()
    monkeypatch.setattr(loading, "Shelves", lambda: shared)
    assert fail_of("test_each_page_has_its_own")


def test_implementations_share_what_is_kept(monkeypatch) -> None:
    of = Shelves.of

    def by_name(self: Shelves, kernel, record, load) -> Shelf:
        for shelves in self._of.values():
            return next(iter(shelves.values()))
        return of(self, kernel, record, load)

    monkeypatch.setattr(Shelves, "of", by_name)
    assert fail_of("test_each_implementation_has_its_own")


def test_one_that_is_cancelled_takes_the_batch_along(monkeypatch) -> None:
    withdraw = LoadWait.withdraw

    def cancels(self: LoadWait, page) -> None:
        if self.batch is not None:
            for wait in list(self.batch.joiners or ()):
                if wait is not self:
                    page.wake(wait.record, kernel.CANCEL)
                    wait.record.waits = None
                    del self.batch.joiners[wait]
        withdraw(self, page)

    monkeypatch.setattr(LoadWait, "withdraw", cancels)
    assert fail_of("test_cancelling_one_that_waits_leaves_the_others_their_batch")
    assert fail_of("test_a_timeout_around_one_leaves_the_others_their_batch")


def test_nobody_takes_the_batch_along(monkeypatch) -> None:
    def leaves(self: LoadWait, page) -> None:
        if self.batch is None:
            del self.shelf.asked[self]
        else:
            del self.batch.joiners[self]

    monkeypatch.setattr(LoadWait, "withdraw", leaves)
    assert fail_of("test_the_last_one_takes_the_batch_along")


def test_a_batch_that_is_being_cut_is_joined(monkeypatch) -> None:
    landed = Shelf.landed

    def late(self: Shelf, page, batch: LoadRecord, found) -> None:
        if batch.outcome is not None:
            landed(self, page, batch, found)

    monkeypatch.setattr(Shelf, "landed", late)
    assert fail_of("test_who_asks_while_a_batch_is_being_cut_gets_another_one")


def test_nobody_joins_a_batch(monkeypatch) -> None:
    monkeypatch.setattr(Shelf, "begun", lambda self, batch: None)
    assert fail_of("test_who_asks_for_what_is_being_read_joins_that_batch")


def test_a_page_that_ends_cancels_its_batches(monkeypatch) -> None:
    everyone = kernel.everyone

    def all_of_them(page):
        yield from page.outside or ()
        yield from everyone(page)

    monkeypatch.setattr(kernel, "everyone", all_of_them)
    assert fail_of("test_a_batch_that_serves_a_cleanup_outlasts_the_cancellation")


def test_a_write_forgets_nothing(monkeypatch) -> None:
    monkeypatch.setattr(Shelves, "written", lambda self, given: None)
    assert fails(by_hand.test_a_write_forgets_what_its_implementation_has_brought, change="lend")
    assert fail_of("test_what_a_write_overtakes_is_neither_joined_nor_kept")


def test_a_write_leaves_what_is_under_way(monkeypatch) -> None:
    monkeypatch.setattr(Shelf, "clear", lambda self: self.kept.clear())
    assert fail_of("test_what_a_write_overtakes_is_neither_joined_nor_kept")


def test_a_write_forgets_when_it_begins_only(monkeypatch) -> None:
    ended = kernel.Kernel.call_ended

    def keeps(self, record, call, value, error) -> None:
        shelves, self.shelves = self.shelves, None
        ended(self, record, call, value, error)
        self.shelves = shelves

    monkeypatch.setattr(kernel.Kernel, "call_ended", keeps)
    assert fail_of("test_what_a_write_overtakes_is_neither_joined_nor_kept")


def test_failures_are_kept(monkeypatch) -> None:
    monkeypatch.setattr(Shelf, "landed", lambda self, page, batch, found: None)
    assert fails(by_hand.test_what_a_batch_raises_is_raised_in_all_and_not_kept)


def test_nothing_is_dropped(monkeypatch) -> None:
    monkeypatch.setattr(Shelves, "left", lambda self, spindle: None)
    assert fail_of("test_what_was_given_to_spindles_is_let_go_with_the_last_of_them")


def test_a_turn_that_never_ends_keeps_a_batch(monkeypatch) -> None:
    monkeypatch.setattr(turns.Turns, "_may_go_on", lambda self: True)
    assert fail_of("test_two_that_wake_each_other_do_not_either")


def test_each_key_is_a_call(monkeypatch) -> None:
    monkeypatch.setattr(Load, "offered", property(lambda self: False))
    assert fails(by_hand.test_what_fibers_ask_for_is_one_call)
