"""Faults sown into the kernel and into a page: what is checked of every page finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest
from hypothesis import settings

from spindle import (
    Cell,
    Contract,
    Delivery,
    Event,
    Spindle,
    SpindleError,
    TooSlow,
    Yield,
    await_any,
    cleanup,
    fiber,
    sleep,
    timeout,
)
from spindle._core.kernel import ending, hand, mail, supervisor
from spindle._core.kernel import kernel as kernel_module
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.ledger import Ledger, Letter
from spindle._core.kernel.record import Record
from spindle._core.kernel.timers import Timers
from spindle._core.kernel.waits import ChangeWait, SleepWait, YieldWait
from spindle._core.settlement import Settlement
from spindle._core.states import Cancelled
from spindle.testing import hand_page
from spindle.testing.properties import PlayedPage, play

pytestmark = pytest.mark.search

Sow = Callable[[pytest.MonkeyPatch], None]


class Desk(Contract):
    class Clerk(Spindle[str]):
        class Told(Event):
            number: int = 0

        class Queued(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Typed(Event):
            delivery: ClassVar = Delivery.LATEST

        class First(Yield[Told | Typed]): ...

        class Second(Yield[Told | Queued]): ...

        seen = Cell[int]()

    class Watcher(Spindle[None]):
        class Stop(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Watching(Yield[Stop]): ...


Clerk, Watcher = Desk.Clerk, Desk.Watcher


async def listens() -> None:
    await Clerk.Second()


async def talks() -> str:
    number = 0
    try:
        while True:
            number += 1
            await Clerk.seen.put(number)
            place, _ = await await_any(Clerk.First(), sleep(5))
            if place == 1:
                await fiber(listens)
            try:
                async with timeout(10):
                    await Clerk.Second()
            except TooSlow:
                pass
    finally:
        async with cleanup(5):
            await sleep(1)


async def watches() -> None:
    changes = Clerk.seen.changes()
    while True:
        place, _ = await await_any(changes.next(), Watcher.Watching())
        if place == 1:
            return


def plays() -> None:
    @play(
        Desk,
        settings=settings(
            derandomize=True, database=None, max_examples=300, report_multiple_bugs=False
        ),
    )
    def desk(page: PlayedPage) -> None:
        page.start(Clerk, talks)
        page.start(Watcher, watches)

    desk()


MUTANTS: list[Sow] = []


def mutant(sow: Sow) -> Sow:
    MUTANTS.append(sow)
    return sow


@mutant
def an_event_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mail, "_keep", lambda kernel, record, letter: None)


@mutant
def an_older_one_gives_way_without_a_word(patch: pytest.MonkeyPatch) -> None:
    usual = mail._dead_letter

    def unless_replaced(kernel: Kernel, letter: Letter, reason: str) -> None:
        if "newer" not in reason:
            usual(kernel, letter, reason)

    patch.setattr(mail, "_dead_letter", unless_replaced)


@mutant
def a_mailbox_is_thrown_away(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supervisor, "empty", lambda kernel, record: setattr(record, "mailbox", None))


@mutant
def what_was_in_hand_is_not_settled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ending, "settle_in_hand", lambda kernel, record, outcome: None)


@mutant
def a_refusal_is_not_counted(patch: pytest.MonkeyPatch) -> None:
    def refuse(self: Ledger, letter: Letter, reason: str) -> None:
        letter.settlement, letter.reason = Settlement.REFUSED, reason

    patch.setattr(Ledger, "refuse", refuse)


@mutant
def a_receipt_is_not_told(patch: pytest.MonkeyPatch) -> None:
    def handle(self: Ledger, letter: Letter) -> None:
        self.handled += 1

    patch.setattr(Ledger, "handle", handle)


@mutant
def an_event_counts_twice(patch: pytest.MonkeyPatch) -> None:
    usual = Ledger.handle

    def handle(self: Ledger, letter: Letter) -> None:
        usual(self, letter)
        usual(self, letter)

    patch.setattr(Ledger, "handle", handle)


@mutant
def a_deadline_is_not_called_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SleepWait, "withdraw", lambda self, kernel: None)


@mutant
def a_watcher_is_not_unregistered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ChangeWait, "withdraw", lambda self, kernel: None)


@mutant
def a_withdrawn_yield_stays_pending(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(YieldWait, "withdraw", lambda self, kernel: None)


@mutant
def a_deadline_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Timers, "next_at", lambda self: None)


@mutant
def a_fiber_is_not_cancelled_with_its_spindle(patch: pytest.MonkeyPatch) -> None:
    usual = ending.strike

    def spares_fibers(kernel: Kernel, record: Record, cancelled: Cancelled) -> None:
        if record.owner is None:
            usual(kernel, record, cancelled)

    patch.setattr(hand, "DEADLINES", 100)  # or a page that goes on takes seconds
    for where in (ending, kernel_module):
        patch.setattr(where, "strike", spares_fibers, raising=False)


@mutant
def a_step_of_the_end_is_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hand, "pass_deadline", lambda self, by=0.0: False)


@mutant
def an_event_comes_twice(patch: pytest.MonkeyPatch) -> None:
    usual = hand_page.deliver

    def twice(kernel: Kernel, letter: Letter) -> None:
        usual(kernel, letter)
        usual(kernel, letter)

    patch.setattr(hand_page, "deliver", twice)


@mutant
def a_page_counts_none_of_its_events(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ledger, "accept", lambda self, letter: None)


def test_without_a_fault_all_holds() -> None:
    plays()


@pytest.mark.mutant
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.__name__)
def test_it_is_found(mutant: Sow, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    with pytest.raises((AssertionError, SpindleError)) as found:
        plays()
    assert any("desk.page() as page" in note for note in found.value.__notes__)
