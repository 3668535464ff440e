"""Whether what runs now is a call of a page that outlives its process."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import trio

    from spindle._core.kernel.record import Record

__all__ = ["begins", "in_call"]

_CALL: Final[ContextVar[tuple[Record, trio.CancelScope]]] = ContextVar("spindle_lasting_call")


def begins(record: Record, scope: trio.CancelScope) -> None:
    """This task makes a call, and those that it starts, and its threads, are of that."""
    _CALL.set((record, scope))


def in_call() -> bool:
    """Whether this is in a call that is under way, whose end its page waits for to leave."""
    call = _CALL.get(None)
    return call is not None and call[0].driven is call[1]
