"""One turn of a coroutine: statement after statement, until it waits or its code is over."""

from __future__ import annotations

from dataclasses import replace

from tests.laboratory.programs import statement as st
from tests.model.coroutine import CUT, Coroutine, Fold, Frame, Outcome, Result, Thrown, Wait
from tests.model.ending import SCOPE_LEFT, cancel_fold, code_is_over
from tests.model.operations import SKIPPED, perform
from tests.model.page import Page

__all__ = ["run"]


def run(page: Page) -> None:
    """Let everybody run, first in first out, until all wait."""
    while page.ready:
        who = page.ready.pop(0)
        if not who.begun:
            _begin(page, who)
        elif who.result is not None:
            _go_on(page, who, who.result)
        while not who.waits and who.code is None:
            _step(page, who)


def _begin(page: Page, who: Coroutine) -> None:
    who.begun = True
    if who.owner is None:
        who.name = f"{who.key[0]} {page.count()}"
    who.frames = (Frame("program", who.program.body, stubborn=who.program.stubborn),)
    page.note(who, "begins")


def _step(page: Page, who: Coroutine) -> None:
    frame = who.frames[-1]
    if not frame.rest:
        _leave(page, who)
        return
    statement, rest = frame.rest[0], frame.rest[1:]
    who.frames = (*who.frames[:-1], replace(frame, rest=rest))
    match statement:
        case st.Raise():
            _throw(page, who, "LookupError")
        case st.Timeout() | st.Cleanup():
            _enter_limit(page, who, statement)
        case st.Scope(body):
            who.frames = (*who.frames, Frame("scope", body, fold=Fold()))
        case st.Catch(body):
            who.frames = (*who.frames, Frame("catch", body))
        case st.Swallow(body):
            who.frames = (*who.frames, Frame("swallow", body))
        case st.Finally(body, last):
            who.frames = (*who.frames, Frame("finally", body, last=last))
        case _:
            who.doing = statement
            result = perform(page, who, statement)
            if result is not None and result is not SKIPPED:
                _go_on(page, who, result)


def _enter_limit(page: Page, who: Coroutine, statement: st.Timeout | st.Cleanup) -> None:
    frame = Frame(
        "timeout" if isinstance(statement, st.Timeout) else "cleanup",
        statement.body,
        deadline=page.now + statement.seconds,
        serial=page.next_serial(),
    )
    who.frames = (*who.frames, frame)


# --- what an operation gave -----------------------------------------------------------------------


def _go_on(page: Page, who: Coroutine, result: Result) -> None:
    """Have spindle code see what the operation it awaited has given, or raised."""
    statement, who.doing, who.result = who.doing, None, None
    assert statement is not None
    if result.thrown is not None:
        _throw(page, who, result.thrown)
        return
    match statement:
        case st.Scope():
            _behind_the_scope(page, who)
        case st.Race(sources):
            won = type(sources[result.position]).__name__
            page.note(who, f"{won} gave {result.value}")
            page.note(who, f"source {result.position} won")
        case st.Put():
            page.note(who, f"put {result.value}")
        case st.Fail():
            page.note(who, "failed a channel")
        case _:
            page.note(who, f"{type(statement).__name__} gave {result.value}")


# --- leaving blocks -------------------------------------------------------------------------------


def _leave(page: Page, who: Coroutine) -> None:
    """Come to the end of the innermost block without an error."""
    frame, who.frames = who.frames[-1], who.frames[:-1]
    match frame.kind:
        case "program":
            code_is_over(page, who, Outcome("returned", f"'{who.name} is done'"))
        case "timeout":
            page.note(who, "left the timeout")
        case "cleanup":
            page.note(who, "left the cleanup")
        case "scope":
            _leave_scope(page, who, frame, None)
        case "finally":
            _at_last(page, who, frame, None)
        case "last" if frame.thrown is not None:
            _throw(page, who, frame.thrown)


def _throw(page: Page, who: Coroutine, thrown: Thrown) -> None:
    """Unwind block after block until one stops it."""
    raised: Thrown | None = thrown
    while raised is not None:
        frame, who.frames = who.frames[-1], who.frames[:-1]
        raised = _thrown_out_of(page, who, frame, raised)
        if who.code is not None:
            return


def _thrown_out_of(page: Page, who: Coroutine, frame: Frame, thrown: Thrown) -> Thrown | None:
    """What goes on behind the block; None if it ends there."""
    match frame.kind:
        case "program":
            return _at_the_top(page, who, frame, thrown)
        case "timeout" if thrown == CUT and frame.expired and who.cut_by is None:
            return "TooSlow"
        case "cleanup" if thrown == CUT and frame.expired:
            page.note(who, "left the cleanup")
            return None
        case "cleanup" if thrown != CUT:
            return _failed_before(who) or thrown
        case "catch" if thrown != CUT:
            page.note(who, f"caught {thrown}")
            return None
        case "swallow":
            page.note(who, f"swallowed {thrown}")
            return None
        case "scope":
            _leave_scope(page, who, frame, thrown)
            return None
        case "finally":
            _at_last(page, who, frame, thrown)
            return None
        case _:
            return thrown


def _leave_scope(page: Page, who: Coroutine, frame: Frame, thrown: Thrown | None) -> None:
    """Wait for the fibers of a scope, and cancel them first if an exception is leaving it."""
    fold = frame.fold
    assert fold is not None
    if thrown is not None and thrown != CUT:
        fold.failure = fold.failure or thrown
    who.frames, who.doing = (*who.frames, replace(frame, thrown=thrown)), st.Scope(())
    if thrown is not None:
        cancel_fold(page, fold, who.cancelled or SCOPE_LEFT)
    if page.held_by(fold):
        who.waits = (Wait(st.Scope(()), 0, page.next_serial()),)
    else:
        _go_on(page, who, Result())


def _behind_the_scope(page: Page, who: Coroutine) -> None:
    """Raise what failed first in it, or what was leaving it; else pass a cancel point."""
    frame, who.frames = who.frames[-1], who.frames[:-1]
    assert frame.fold is not None
    thrown = frame.fold.failure or frame.thrown
    if thrown is None and who.cut_by is not None:
        thrown = CUT
    if thrown is None:
        page.note(who, "left the scope")
    else:
        _throw(page, who, thrown)


def _failed_before(who: Coroutine) -> Thrown | None:
    """The error that was under way when a cleanup began, if any was: what failed first stands."""
    under_way = [frame.thrown for frame in who.frames if frame.kind == "last" and frame.thrown]
    return under_way[-1] if under_way and under_way[-1] != CUT else None


def _at_last(page: Page, who: Coroutine, frame: Frame, thrown: Thrown | None) -> None:
    page.note(who, "at last")
    who.frames = (*who.frames, Frame("last", frame.last, thrown=thrown))


def _at_the_top(page: Page, who: Coroutine, frame: Frame, thrown: Thrown) -> Thrown | None:
    if thrown == CUT:
        code_is_over(page, who, Outcome("cancelled", str(who.cancelled)))
        return None
    page.note(who, f"met {thrown}")
    if frame.stubborn:
        who.frames = (frame,)
    else:
        code_is_over(page, who, Outcome("failed", thrown))
    return None
