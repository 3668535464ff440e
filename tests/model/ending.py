"""How coroutines are started and cancelled, and what follows when one ends."""

from __future__ import annotations

from tests.laboratory.programs import statement as st
from tests.model.coroutine import STOPPED, Coroutine, Outcome, Reason, Result, Thrown
from tests.model.page import Page

__all__ = ["CLOSED", "begin", "cancel", "cancel_page", "code_is_over", "fork", "start"]

LIVE = "SpindleIsLive"
CLOSED = "PageClosed"
CLOSING = "PageClosing"
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
    page.cut(who)
    never_start(page, who, reason)


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
    who.outcome = _outcome(who, who.code)
    if who.owner is not None:
        who.owner.ended.append(who)
    for joiner, wait in page.waiting(lambda wait: wait.joined is who):
        page.wake(joiner, wait, joined(page, who))
    if who.owner is not None:
        _end(page, who.owner)
        return
    page.tell(who.key, str(who.outcome))
    if held:
        _give_up_key(page, who.key)


def _give_up_key(page: Page, key: st.Which) -> None:
    """What waited for its spindle waits in vain, and the one that is to follow starts."""
    for letter in page.mailboxes.pop(key, []):
        letter.settled = "dead-lettered"
    for watcher, wait in page.waiting(lambda wait: wait.source == st.Change(key)):
        if page.abandoned(key):
            page.wake(watcher, wait, Result(thrown="Abandoned"))
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
