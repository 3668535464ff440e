"""Waiting until something holds, without sleeping: look whenever every task waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio
import trio.testing

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["until"]

_WAITING: Final[set[trio.lowlevel.Task]] = set()


async def until(holds: Callable[[], bool], patience: float) -> bool:
    """Wait until every task waits for something and this holds; False if it took too long.

    Args:
        holds: looked at whenever all tasks wait, after something has happened.
        patience: in seconds, on trio's clock.
    """
    task = trio.lowlevel.current_task()
    _WAITING.add(task)
    try:
        with trio.move_on_after(patience):
            while True:
                await trio.testing.wait_all_tasks_blocked()
                if holds():
                    return True
                await _next_step()
        return False
    finally:
        _WAITING.discard(task)


class _Stirring(trio.abc.Instrument):
    """Tells of the next step of a task that is not itself waiting like this."""

    def __init__(self) -> None:
        self.seen = trio.Event()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        if task not in _WAITING:
            self.seen.set()


async def _next_step() -> None:
    stirring = _Stirring()
    trio.lowlevel.add_instrument(stirring)
    try:
        await stirring.seen.wait()
    finally:
        trio.lowlevel.remove_instrument(stirring)
