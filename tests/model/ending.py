"""How coroutines are started and cancelled, and what follows when one ends."""

from __future__ import annotations

from collections.abc import Sequence

from tests.laboratory.programs import statement as st
from tests.model.coroutine import (
    CUT,
    STOPPED,
    Coroutine,
    Fold,
    Outcome,
    Reason,
    Result,
    Thrown,
)
from tests.model.page import Page

__all__ = [
    "CLOSED",
    "SCOPE_LEFT",
    "begin",
    "cancel",
    "cancel_fold",
    "cancel_page",
    "cancel_siblings",
    "code_is_over",
    "cut",
    "fork",
    "joined",
    "joined_together",
    "never_start",
    "start",
]

LIVE = "SpindleIsLive"
CLOSED = "PageClosed"
CLOSING = "PageClosing"
SCOPE_LEFT = Reason("its scope is left", "scope left")
OWNER_ENDED = Reason("its owner has ended", "owner ended")
MADE_WAY = Outcome("failed", CLOSING)
"""Of code that lets it through: nobody takes that for a failure."""


def begin(page: Page, new: Coroutine) -> Coroutine:
    """Let it run from its next turn on."""
    page.everyone.append(new)
    page.ready.append(new)
    return new


def start(page: Page, key: st.Which, program: st.Program) -> Coroutine | Thrown:
    """Start a spindle under a key that is free."""
    if page.ending or page.closing:
        return CLOSED if page.ending else CLOSING
    if page.under(key):
        return LIVE
    return begin(page, Coroutine(key, program))


def fork(page: Page, key: st.Which, program: st.Program, replace: bool) -> Coroutine | Thrown:
    """Start a spindle, or let it follow the one that holds its key: it starts when that is gone."""
    holding = page.under(key)
    if not (holding and replace) or page.ending or page.closing:
        return start(page, key, program)
    new = Coroutine(key, program)
    page.everyone.insert(page.everyone.index(holding[0]) + 1, new)
    replaced = Reason("replaced by another one", "replaced")
    for each in reversed(holding):
        cancel(page, each, replaced)
    return new


def cancel(page: Page, who: Coroutine, reason: Reason) -> None:
    """Cancel one and all that belong to it, children first, the newest first.

    What one that is cancelled already has started in its cleanup ends with its code.
    """
    if who.cancelled:
        return
    for each in page.fibers(who):
        cancel(page, each, reason)
    if who.code:
        return
    who.cancelled = reason
    cut(page, who)
    never_start(page, who, reason)


def cut(page: Page, who: Coroutine) -> None:
    """Unwind one who waits, if anything cuts where it is; at the end of a scope, its fibers."""
    if not who.waits or who.cut_by is None:
        return
    fold = who.frames[-1].fold
    if isinstance(who.doing, st.Scope) and fold is not None:
        cancel_fold(page, fold, who.cancelled or SCOPE_LEFT)
    else:
        page.wake(who, None, Result(thrown=CUT))


def cancel_fold(page: Page, fold: Fold, reason: Reason) -> None:
    """Cancel the fibers of a scope."""
    for each in page.held_by(fold):
        cancel(page, each, reason)


def never_start(page: Page, who: Coroutine, reason: Reason) -> None:
    """End one that has not begun, at once."""
    if who.begun or who.code:
        return
    if who in page.ready:
        page.ready.remove(who)
    who.code = MADE_WAY if reason is STOPPED else Outcome("cancelled", str(reason))
    _end(page, who)


def cancel_page(page: Page, reason: Reason) -> None:
    """Cancel all, in the reverse order of their starts; the first reason stands."""
    page.ending = page.ending or reason
    for each in reversed(page.live()):
        if each.owner is None:
            cancel(page, each, page.ending)


def code_is_over(page: Page, who: Coroutine, outcome: Outcome) -> None:
    """Settle what it had in hand and end its fibers; it ends with the last of them."""
    page.note(who, "ends")
    who.code = outcome
    if who.in_hand is not None:
        who.in_hand.settled = "handled" if outcome.how == "returned" else "dead-lettered"
    for each in page.fibers(who):
        cancel(page, each, who.cancelled or OWNER_ENDED)
    _end(page, who)


def _end(page: Page, who: Coroutine) -> None:
    if who.outcome is not None or who.code is None or page.fibers(who):
        return
    held = who.owner is None and page.under(who.key)[0] is who
    who.outcome, who.ended_as = _outcome(who, who.code), page.next_serial()
    if who.fold is not None:
        _end_in_a_scope(page, who, who.fold)
    elif who.owner is not None:
        who.owner.ended.append(who)
    for joiner, wait in page.waiting(lambda wait: wait.joined is who):
        several = wait.together
        result = _one_of_several_ended(page, several) if several else joined(page, who)
        if result is not None:
            page.wake(joiner, wait, result)
            cancel_siblings(page, several, result)
    if who.owner is not None:
        _end(page, who.owner)
        return
    page.tell(who.key, str(who.outcome))
    if held:
        _give_up_key(page, who.key)


def _end_in_a_scope(page: Page, who: Coroutine, fold: Fold) -> None:
    """The first failure ends the scope, which ends with the last of its fibers."""
    owner, outcome = who.owner, who.outcome
    assert owner is not None
    assert outcome is not None
    if outcome.how == "failed" and fold.failure is None:
        fold.failure = outcome.what
        cancel_fold(page, fold, SCOPE_LEFT)
        cut(page, owner)
    leaves = isinstance(owner.doing, st.Scope) and owner.frames[-1].fold is fold
    if leaves and owner.waits and not page.held_by(fold):
        page.wake(owner, owner.waits[0], Result())


def _give_up_key(page: Page, key: st.Which) -> None:
    """What waited for its spindle waits in vain, and the one that is to follow starts."""
    for letter in page.mailboxes.pop(key, []):
        letter.settled = "dead-lettered"
    for watcher, wait in page.waiting(lambda wait: wait.source == st.Change(key)):
        if page.abandoned(key):
            page.wake(watcher, wait, Result(thrown=page.no_value(key)))
    for successor in page.under(key):
        page.everyone.remove(successor)
        begin(page, successor)


def _outcome(who: Coroutine, code: Outcome) -> Outcome:
    """That of its code, unless a fiber failed and nobody has been told."""
    for each in () if code.failed else who.ended:
        if each.outcome and each.outcome.failed and not each.told:
            return each.outcome
    return Outcome("cancelled", str(STOPPED)) if code == MADE_WAY and who.owner is None else code


def joined(page: Page, who: Coroutine) -> Result:
    """What one who joins it gets: it is told now."""
    outcome = who.outcome
    assert outcome is not None
    who.told = True
    if outcome.how == "returned":
        return Result(outcome.what)
    if outcome.how == "failed":
        return Result(thrown=outcome.what)
    made_way = who.code == MADE_WAY and not page.ending
    return Result(thrown=CLOSING if made_way else "WasCancelled")


def joined_together(page: Page, together: Sequence[Coroutine]) -> Result | None:
    """What one who joins several gets, of failures the leftmost; None if it has to wait."""
    for each in together:
        if each.outcome and each.outcome.how != "returned":
            return joined(page, each)
    values = [each.outcome.what for each in together if each.outcome]
    if len(values) < len(together):
        return None
    return Result(f"({', '.join(values)}{',' if len(values) == 1 else ''})")


def _one_of_several_ended(page: Page, together: Sequence[Coroutine]) -> Result | None:
    """What one who waits for several gets: the first in time that did not complete counts.

    Another, which has ended because of that, may be told of before.
    """
    failures = [each for each in together if each.outcome and each.outcome.how != "returned"]
    if failures:
        return joined(page, min(failures, key=lambda each: each.ended_as))
    return joined_together(page, together)


def cancel_siblings(page: Page, together: Sequence[Coroutine], result: Result) -> None:
    """Cancel the others, the last first, if one has failed; their failures are told with its."""
    for each in reversed(together) if result.thrown else ():
        each.told = True
        cancel(page, each, SCOPE_LEFT)
