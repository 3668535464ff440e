"""What starting a spindle gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from typing_extensions import TypeVar

if TYPE_CHECKING:
    from spindle._core.kernel.record import Record
    from spindle._core.source import Source
    from spindle._core.states import Cancelled, Completed, Errored

__all__ = ["Handle"]

T_co = TypeVar("T_co", covariant=True)


class Handle(Generic[T_co]):
    """A spindle of a page, seen from outside. Not awaitable."""

    __slots__ = ("_record",)

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def source(self) -> Source:
        """The block and instance it runs under."""
        return self._record.source

    @property
    def outcome(self) -> Completed[T_co] | Errored | Cancelled | None:
        """How it ended; None while it runs."""
        return self._record.outcome

    def __repr__(self) -> str:
        return f"<{self._record.name}, {self._record.state.value}>"
