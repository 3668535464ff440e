"""Who follows a page: passes on to tracers what happens, and keeps from the page what they raise.

Most of it comes from where the journal is told, too. A watch of tracers stands in the journal's
place and hands each entry on, so that a page that nobody follows asks for one thing, not for two.
What entries do not say (who has started, which of two calls of one name has ended) is told in
addition, by `kernel.watch`.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from spindle._core.journal import MessageSent
from spindle._core.kernel.record import Batch, key_of
from spindle._core.names import name_of
from spindle._core.states import Withdrawn, Yielded
from spindle._core.tracer import TracedCall, TracedPage, TracedSpindle, TracedYield

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from contextvars import ContextVar
    from types import TracebackType

    from spindle._core.journal import Entry, Journal
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record, SpindleRecord
    from spindle._core.operations.port import Call
    from spindle._core.source import Source
    from spindle._core.states import Cancelled, Outcome
    from spindle._core.tracer import Tracer

__all__ = ["Watch"]


class Watch:
    """The tracers of one page, and what they know of it.

    Args:
        kernel: of the page.
        page: what they know it by.
        tracers: those that are told all.
        onlookers: those that are told of pages and spindles only.
        complain: hears what one of them raises.
    """

    __slots__ = (
        "_all",
        "_complain",
        "_journal",
        "_kernel",
        "_page",
        "_spindles",
        "_tracers",
        "_yields",
        "variables",
    )

    def __init__(
        self,
        kernel: Kernel,
        page: TracedPage,
        tracers: tuple[Tracer, ...],
        onlookers: tuple[Tracer, ...],
        complain: Callable[[str, BaseException], None],
    ) -> None:
        self._kernel: Kernel | None = kernel
        self._page = page
        self._tracers = tracers
        self._all = (*tracers, *onlookers)
        self._complain = complain
        self._journal: Journal | None = kernel.journal
        self._spindles: dict[SpindleRecord, TracedSpindle] = {}
        self._yields: dict[Source, TracedYield] = {}
        self.variables: frozenset[ContextVar[Any]] = frozenset()
        """Those that tracers have set in the contexts of spindles."""
        kernel.watch = self
        if tracers:
            kernel.journal = self
        self._tell(self._all, "page_opened", page)
        self._take_up(kernel)

    def _take_up(self, kernel: Kernel) -> None:
        """Tell of what is there: the page may have been taken up from a log."""
        for record in kernel.live.values():
            if record.launched:
                self.started(record)
                for wait in record.pending.values() if self._tracers else ():
                    self._announced(wait.source, Yielded(wait.ask))

    # --- where the journal is told --------------------------------------------------------------

    def record(self, at: float, entry: Entry) -> None:
        """See `Journal`."""
        if self._journal is not None:
            self._journal.record(at, entry)
        if type(entry) is MessageSent:
            said = entry.message
            if type(said) is Yielded:
                self._announced(entry.source, said)
            elif type(said) is Withdrawn:
                self._tell(self._tracers, "yield_withdrawn", self._yields.pop(entry.source))

    def _announced(self, source: Source, said: Yielded) -> None:
        assert self._kernel is not None
        record = self._kernel.live[key_of(source.block, source.instance)]
        assert source.yield_id is not None
        asked = TracedYield(self._spindles[record], source.yield_id, said.ask)
        self._yields[source] = asked
        self._tell(self._tracers, "yield_announced", asked)

    # --- beside it ------------------------------------------------------------------------------

    def started(self, record: SpindleRecord) -> None:
        """A spindle starts."""
        assert self._kernel is not None
        if self._kernel.live.get(record.key) is not record:
            return  # it uses an edge of the page for somebody outside
        restart = record.restarts.row if record.restarts is not None else 0
        spindle = TracedSpindle(
            self._page, record.source, record.name, name_of(record.fn), restart, record.context
        )
        self._spindles[record] = spindle
        before = frozenset(record.context)
        self._tell(self._all, "spindle_started", spindle)
        self.variables |= frozenset(record.context) - before

    def ended(self, record: SpindleRecord, outcome: Outcome[object]) -> None:
        """A spindle is over; one that never started has no beginning to be the end of."""
        spindle = self._spindles.pop(record, None)
        if spindle is not None:
            self._tell(self._all, "spindle_ended", spindle, outcome)

    def answered(self, source: Source, answer: object) -> None:
        """A yield has got its answer."""
        asked = self._yields.pop(source, None)
        if asked is not None:
            self._tell(self._tracers, "yield_answered", asked, answer)

    def around(self, record: Record, called: Call[Any]) -> Call[Any]:
        """The call, with the tracers around it."""
        spindle = self._spindles.get(_on_behalf_of(record))
        if not self._tracers or spindle is None:
            return called
        followed = copy(called)
        followed.fn, followed.keywords = self._follow, {}
        followed.args = TracedCall(spindle, called.name, called.repeat.value, record), called
        return followed

    async def _follow(self, traced: TracedCall, called: Call[Any]) -> object:
        around = self._enter(traced)
        try:
            value = await called.begin()
        except BaseException as error:
            self._leave(around, (type(error), error, error.__traceback__))
            raise
        self._leave(around, (None, None, None))
        return value

    def _enter(self, traced: TracedCall) -> list[AbstractContextManager[None]]:
        entered: list[AbstractContextManager[None]] = []
        for tracer in self._tracers:
            try:
                manager = tracer.call(traced)
                manager.__enter__()
            except Exception as error:
                self._raised(tracer, "call", error)
            else:
                entered.append(manager)
        return entered

    def _leave(
        self,
        entered: list[AbstractContextManager[None]],
        why: tuple[type[BaseException] | None, BaseException | None, TracebackType | None],
    ) -> None:
        for manager in reversed(entered):
            try:
                manager.__exit__(*why)
            except Exception as error:
                self._raised(manager, "__exit__", error)

    def left(self, why: Cancelled) -> None:
        """The page goes on elsewhere: here its spindles are over, and so is it."""
        for asked in self._yields.values():
            self._tell(self._tracers, "yield_withdrawn", asked)
        for record in list(self._spindles):
            self.ended(record, why)
        self.page_ended()

    def page_ended(self) -> None:
        """Nothing of the page is left; called again, it says nothing."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            assert kernel.stopping is not None
            self._tell(self._all, "page_ended", self._page, kernel.stopping)

    def _tell(self, tracers: tuple[Tracer, ...], what: str, *args: object) -> None:
        for tracer in tracers:
            try:
                getattr(tracer, what)(*args)
            except Exception as error:
                self._raised(tracer, what, error)

    def _raised(self, who: object, what: str, error: Exception) -> None:
        self._complain(f"{name_of(type(who))}.{what}() of a tracer failed", error)


def _on_behalf_of(record: Record) -> SpindleRecord:
    """The spindle that calls; a batch is read for the first of those that wait for it."""
    if record.root.block is Batch and record.root.joiners:
        return next(iter(record.root.joiners)).record.root
    return record.root
