"""Hosted spindles: plain coroutines, stepped in the task that delivers the event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trio

from spindle._core.kernel.state import NOBODY
from spindle._core.kernel.stepper import step
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.keyed import KEYS
from spindle._core.operations.port import Repeat
from spindle._runtime.alone import CURRENT, this_run
from spindle._runtime.ontrio import OnTrio
from spindle._runtime.rows import lend, take_back

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from spindle._core.kernel.record import Cause, Record
    from spindle._core.kernel.state import Said
    from spindle._core.operations.port import Call

__all__ = ["Hosted"]


class Hosted(OnTrio):
    """Steps spindles at once; only their calls are trio tasks."""

    def row(self) -> tuple[deque[Record], list[Said]]:
        """See `Turns`."""
        self._run = this_run()
        return super().row()

    @trio.lowlevel.enable_ki_protection
    def pump(self, apply: Callable[..., None] | None = None, args: tuple[object, ...] = ()) -> None:
        """Pump with no current task, and without Ctrl-C in the middle of a step."""
        if self._pumping:
            return
        kernel = self.kernel
        if kernel.ready is NOBODY:
            lend(kernel)
        self._steps = 0
        task = self._run.pop(CURRENT, None)
        try:
            self._work(apply, args)
        finally:
            if task is not None:
                self._run[CURRENT] = task
        if not kernel.ready and not kernel.out:
            take_back(kernel)

    if TYPE_CHECKING:  # without the arguments that only some drivers give

        def resume(self, record: Record, /) -> None:
            """See `Turns`."""
    else:
        resume = step

    def begin_call(self, record: Record, call: Call[Any]) -> None:
        """Make the call in a task of its own."""
        # Shielded: who cancels the program around reaches it through the page, children first.
        scope = trio.CancelScope(shield=True)
        record.driven = scope
        start, name = self.nursery.start_soon, call.name
        record.context.run(lambda: start(self._make, record, call, scope, name=name))

    def cut_short(self, record: Record, cause: Cause) -> None:
        """Cancel the call that `record` is away for."""
        if isinstance(record.driven, trio.CancelScope):
            record.driven.cancel()

    async def _make(self, record: Record, call: Call[Any], scope: trio.CancelScope) -> None:  # noqa: ASYNC910
        value: object = None
        error: BaseException | None = None
        if call.repeat is not Repeat.READ:
            KEYS.put(call.keyed)  # the context variables are the task's own
        try:
            with scope:
                value = await call.begin()
        except BaseException as raised:  # noqa: ASYNC103 - the spindle gets it
            error = raised
        if scope.cancelled_caught:
            error = Unwinding(record.cancelled() or record)
        record.driven = None
        self.post(self.kernel.call_ended, record, call, value, error)
