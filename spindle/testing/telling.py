"""What a page says, as lines to read and to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from spindle._core.kernel.record import Outside, Unnamed
from spindle._core.names import shown
from spindle._core.states import (
    Cancelled,
    Completed,
    Errored,
    Notified,
    Sent,
    Withdrawn,
    Yielded,
)

if TYPE_CHECKING:
    from spindle._core.source import Source

__all__ = ["sentence", "speaker"]


def speaker(source: Source) -> str:
    """Who says it: the name of the block, with the instance if there is one."""
    if source.block is Outside:
        return "outside"
    name = "spindle" if source.block is Unnamed else source.block.__name__
    return name if source.instance is None else f"{name}[{source.instance}]"


def sentence(source: Source, message: Sent) -> str:
    """One message of a page as a sentence: `Checkout asks AskPayment(total=4) #2`."""
    who = speaker(source)
    match message:
        case Yielded(ask):
            return f"{who} asks {shown(ask)} #{source.yield_id}"
        case Withdrawn(ask):
            return f"{who} withdraws {shown(ask)} #{source.yield_id}"
        case Notified(notify):
            return f"{who} says {shown(notify)}"
        case Completed(value):
            return f"{who} returned {shown(value)}"
        case Errored(error):
            return f"{who} failed: {shown(error)}"
        case Cancelled(reason, origin):
            because = f": {reason}" if reason else ""
            return f"{who} was cancelled{because} ({origin.value})"
        case _:
            assert_never(message)
