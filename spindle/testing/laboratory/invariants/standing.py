"""What must hold of a page after every step of any task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from spindle._core.kernel.loading import LoadRecord, LoadWait
from spindle._core.kernel.record import DONE, ENDING, NEW, READY, VALUE, WAITING, SpindleRecord
from spindle._core.kernel.waits import (
    AllWait,
    ChangeWait,
    FibersWait,
    PutWait,
    ResultWait,
    SleepWait,
    TakeWait,
    Wait,
    YieldWait,
)

if TYPE_CHECKING:
    from spindle._core.kernel.record import Record
    from spindle.testing.laboratory.witness import Page

__all__ = [
    "every_event_is_somewhere",
    "every_wait_is_registered",
    "nothing_is_given_to_who_is_cancelled",
    "owners_outlive_their_fibers",
    "the_first_reason_stands",
    "who_is_ready_is_in_the_row_once",
]


def every_event_is_somewhere(page: Page) -> Iterator[str]:
    """The events that are not settled are those that wait in an input, a mailbox or a hand."""
    books = page.kernel.ledger
    here = page.letters_queued()
    for record in page.records():
        here += record.in_hand is not None
        if isinstance(record, SpindleRecord):
            here += len(record.mailbox or ())
    if books.pending != here:
        yield (
            f"{books.accepted} events were accepted, {books.handled} handled, {books.refused} "
            f"refused, {books.dead_lettered} dead-lettered; {here} wait, not {books.pending}"
        )


def every_wait_is_registered(page: Page) -> Iterator[str]:
    """Who waits is registered where it waits, in no other place, and nobody else is."""
    pending: Counter[int] = Counter()
    for record in page.records():
        waits = _waits(record)
        if (record.state is WAITING) != bool(waits):
            yield f"{record.name} is {record.state.value} and waits for {_listed(waits)}"
        if isinstance(record, LoadRecord) and record.cancel is None and not record.joiners:
            yield f"{record.name} is read, and nobody waits for it"
        for wait in waits:
            if wait.record is not record or not _is_registered(page, wait):
                yield f"{record.name} waits for {wait}, and is not registered there"
            if isinstance(wait, YieldWait):
                pending[id(record.root)] += 1
            if isinstance(wait, (TakeWait, PutWait)):
                page.channels[wait.channel] = None
    for spindle in page.kernel.live.values():
        if len(spindle.pending) != pending[id(spindle)]:
            asked, waited = len(spindle.pending), pending[id(spindle)]
            yield f"{spindle.name} has {asked} pending yields, {waited} of them waited for"


def _waits(record: Record) -> tuple[Wait, ...]:
    waits = record.waits
    return waits if isinstance(waits, tuple) else () if waits is None else (waits,)


def _listed(waits: tuple[Wait, ...]) -> str:
    return ", ".join(map(str, waits)) or "nothing"


def _is_registered(page: Page, wait: Wait) -> bool:
    match wait:
        case YieldWait():
            return wait in wait.record.root.pending.values()
        case SleepWait():
            return wait.timer is not None and wait.timer.do is not None
        case ChangeWait():
            return wait in wait.state.waiting
        case TakeWait():
            return wait in (wait.channel.takers or ())
        case PutWait():
            return wait in (wait.channel.putters or ())
        case LoadWait():
            asked = wait.shelf.asked if wait.batch is None else wait.batch.joiners
            return wait in (asked or ())
        case ResultWait():
            return wait in (wait.target.joiners or ())
        case AllWait():
            return bool(wait.left) and all(wait in (each.joiners or ()) for each in wait.left)
        case FibersWait():
            return bool(wait.fold.fibers)
        case _:
            return True


def who_is_ready_is_in_the_row_once(page: Page) -> Iterator[str]:
    """Who has been woken will run, once."""
    row = Counter(map(id, page.kernel.ready))
    for record in page.records():
        times = row[id(record)]
        if record.state is READY:
            if times != (page.driver.holder is not record):
                yield f"{record.name} was woken and is {times} times in the row"
        elif times and record.state is not NEW:
            yield f"{record.name} is {record.state.value} and in the row"


def nothing_is_given_to_who_is_cancelled(page: Page) -> Iterator[str]:
    """Who was told that it is cancelled is told that again: it gets no value, nor waits for one."""
    for record in page.records():
        state = record.state
        if (state is READY and record.resumption is VALUE) or (
            state is WAITING and type(record.waits) is not FibersWait
        ):
            cause: Any = record.cancelled()
            if cause is not None and cause.swallowed:
                what = "waits for one" if state is WAITING else "is given one"
                yield f"{record.name} knows that it is cancelled, may have no value, and {what}"


def the_first_reason_stands(page: Page) -> Iterator[str]:
    """Who is cancelled is cancelled once, for one reason."""
    for record in page.records():
        if record.cancel is not None:
            first = page.reasons.setdefault(record, record.cancel)
            if first is not record.cancel:
                then = record.cancel.reason
                yield f"{record.name} was cancelled ({first.reason}), and again ({then})"


def owners_outlive_their_fibers(page: Page) -> Iterator[str]:
    """Everybody belongs to somebody who is there, and the page counts them all."""
    count = 0
    for record in page.records():
        count += 1
        if record.state is DONE:
            yield f"{record.name} has ended and is still there"
        owner = record.owner
        if owner is not None:
            if owner.state is DONE:
                yield f"{record.name} runs, its owner has ended"
            elif owner.state is ENDING and record.cancel is None and page.kernel.cascade is None:
                yield f"{record.name} goes on, the code of its owner is over"
    if count != page.kernel.coroutines:
        yield f"{count} coroutines are there, {page.kernel.coroutines} are counted"
