"""Hosted spindles: plain coroutines, stepped in the task that delivers the event."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import trio

from spindle._core.kernel.state import NOBODY, NOTHING
from spindle._core.kernel.stepper import step
from spindle._core.kernel.unwinding import Unwinding
from spindle._runtime.alone import CURRENT, this_run
from spindle._runtime.ontrio import OnTrio

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.record import Cause, Record
    from spindle._core.kernel.state import Said
    from spindle._core.operations.port import Call

__all__ = ["Hosted"]

SPARES: Final = 16
"""How many are kept for pages that have work; more are at work at a time only when nested."""
_SPARE: Final[list[tuple[deque[Record], list[Said]]]] = []


class Hosted(OnTrio):
    """Steps spindles at once; only their calls are trio tasks.

    A page at rest has nobody in its row and nothing to say, which would be a fifth of what such a
    page takes: it borrows a row, and a list of what it says, when it has work.
    """

    def row(self) -> tuple[deque[Record], list[Said]]:
        """None of its own."""
        self._run = this_run()
        return NOBODY, NOTHING

    @trio.lowlevel.enable_ki_protection
    def pump(self, apply: Callable[..., None] | None = None, args: tuple[object, ...] = ()) -> None:
        """Pump with no current task, and without Ctrl-C in the middle of a step."""
        if self._pumping:
            return
        kernel = self.kernel
        if kernel.ready is NOBODY:
            kernel.ready, kernel.out = _SPARE.pop() if _SPARE else (deque(), [])
        self._steps = 0
        task = self._run.pop(CURRENT, None)
        try:
            self._work(apply, args)
        finally:
            if task is not None:
                self._run[CURRENT] = task
        if not kernel.ready and not kernel.out:
            if len(_SPARE) < SPARES:
                _SPARE.append((kernel.ready, kernel.out))
            kernel.ready, kernel.out = NOBODY, NOTHING

    resume = step

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Make the call in a task of its own."""
        # Shielded: who cancels the program around reaches it through the page, children first.
        scope = trio.CancelScope(shield=True)
        record.driven = scope
        record.context.run(self.nursery.start_soon, self._make, record, call, scope)

    def cut_short(self, record: Record, cause: Cause) -> None:
        """Cancel the call that `record` is away for."""
        if isinstance(record.driven, trio.CancelScope):
            record.driven.cancel()

    async def _make(self, record: Record, call: Call[Any], scope: trio.CancelScope) -> None:  # noqa: ASYNC910
        value: object = None
        error: BaseException | None = None
        try:
            with scope:
                value = await call.begin()
        except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
            error = raised
        if scope.cancelled_caught:
            error = Unwinding(record.cancelled() or record)
        record.driven = None
        self.post(self.kernel.call_ended, record, call, value, error)
