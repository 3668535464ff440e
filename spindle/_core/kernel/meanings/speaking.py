"""Yields and notifies: what a spindle says to the view, and hears from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.apart import apart
from spindle._core.journal import MessageSent
from spindle._core.kernel.mail import handled, take
from spindle._core.kernel.meanings.meaning import SUSPENDED, Source
from spindle._core.kernel.record import WAITING, SpindleRecord, Unnamed
from spindle._core.kernel.waits import NOT_READY, YieldWait
from spindle._core.kernel.wording import nobody_answers, wrong_block
from spindle._core.source import Source as MessageSource
from spindle._core.states import Notified, Yielded

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.messages import Ask, Message, Notify

__all__ = ["ASK", "ask", "learn_block", "notify", "reach_yield"]


def ask(kernel: Kernel, record: Record, asked: Ask) -> object:
    """Announce a yield; answer it from the mailbox or wait.

    Written out, for this is what spindles do most.
    """
    root = record.root
    if asked.__block__ is not root.block:
        learn_block(root, asked)
    letter = record.in_hand
    if letter is not None:
        handled(kernel, record, letter)
    if kernel.closing is not None:
        raise nobody_answers(kernel.closing)
    root.asked = number = root.asked + 1
    source = MessageSource(root.block, root.instance, number)
    said = Yielded(asked)
    if kernel.journal is not None:
        if kernel.keeper is not None:
            said = Yielded(asked := apart(asked))
        kernel.note(MessageSent(source, said))
    kernel.out.append((source, said))
    if root.mailbox:
        kept = take(record, asked.__answers__)
        if kept is not None:
            if kernel.watch is not None:
                kernel.watch.answered(source, kept.event)
            return kept.event
    root.pending[number] = record.waits = YieldWait(record, 0, asked, source)
    record.state = WAITING
    record.since = kernel.tick()
    return SUSPENDED


def notify(kernel: Kernel, record: Record, said: Notify) -> None:
    """Tell the view."""
    root = record.root
    if said.__block__ is not root.block:
        learn_block(root, said)
    kernel.tell(root.source, Notified(kernel.own(said)))


def learn_block(root: SpindleRecord, message: Message) -> None:
    """Let a spindle that has no block yet take that of a message, which is not of its own.

    Raises:
        WrongBlock: it has one.
    """
    if root.block is not Unnamed:
        raise wrong_block(root, message)
    if message.__block__ is not None:
        root.refer(message.__block__)


def reach_yield(kernel: Kernel, record: Record) -> None:
    """The coroutine has come to a yield: what it had in hand is handled.

    Raises:
        PageClosing: nobody will answer any more.
    """
    letter = record.in_hand
    if letter is not None:
        handled(kernel, record, letter)
    if kernel.closing is not None:
        raise nobody_answers(kernel.closing)


def _announce(kernel: Kernel, root: SpindleRecord, asked: Ask) -> tuple[MessageSource, Ask]:
    """Tell the view, of a page with a log what nobody here will change."""
    root.asked = number = root.asked + 1
    source = MessageSource(root.block, root.instance, number)
    asked = kernel.own(asked)
    said = Yielded(asked)
    if kernel.journal is not None:
        kernel.note(MessageSent(source, said))
    kernel.out.append((source, said))
    return source, asked


def _poll(kernel: Kernel, record: Record, asked: Ask) -> object:
    mailbox, accepts = record.root.mailbox, asked.__answers__
    if not mailbox or not any(type(letter.event) in accepts for letter in mailbox):
        return NOT_READY
    source, _ = _announce(kernel, record.root, asked)
    letter = take(record, accepts)
    assert letter is not None
    if kernel.watch is not None:
        kernel.watch.answered(source, letter.event)
    return letter.event


def _register(kernel: Kernel, record: Record, asked: Ask, position: int) -> YieldWait:
    root = record.root
    source, asked = _announce(kernel, root, asked)
    wait = root.pending[root.asked] = YieldWait(record, position, asked, source)
    return wait


ASK = Source(_poll, _register)
"""A yield in a race."""
