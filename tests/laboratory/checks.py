"""What must hold after every run, however it was interrupted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from spindle import Completed, Errored, Origin, Settlement
from spindle._core.journal import CallEnded
from spindle._core.states import Cancelled, Notified, Withdrawn, Yielded
from tests.laboratory.run import Run
from tests.laboratory.witness import Token

__all__ = ["violations"]


def violations(run: Run) -> list[str]:
    """Everything that is wrong with a run; empty if nothing is."""
    if run.hung:
        return ["hung"]
    return [
        *_nothing_is_left(run),
        *_the_books_balance(run),
        *_the_books_are_true(run),
        *_values_are_received(run),
        *_cleanups_ran_once(run),
        *_the_view_was_told(run),
        *_the_reason_is_true(run),
        *_the_body_ended_as_it_should(run),
    ]


def _nothing_is_left(run: Run) -> Iterator[str]:
    driver = run.page._driver
    kernel = driver.kernel
    if run.tasks_left:
        yield f"tasks left: {run.tasks_left}"
    for name, left in (
        ("spindles", kernel.live),
        ("ready spindles", kernel.ready),
        ("messages", kernel.out),
        ("inputs", len(driver.inputs or ())),
        ("a turn", driver.holder is not None),
        ("a deadline", kernel.timers.next_at() is not None),
    ):
        if left:
            yield f"left: {name}"
    if not run.ended and not run.failed and not run.host.cancel_called:
        yield "the page has not ended"
    if not run.outbox_ended:
        yield "the outbox has not ended"


def _the_books_balance(run: Run) -> Iterator[str]:
    books = run.page.ledger
    if books.pending:
        yield f"pending: {books.pending}"
    if books.accepted != len(run.letters):
        yield f"accepted {books.accepted} of {len(run.letters)}"
    settled = Counter(letter.settlement for letter in run.letters)
    for settlement, counted in (
        (Settlement.HANDLED, books.handled),
        (Settlement.REFUSED, books.refused),
        (Settlement.DEAD_LETTERED, books.dead_lettered),
    ):
        if settled[settlement] != counted:
            yield f"{settlement.value}: counted {counted}, on receipts {settled[settlement]}"


def _the_books_are_true(run: Run) -> Iterator[str]:
    heard = Counter(map(id, run.witness.heard))
    got_on = set(map(id, run.witness.got_on))
    sent = {id(letter.event) for letter in run.letters}
    if any(count > 1 for count in heard.values()):
        yield "an event was received twice"
    if not heard.keys() <= sent:
        yield "an event was received that nobody sent"
    for letter in run.letters:
        received = heard[id(letter.event)] == 1
        how = f"{letter.event!r}, {letter.settlement}: {letter.reason}"
        if letter.settlement is Settlement.HANDLED:
            if not received:
                yield f"handled, never received: {how}"
            elif id(letter.event) not in got_on:
                yield f"handled, but its spindle did not get on: {how}"
        elif received != ("while it handled" in letter.reason):
            yield f"{'received' if received else 'never received'}: {how}"


def _values_are_received(run: Run) -> Iterator[str]:
    yield from run.witness.strays
    returned = [
        entry.value
        for _, entry in run.recording.entries
        if isinstance(entry, CallEnded) and entry.error is None
    ]
    for name, left in (
        ("returned, not received", _without(returned, run.witness.tokens)),
        ("received, not returned", _without(run.witness.tokens, returned)),
    ):
        if left:
            yield f"values {name}: {left}"


def _without(some: Iterable[Token], others: Iterable[Token]) -> list[str]:
    left = Counter(map(id, some))
    left.subtract(map(id, others))
    return [token.call for token in some if left[id(token)] > 0]


def _cleanups_ran_once(run: Run) -> Iterator[str]:
    witness = run.witness
    for name, ran in (("unwound", witness.unwound), ("cleaned up", witness.cleaned)):
        if Counter(ran) != Counter(witness.began):
            yield f"{name}: {sorted(ran)} of {sorted(witness.began)}"


def _the_view_was_told(run: Run) -> Iterator[str]:
    if run.outbox_closed:
        return
    said: dict[tuple[object, str | None], list[tuple[int | None, object]]] = {}
    for source, message in run.told:
        key = source.block, source.instance
        said.setdefault(key, []).append((source.yield_id, message))
    if said.keys() != set(run.started):
        yield f"{len(said)} spindles spoke, {len(run.started)} were started"
    for (_, instance), messages in said.items():
        for what in _grammar(messages):
            yield f"{instance}: {what}"
    yields = sum(isinstance(message, Yielded) for _, message in run.told)
    withdrawn = sum(isinstance(message, Withdrawn) for _, message in run.told)
    if yields != withdrawn + len(run.witness.heard):
        yield f"{yields} yields, {withdrawn} withdrawn, {len(run.witness.heard)} answered"


def _grammar(messages: list[tuple[int | None, object]]) -> Iterator[str]:
    asked: list[int | None] = []
    withdrawn: list[int | None] = []
    for number, message in messages[:-1]:
        match message:
            case Yielded():
                asked.append(number)
            case Withdrawn():
                withdrawn.append(number)
            case Notified():
                pass
            case _:
                yield f"goes on after {message!r}"
    if asked != list(range(1, len(asked) + 1)):
        yield f"asked {asked}"
    if len(set(withdrawn)) != len(withdrawn) or not set(withdrawn) <= set(asked):
        yield f"withdrew {withdrawn} of {asked}"
    last = messages[-1][1]
    if isinstance(last, Errored):
        yield f"failed with {last.error!r}"
    elif not isinstance(last, (Completed, Cancelled)):
        yield f"ended with {last!r}"


def _the_reason_is_true(run: Run) -> Iterator[str]:
    """One page, one reason; and who asked for it is who is named."""
    ends = {message for _, message in run.told if isinstance(message, Cancelled)}
    if len(ends) > 1:
        yield f"several reasons: {ends}"
    left = {Origin.BODY_LEFT}
    asked_for = {
        "cancel_host": {Origin.HOST_CANCELLED, *left},
        "fail": {Origin.BODY_FAILED} if run.raised else left,
    }
    requested = {Origin.REQUESTED, *left}
    for end in ends:
        if end.origin not in asked_for.get(run.injection, requested):
            yield f"{run.injection} is told as {end}"


def _the_body_ended_as_it_should(run: Run) -> Iterator[str]:
    if run.raised != run.failed:
        yield "the body's error was lost" if run.raised else "an error came from nowhere"
