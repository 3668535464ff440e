"""Whom a page tells what happens on it, as it happens: the base of tracers, and what they are told.

A journal is told of the page's inputs, in order and without identities, to be kept. A tracer is
told of what has a beginning and an end, and may put itself around a call of a port.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from contextvars import Context
from typing import TYPE_CHECKING

import msgspec

from spindle._core.kernel.record import Record
from spindle._core.messages import Ask
from spindle._core.public import publish
from spindle._core.source import Source

if TYPE_CHECKING:
    from spindle._core.states import Cancelled, Outcome

__all__ = ["TracedCall", "TracedPage", "TracedSpindle", "TracedYield", "Tracer"]


class TracedPage(msgspec.Struct, frozen=True, eq=False):
    """A page that is followed; the same object for as long as it lives."""

    name: str
    """As in the log."""
    contract: str
    """The name of its contract; of a coroutine without a page, that of its function."""


class TracedSpindle(msgspec.Struct, frozen=True, eq=False):
    """One run of a spindle; the same object for as long as it lives."""

    page: TracedPage
    source: Source
    """Its block and instance."""
    name: str
    """The same as text; of one that has no block yet, the name of its function."""
    function: str
    restart: int
    """Which start again this is, of several in a row; 0 for the first start."""
    context: Context
    """The context variables it begins with; what is set there, its code finds."""


class TracedYield(msgspec.Struct, frozen=True, eq=False):
    """A question to the view; the same object until it is answered or withdrawn."""

    spindle: TracedSpindle
    yield_id: int
    ask: Ask


class TracedCall(msgspec.Struct, frozen=True, eq=False):
    """A call of a port, or of `perform`."""

    spindle: TracedSpindle
    """The spindle that calls, or of which a fiber does."""
    name: str
    """`Catalog.search`; of `perform`, the name of the function."""
    repeat: str
    """`read`, `write` or `once`."""
    _record: Record

    @property
    def cancelled(self) -> Cancelled | None:
        """Who has cancelled the coroutine that calls, and why; None if nobody has."""
        return self._record.cancel


class Tracer:
    """Base of tracers: override what is of interest.

    Given to `open_page` or to an `App`, one for any number of pages. A method is called where it
    happens, in the middle of the page's work: it must not block, and not call the page. What it
    raises is logged, and kept from the page.
    """

    def page_opened(self, page: TracedPage) -> None:
        """A page was opened; called with the context variables of whoever opens it."""

    def page_ended(self, page: TracedPage, cancelled: Cancelled) -> None:
        """Nothing of a page is left; `cancelled` is why it ended."""

    def spindle_started(self, spindle: TracedSpindle) -> None:
        """A spindle starts, for the first time or again; its code has not run yet."""

    def spindle_ended(self, spindle: TracedSpindle, outcome: Outcome[object]) -> None:
        """A spindle and its fibers are over."""

    def yield_announced(self, asked: TracedYield) -> None:
        """A spindle asks the view."""

    def yield_answered(self, asked: TracedYield, answer: object) -> None:
        """A question has got its answer."""

    def yield_withdrawn(self, asked: TracedYield) -> None:
        """A question is not asked any more: it lost a race, or was cancelled."""

    def call(self, call: TracedCall) -> AbstractContextManager[None]:
        """Return what is entered where a call begins and left where it ends.

        With the context variables of the call, so that the port's code finds what is set; left with
        what the call raised, if it did. A cancellation is raised as trio does, or, by hand and
        where no task is, by an exception that is no `Exception`.
        """
        return nullcontext()


publish("spindle", [Tracer])
