"""Whether what runs now is a call of a page that outlives its process."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import trio

    from spindle._core.kernel.record import Record
    from spindle._lasting.page import LastingPage

__all__ = ["begins", "is_call_of"]

_CALL: Final[ContextVar[tuple[LastingPage, Record, trio.CancelScope]]] = ContextVar(
    "spindle_lasting_call"
)


def begins(page: LastingPage, record: Record, scope: trio.CancelScope) -> None:
    """This task makes a call, and those that it starts, and its threads, are of that."""
    _CALL.set((page, record, scope))


def is_call_of(pages: Iterable[LastingPage]) -> bool:
    """Whether this is in a call that one of these makes, and that is under way."""
    call = _CALL.get(None)
    if call is None:
        return False
    page, record, scope = call
    return record.driven is scope and page in pages
