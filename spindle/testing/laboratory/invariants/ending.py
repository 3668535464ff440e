"""What must hold when a page has ended, and of the way it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spindle import Cancelled, Completed, Errored, Settlement
from spindle._core.kernel.record import Batch, Outside, SpindleRecord
from spindle._core.states import Notified, Withdrawn, Yielded
from spindle.testing.books import books_differ

if TYPE_CHECKING:
    from spindle._core.kernel.record import Record
    from spindle._core.source import Source
    from spindle._core.states import Sent
    from spindle.testing.laboratory.witness import Page

__all__ = [
    "events_are_settled_once",
    "events_in_hand_are_dead_lettered",
    "handled_means_received",
    "messages_are_received",
    "nothing_is_left",
    "notifies_arrive_in_order",
    "outcomes_follow_those_of_fibers",
    "the_view_is_told_all",
]


def nothing_is_left(page: Page) -> Iterator[str]:
    """No coroutine, input, deadline, watcher, or wait at a channel."""
    kernel, driver = page.kernel, page.driver
    if not driver.gone:
        yield "the page has not ended"
        return
    for name, left in (
        ("coroutines", kernel.coroutines),
        ("who runs next", len(kernel.ready)),
        ("messages", len(kernel.out)),
        ("inputs", len(driver.inputs or ())),
        ("a cascade", kernel.cascade is not None),
        ("reads that are gathered", kernel.gathered is not None),
        ("a turn", driver.holder is not None),
        ("a deadline", kernel.timers.next_at() is not None),
    ):
        if left:
            yield f"left: {name} ({left})"
    for cell, state in (kernel.cells or {}).items():
        if state.waiting:
            yield f"left: {len(state.waiting)} that wait for a change of {cell.name}"
    for channel in page.channels:
        if channel.takers or channel.putters:
            yield f"left: who waits at {channel!r}"


def events_are_settled_once(page: Page) -> Iterator[str]:
    """Accepted = handled + refused + dead-lettered, on the receipts as in the books."""
    books = page.kernel.ledger
    if page.driver.gone and books.pending:
        yield f"{books.pending} events are pending on a page that has ended"
    if books.accepted != len(page.letters):
        yield f"{books.accepted} events were accepted, {len(page.letters)} handed in"
    settled = Counter(letter.settlement for letter in page.letters)
    yield from books_differ(books, settled)


def handled_means_received(page: Page) -> Iterator[str]:
    """What was handled, or in hand when its spindle ended, was received once; nothing else was."""
    due: Counter[int] = Counter()
    how: dict[int, str] = {}
    for letter in page.letters:
        event = id(letter.event)
        settled = "pending" if letter.settlement is None else letter.settlement.value
        how[event] = f"{letter.event!r}, {settled}" + (
            f": {letter.reason}" if letter.reason else ""
        )
        if letter.settlement is Settlement.HANDLED or "while it handled" in letter.reason:
            due[event] += 1
    for event, text in how.items():
        heard = page.heard[event]
        if heard != due[event]:
            yield f"received {heard} times: {text}"


def events_in_hand_are_dead_lettered(page: Page) -> Iterator[str]:
    """What a spindle had received and not got on with when it was cancelled counts as lost."""
    # By how often: the same event may be sent several times.
    lost = dict.fromkeys((id(letter.event) for letter in page.letters), 0)
    for letter in page.letters:
        if letter.settlement is Settlement.DEAD_LETTERED and "cancelled" in letter.reason:
            lost[id(letter.event)] += 1
    for event, name in page.cut:
        if id(event) in lost:
            lost[id(event)] -= 1
            if lost[id(event)] < 0:
                yield f"{name} was cancelled with {event!r} in hand, and that is not dead-lettered"


def notifies_arrive_in_order(page: Page) -> Iterator[str]:
    """What a spindle has said is what the view is told, in the same order."""
    told = [id(sent.notify) for _, sent in page.told if isinstance(sent, Notified)]
    here = set(told)
    said = [id(notify) for notify in page.notified if id(notify) in here]
    if not page.machine.outbox.closed and said != told:
        yield f"{len(said)} notifies were made, the view was told {len(told)}, or in another order"


def the_view_is_told_all(page: Page) -> Iterator[str]:
    """Each run of a spindle: yields numbered upwards, withdrawn once at most, one end, the last."""
    if page.machine.outbox.closed:
        return
    conversations: dict[tuple[object, str | None], list[tuple[Source, Sent]]] = {}
    for source, sent in page.told:
        conversations.setdefault((source.block, source.instance), []).append((source, sent))
    ends: Counter[tuple[object, str | None]] = Counter()
    for (block, instance), said in conversations.items():
        asked: dict[int | None, bool] = {}
        for source, sent in said:
            match sent:
                case Yielded():
                    if asked and source.yield_id != max(each or 0 for each in asked) + 1:
                        yield f"{source} is yield {source.yield_id}, after {list(asked)}"
                    asked[source.yield_id] = True
                case Withdrawn():
                    if not asked.get(source.yield_id):
                        yield f"{source} was withdrawn, and did not wait"
                    asked[source.yield_id] = False
                case Completed() | Errored() | Cancelled():
                    ends[block, instance] += 1
                case Notified():
                    pass
    over = Counter(
        (record.block, record.instance)
        for record in page.ended
        if isinstance(record, SpindleRecord) and record.block not in (Outside, Batch)
    )
    asked_for = sum(isinstance(sent, Yielded) for _, sent in page.told)
    withdrawn = sum(isinstance(sent, Withdrawn) for _, sent in page.told)
    answered = sum(page.heard[event] for event in {id(each.event) for each in page.letters})
    if page.driver.gone and asked_for != withdrawn + answered:
        yield f"{asked_for} yields were told of, {withdrawn} withdrawn, {answered} answered"
    if page.driver.gone and over != ends:
        yield f"{over.total()} spindles have ended, the view was told of {ends.total()}"


def messages_are_received(page: Page) -> Iterator[str]:
    """What was put into the outbox was taken, in that order, or conflated, or waits there."""
    outbox = page.machine.outbox
    if outbox.closed:
        return
    statistics = outbox.statistics()
    away = len(page.received) + statistics.waiting + statistics.conflated
    if len(page.told) != away:
        yield f"{len(page.told)} messages were put into the outbox, {away} came out"
    left = iter(page.told)
    if not all(any(item is each for each in left) for item in page.received):
        yield "the view has received messages in another order than they were sent"


def outcomes_follow_those_of_fibers(page: Page) -> Iterator[str]:
    """Each coroutine ends once, after its fibers, and its code is over then."""
    place: dict[Record, int] = {}
    for number, record in enumerate(page.ended):
        if record in place:
            yield f"{record.name} ended twice"
        place[record] = number
        if record.owner is not None and place.get(record.owner, number) < number:
            yield f"{record.owner.name} ended before its fiber {record.name}"
    for name in page.unfinished:
        yield f"{name} ended before its code was over"
    if page.driver.gone:
        for record in place:
            if record.owner is not None and record.owner not in place:
                yield f"{record.name} has ended, and never its owner"
