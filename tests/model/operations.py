"""What each operation does: gives something, raises, or waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.laboratory.programs import statement as st
from tests.model import sharing
from tests.model.coroutine import CUT, Coroutine, Reason, Result, Wait
from tests.model.ending import (
    CLOSED,
    begin,
    cancel,
    cancel_siblings,
    fork,
    joined,
    joined_together,
)
from tests.model.page import Page

__all__ = ["ACCEPTS", "SKIPPED", "perform"]

ACCEPTS = {
    "Ask": ("Told",),
    "Take": ("Queued",),
    "Read": ("Typed",),
    "Listen": ("Told", "Queued", "Typed"),
}
"""Which events each yield takes."""


def perform(page: Page, who: Coroutine, statement: Any) -> Result | None:
    """Perform an operation; None if its coroutine waits now."""
    name = f"{who.name}.{page.count()}" if isinstance(statement, st.Fiber) else ""
    number = page.count() if isinstance(statement, st.Put | st.Send) else 0
    if _is_about_nobody(page, statement):
        return SKIPPED
    if who.cut_by is not None and statement != st.Draw("cancel_reason"):
        return Result(thrown=CUT)
    match statement:
        case st.Race(sources):
            return _race(page, who, sources)
        case st.Put():
            return sharing.put(page, who, statement, f"item {number}")
        case st.Send(cell):
            return sharing.send(page, who, cell, number)
        case st.Fiber(body):
            fiber = Coroutine(who.key, st.Program(body), who, who.innermost_fold, name)
            return _handle(page, CLOSED if page.ending else begin(page, fiber))
        case st.AwaitAll(numbers):
            others = tuple(map(page.handle, numbers)) if page.handles else ()
            return _await_all(page, who, statement, others)
        case st.Ask() | st.Take() | st.Change() | st.Sleep() | st.Join():
            return _race(page, who, (statement,))
        case _:
            return AT_ONCE[type(statement)](page, who, statement)


SKIPPED = Result("skipped")


def _is_about_nobody(page: Page, statement: Any) -> bool:
    """Whether it names a handle, and there is none yet: then it does nothing at all."""
    sources = statement.sources if isinstance(statement, st.Race) else (statement,)
    joins = any(isinstance(source, st.Join | st.CancelHandle) for source in sources)
    return joins and not page.handles


# --- answered at once -----------------------------------------------------------------------------


def _say(page: Page, who: Coroutine, say: st.Say) -> Result:
    if say.foreign:
        return Result(thrown="WrongBlock")
    page.tell(who.key, f"says {say.kind}(word={who.name!r})")
    return Result()


def _draw(page: Page, who: Coroutine, draw: st.Draw) -> Result:
    if draw.kind == "now":
        return Result(repr(page.now))
    return Result(str(who.cancelled))


def _fork(page: Page, who: Coroutine, statement: st.Fork) -> Result:
    return _handle(page, fork(page, statement.key, statement.program, statement.replace))


def _handle(page: Page, started: Coroutine | str) -> Result:
    if isinstance(started, str):
        return Result(thrown=started)
    page.handles.append(started)
    return Result("'a handle'")


def _cancel_handle(page: Page, who: Coroutine, statement: st.CancelHandle) -> Result:
    cancel(page, page.handle(statement.handle), Reason(f"by {who.name}", "handle"))
    return Result()


def _get(page: Page, who: Coroutine, get: st.Get) -> Result:
    if get.cell in page.cells:
        return Result(str(page.cells[get.cell][-1]))
    return Result("'nothing'") if get.default else Result(thrown="CellEmpty")


AT_ONCE: dict[type[Any], Callable[[Page, Coroutine, Any], Result]] = {
    st.Say: _say,
    st.Draw: _draw,
    st.Fork: _fork,
    st.CancelHandle: _cancel_handle,
    st.Get: _get,
    st.Close: sharing.close,
    st.Fail: sharing.fail,
}


# --- what may wait, alone or in a race ------------------------------------------------------------


def _race(page: Page, who: Coroutine, sources: Sequence[Any]) -> Result | None:
    asks = [source for source in sources if isinstance(source, st.Ask)]
    if any(ask.foreign for ask in asks):
        return Result(thrown="WrongBlock")
    if asks and who.in_hand is not None:
        who.in_hand.settled, who.in_hand = "handled", None
    if asks and page.closing:
        return Result(thrown="PageClosing")
    for position, source in enumerate(sources):
        result = _ready(page, who, source)
        if result is not None:
            return Result(result.value, result.thrown, position)
    who.waits = tuple(_wait(page, who, *each) for each in enumerate(sources))
    return None


def _ready(page: Page, who: Coroutine, source: Any) -> Result | None:
    """Consume a source that need not wait; None if it has to."""
    match source:
        case st.Ask(kind):
            return _answered(page, who, kind)
        case st.Sleep(seconds):
            return None if seconds else Result()
        case st.Join(number):
            return _joined(page, who, page.handle(number))
        case st.Take(number):
            return sharing.take(page, page.channel(number))
        case _:
            return sharing.change(page, who, source.cell)


def _joined(page: Page, who: Coroutine, other: Coroutine) -> Result | None:
    if who.belongs_to(other):
        return Result(thrown="UsageError")
    return None if other.outcome is None else joined(page, other)


def _await_all(
    page: Page, who: Coroutine, statement: st.AwaitAll, others: tuple[Coroutine, ...]
) -> Result | None:
    if any(who.belongs_to(other) for other in others):
        return Result(thrown="UsageError")
    result = joined_together(page, others)
    if result is not None:
        cancel_siblings(page, others, result)
        return result
    serial = page.next_serial()
    who.waits = tuple(
        Wait(statement, 0, serial, joined=other, together=others)
        for other in dict.fromkeys(others)
        if other.outcome is None
    )
    return None


def _answered(page: Page, who: Coroutine, kind: str) -> Result | None:
    """Have a yield take the oldest event of the mailbox that it accepts."""
    letters = page.mailboxes.get(who.key, [])
    for letter in letters:
        if letter.kind in ACCEPTS[kind]:
            _announce(page, who, kind)
            letters.remove(letter)
            who.in_hand = letter
            return Result(str(letter))
    return None


def _wait(page: Page, who: Coroutine, position: int, source: Any) -> Wait:
    asked = _announce(page, who, source.kind) if isinstance(source, st.Ask) else None
    serial = page.next_serial()
    match source:
        case st.Sleep(seconds):
            return Wait(source, position, serial, deadline=page.now + seconds)
        case st.Join(number):
            return Wait(source, position, serial, joined=page.handle(number))
        case _:
            return Wait(source, position, serial, asked)


def _announce(page: Page, who: Coroutine, kind: str) -> int:
    number = page.yields[who.key] = page.yields.get(who.key, 0) + 1
    page.tell(who.key, f"asks {kind}() #{number}")
    return number
