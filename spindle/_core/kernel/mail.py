"""What becomes of an event: handed to a yield, kept for the next one, refused, or dead-lettered.

| the event names | and there is | then |
|---|---|---|
| no yield | a pending yield that accepts it | it is handed to the oldest |
| no yield | none, and its delivery is `ANSWER` | refused: not asked |
| no yield | none, `QUEUE` | kept for the next that accepts it; refused if the mailbox is full |
| no yield | none, `LATEST` | kept, in the place of an older one of its class |
| a yield | that one pending, accepting it | it is handed to it |
| a yield | anything else | refused: stale |
| either | no such spindle, or one that is ending | refused |
| either | the page is being stopped | refused |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spindle._core.journal import EventCame, EventSettled
from spindle._core.kernel.record import ENDING
from spindle._core.kernel.wording import (
    is_ending,
    no_such_spindle,
    not_asked,
    stale,
    takes_no_events,
)
from spindle._core.messages import Delivery
from spindle._core.names import kind_of, shortened
from spindle._core.states import Cancelled, Errored

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.ledger import Letter
    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.messages import Event
    from spindle._core.states import Outcome

__all__ = ["MAILBOX_BOUND", "deliver", "empty", "handled", "settle_in_hand", "take"]

MAILBOX_BOUND: Final = 64
"""How many events may wait for one spindle."""


def deliver(kernel: Kernel, letter: Letter) -> None:
    """Input: an event came."""
    event, instance = letter.event, letter.instance
    if kernel.journal is not None:
        kernel.note(EventCame(event, letter.yield_id, instance))
    block = event.__block__
    record = kernel.live.get(block if instance is None else (block, instance))
    if record is None or not record.launched or kernel.closing is not None:
        refuse(kernel, letter, _why_nobody(kernel, record, event, instance))
    elif record.state is ENDING or record.successor is not None:
        refuse(kernel, letter, is_ending(record))
    elif letter.yield_id is None:
        kind, pending = type(event), record.pending
        for number, wait in pending.items():
            if kind in wait.ask.__answers__:
                del pending[number]
                wait.record.in_hand = letter
                wait.record.heard = kind
                if kernel.watch is not None:
                    kernel.watch.answered(wait.source, event)
                kernel.fulfil(wait, event)
                return
        _keep(kernel, record, letter)
    else:
        asked = record.pending.get(letter.yield_id)
        if asked is None or type(event) not in asked.ask.__answers__:
            refuse(kernel, letter, stale(record, letter))
            return
        del record.pending[letter.yield_id]
        asked.record.in_hand = letter
        asked.record.heard = type(event)
        if kernel.watch is not None:
            kernel.watch.answered(asked.source, event)
        kernel.fulfil(asked, event)


def _why_nobody(
    kernel: Kernel, record: SpindleRecord | None, event: Event, instance: str | None
) -> str:
    if record is None or kernel.closing is None:
        return no_such_spindle(event, instance, kernel.stopping)
    return takes_no_events(kernel.closing)


def _keep(kernel: Kernel, record: SpindleRecord, letter: Letter) -> None:
    delivery = type(letter.event).delivery
    if delivery is Delivery.ANSWER:
        refuse(kernel, letter, not_asked(record, letter.event))
        return
    if record.mailbox is None:
        record.mailbox = []
    if delivery is Delivery.LATEST:
        for position, older in enumerate(record.mailbox):
            if type(older.event) is type(letter.event):
                record.mailbox[position] = letter
                _dead_letter(kernel, older, "a newer one of its class took its place")
                return
    if len(record.mailbox) >= MAILBOX_BOUND:
        reason = f"the mailbox of {record.name} is full ({MAILBOX_BOUND} events)"
        refuse(kernel, letter, reason)
        return
    record.mailbox.append(letter)


def take(record: Record, accepts: frozenset[type]) -> Letter | None:
    """Take the oldest event out of the spindle's mailbox that a yield accepts."""
    mailbox = record.root.mailbox
    for position, letter in enumerate(mailbox or ()):
        if type(letter.event) in accepts:
            assert mailbox is not None
            del mailbox[position]
            record.in_hand = letter
            record.heard = type(letter.event)
            return letter
    return None


def refuse(kernel: Kernel, letter: Letter, reason: str) -> None:
    """Say no to the sender."""
    kernel.ledger.refuse(letter, reason)
    _note(kernel, letter)


def handled(kernel: Kernel, record: Record, letter: Letter) -> None:
    """A coroutine has got on with what it received last: it has come to a yield, or returned."""
    record.in_hand = None
    kernel.ledger.handle(letter)
    if kernel.journal is not None:
        _note(kernel, letter)


def settle_in_hand(kernel: Kernel, record: Record, outcome: Outcome[object]) -> None:
    """A coroutine that has an event in hand is over: settle it."""
    letter = record.in_hand
    assert letter is not None
    if not isinstance(outcome, (Errored, Cancelled)):
        handled(kernel, record, letter)
        return
    record.in_hand = None
    if isinstance(outcome, Errored):
        failure = kind_of(outcome.error)
        reason = f"{record.name} failed with {failure} while it handled the event"
    else:
        reason = (
            f"{record.name} was cancelled while it handled the event ({shortened(outcome.reason)})"
        )
    _dead_letter(kernel, letter, reason)


def empty(kernel: Kernel, record: SpindleRecord) -> None:
    """The spindle has ended: nobody will take what its mailbox holds."""
    mailbox, record.mailbox = record.mailbox, None
    for letter in mailbox or ():
        _dead_letter(kernel, letter, f"{record.name} ended before it took the event")


def _dead_letter(kernel: Kernel, letter: Letter, reason: str) -> None:
    kernel.ledger.dead_letter(letter, reason)
    _note(kernel, letter)


def _note(kernel: Kernel, letter: Letter) -> None:
    if kernel.journal is not None:
        assert letter.settlement is not None
        kernel.note(EventSettled(letter.event, letter.settlement, letter.reason))
