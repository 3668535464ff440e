"""A journal that keeps the conversation of a page, to be read when a test fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from spindle._core.journal import (
    CallBegan,
    CallEnded,
    CancelCame,
    CloseCame,
    Entry,
    EventCame,
    EventSettled,
    MessageSent,
    Started,
    TimerFired,
)
from spindle._core.kernel.record import Outside
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.names import call_shown, shown
from spindle._core.states import (
    Cancelled,
    Completed,
    Errored,
    Notified,
    Sent,
    Withdrawn,
    Yielded,
)
from spindle.testing.telling import speaker

if TYPE_CHECKING:
    from spindle._core.source import Source

__all__ = ["Recording", "line_of"]


class Recording:
    """Keeps every entry of a journal; printed, it reads as the conversation.

    Hand it to `open_page(..., journal=...)` or `Coroutine(..., journal=...)`.
    """

    def __init__(self) -> None:
        self.entries: list[tuple[float, Entry]] = []
        """Each with its time, in seconds of the page's clock."""

    def record(self, at: float, entry: Entry) -> None:
        """Keep an entry."""
        self.entries.append((at, entry))

    def lines(self) -> list[str]:
        """One line an entry: who, which way, what.

        `->` goes from a spindle to the view or a port, `<-` comes from there.
        """
        return [line_of(entry) for _, entry in self.entries]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def line_of(entry: Entry) -> str:
    """One entry as a line: who, which way, what."""
    match entry:
        case Started(source) if source.block is Outside:
            return f"{_who(source)}waits at an edge of the page"
        case Started(source, function, args):
            return f"{_who(source)}started as {call_shown(function, args, {})}"
        case EventCame(event, yield_id, _):
            named = "" if yield_id is None else f"   (for yield {yield_id})"
            return f"{'view':<24} <- {shown(event)}{named}"
        case CallBegan(source, call, args, keywords):
            return f"{_who(source)}-> {call_shown(call, args, keywords)}"
        case CallEnded(source, call, value, None):
            return f"{_who(source)}<- {call} returned {shown(value)}"
        case CallEnded(source, call, _, Unwinding()):
            return f"{_who(source)}.. {call} was cut"
        case CallEnded(source, call, _, error):
            return f"{_who(source)}<- {call} raised {shown(error)}"
        case MessageSent(source, message):
            return f"{_who(source)}-> {_sent(source, message)}"
        case EventSettled(event, settlement, reason):
            because = f": {reason}" if reason else ""
            return f"{'view':<24} .. {type(event).__name__} {settlement.value}{because}"
        case TimerFired():
            return f"{'clock':<24} <- a deadline passed"
        case CancelCame(reason):
            return f"{'page':<24} <- cancelled: {reason}"
        case CloseCame(reason):
            return f"{'page':<24} <- being stopped: {reason}"
        case _:
            assert_never(entry)


def _sent(source: Source, message: Sent) -> str:
    match message:
        case Yielded(ask):
            return f"{shown(ask)}   (yield {source.yield_id})"
        case Withdrawn(ask):
            return f"withdrawn: {shown(ask)}   (yield {source.yield_id})"
        case Notified(notify):
            return shown(notify)
        case Completed(value):
            return f"completed: {shown(value)}"
        case Errored(error):
            return f"failed: {shown(error)}"
        case Cancelled(reason):
            return f"cancelled: {reason}"
        case _:
            assert_never(message)


def _who(source: Source) -> str:
    return f"{speaker(source):<24} "
