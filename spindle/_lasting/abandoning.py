"""What is left of a page in a process that it leaves: nothing.

Its coroutines are closed, and no operation of their cleanups is carried out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from spindle._core.kernel.edge import discard_all
from spindle._core.kernel.state import NO_TIMERS
from spindle._runtime.ontrio import Onlooker

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.states import Cancelled

__all__ = ["abandon"]


def abandon(kernel: Kernel, why: Cancelled) -> None:
    """Drop all of a page: its calls are cut, and who waits outside for an end is woken."""
    _abandon_calls(kernel)
    discard_all(kernel)
    kernel.stopping = kernel.stopping or why
    if kernel.watch is not None:
        kernel.watch.left(kernel.stopping)
    kernel.timers = NO_TIMERS
    kernel.cascade = None
    kernel.live.clear()
    kernel.ready.clear()  # it may rest in the midst of its work
    kernel.out.clear()


def _abandon_calls(kernel: Kernel) -> None:
    left: list[Record] = [*kernel.live.values(), *(kernel.outside or ())]
    for record in left:
        if isinstance(record.driven, trio.CancelScope):
            record.driven.cancel()
        for wait in list(record.joiners or ()):
            if isinstance(wait, Onlooker):
                wait.ended(kernel, record)
        left.extend(record.children or ())
