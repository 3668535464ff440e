"""How a spindle by hand that has only talked so far goes to the kernel, as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.kernel.by_hand import ByHand
from spindle._core.kernel.lane import NOTHING, START, Made
from spindle._core.kernel.record import VALUE
from spindle._core.kernel.waits import YieldWait
from spindle._core.operations.port import Call
from spindle._core.source import Source
from spindle._core.states import Notified

if TYPE_CHECKING:
    from spindle._core.kernel.lane import Lane
    from spindle._core.kernel.record import SpindleRecord

__all__ = ["join", "take_up"]


def join(lane: Lane, seed: int) -> ByHand[Any]:
    """Make the page of a spindle that is not running now: what it asked, it asks there.

    What it awaited last, or has ended with, is done there by `take_up`.
    """
    page = ByHand[Any](lane.fn, lane.args, lane.provide, seed, context=lane.context)
    record = page.record
    if lane.asked is START:
        return page
    if lane.block is not None:
        record.refer(lane.block)
    record.launched = True
    record.asked = lane.number
    record.heard = None if lane.heard is type(None) else lane.heard
    page.hand.kernel.out.extend((record.source, Notified(each)) for each in lane.notified)
    page.hand.kernel.conversation = lane.conversation
    page.hand.kernel.called = _called_before(lane)
    if lane.asked is NOTHING:
        rest: Any = _Rest(lane, record)
        record.coroutine = rest
        if lane.steps:
            page.hand.has_done(record, lane.steps)
    else:
        record.coroutine = lane.coroutine
        source = Source(record.block, None, lane.number)
        wait = record.pending[lane.number] = YieldWait(record, 0, lane.asked, source)
        record.suspend(wait)
    return page


def _called_before(lane: Lane) -> int:
    """How many calls it has begun that are not begun on its page once more."""
    return lane.called - isinstance(lane.trap, Made)


def take_up(page: ByHand[Any]) -> None:
    """Go on, on its page, where a spindle has left its lane; nothing if it asks, or is new.

    Raises:
        StillRunning: see `Coroutine.run`.
    """
    rest: object = page.record.coroutine
    if isinstance(rest, _Rest):
        page.hand.post(_resume, page.record)


def _resume(record: SpindleRecord) -> None:
    record.wake(VALUE)
    record.kernel.ready.append(record)


class _Rest:
    """In the place of a coroutine that has awaited something, or ended: does that when resumed."""

    __slots__ = ("_coroutine", "_done", "_ending", "_record", "_trap")

    def __init__(self, lane: Lane, record: SpindleRecord) -> None:
        self._coroutine: Any = lane.coroutine
        self._record = record
        self._done = False
        self._trap = _MadeCall(lane.trap) if isinstance(lane.trap, Made) else lane.trap
        self._ending = lane.ending
        if lane.outcome is not None:
            self._ending = StopIteration(lane.outcome.value)

    def send(self, value: object) -> object:
        """Hand out what it awaits or raise what it has ended with; from then on, resume it."""
        if self._done:
            return self._coroutine.send(value)
        self._done = True
        self._record.coroutine = self._coroutine
        error, self._ending = self._ending, None
        if error is not None:
            _raise(error)
        trap, self._trap = self._trap, None
        return trap

    def throw(self, error: BaseException) -> object:
        """See `Coroutine`."""
        return self._coroutine.throw(error)


class _MadeCall(Call[Any]):
    """A call that has been made: making it, and running that, bring what came of it."""

    __slots__ = ("_made",)

    def __init__(self, made: Made) -> None:
        call = made.call
        super().__init__(call.name, call.fn, call.args, call.keywords, call.repeat, call.given)
        self._made = made

    def begin(self) -> Any:
        """See `Call`."""
        if not self._made.begun:
            self._come_out()
        return self

    def send(self, _: None) -> object:
        """Raise what it has raised, or return what it waits for."""
        self._come_out()
        return self._made.trap

    def close(self) -> object:
        """Give it up."""
        return self._made.close()

    def _come_out(self) -> None:
        error, self._made.error = self._made.error, None
        if error is not None:
            _raise(error)


def _raise(error: BaseException) -> None:
    try:
        raise error
    finally:
        del error  # or its traceback, this frame and it keep each other
