"""What the drivers on trio share: the clock, the deadlines, the way to the view, the end."""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING, Any, Final

import trio

from spindle._core.kernel.turns import Turns
from spindle._runtime.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spindle._core.journal import Journal
    from spindle._core.states import Cancelled

__all__ = ["OnTrio"]

STEPS: Final = 1000
"""After so many operations that did not suspend, the rest of the program gets its turn."""


class OnTrio(Turns, ABC):
    """Turns in a trio program. `nursery` outlives every spindle of the page."""

    def __init__(
        self, nursery: trio.Nursery, provide: Mapping[Any, object], journal: Journal | None
    ) -> None:
        super().__init__(provide, journal)
        self.nursery = nursery
        self.outbox = Outbox(self.pump)
        self._opened_at = trio.current_time()
        self._emptied: trio.Event | None = None
        self._timekeeping: trio.CancelScope | None = None
        self._alarm = trio.Event()
        self._timekept = trio.Event()
        self._resting = False
        self._steps = 0

    def clock(self) -> float:
        """Seconds since the page was opened, on trio's clock."""
        return trio.current_time() - self._opened_at

    @property
    def paused(self) -> bool:
        """Whether the view has to catch up first; a page that is ending does not wait for it."""
        if self._resting:
            return True
        return self.kernel.stopping is None and self.outbox.full(len(self.kernel.out))

    def step_done(self) -> bool:
        """Count an operation; after so many the page rests until all other tasks had a turn."""
        self._steps += 1
        if self._steps >= STEPS:
            self._steps = 0
            self._resting = True
            self.nursery.start_soon(self._rest, name="spindle rest")
        return self.paused

    def flush(self) -> None:
        """Move what the kernel has for the view to the outbox."""
        kernel = self.kernel
        if kernel.out:
            out, kernel.out = kernel.out, []
            for item in out:
                self.outbox.put(item)
        if not kernel.live:
            if self._emptied is not None:
                self._emptied.set()
            if kernel.stopping is not None:
                self._close()

    async def end(self, cancelled: Cancelled) -> None:
        """Cancel everything and wait until nothing is left; the first reason given stands."""
        self.leave(cancelled)
        await self.emptied()
        if self._timekeeping is not None:
            await self._timekept.wait()

    def _close(self) -> None:
        if self._timekeeping is not None:
            self._timekeeping.cancel()
        self.outbox.end()

    async def emptied(self) -> None:
        """Wait until no spindle is left; always a checkpoint."""
        await trio.lowlevel.checkpoint()
        while self.kernel.live:
            if self._emptied is None or self._emptied.is_set():
                self._emptied = trio.Event()
            await self._emptied.wait()

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Raise it in the page's nursery: the body is cancelled, and the page with it."""
        self.nursery.start_soon(_raise, interrupt)

    async def _rest(self) -> None:
        await trio.lowlevel.cancel_shielded_checkpoint()
        self._resting = False
        self.pump()

    def timer_was_set(self) -> None:
        """Look at the deadlines again, with a task that is there from the first one on."""
        self._alarm.set()
        if self._timekeeping is None:
            # Shielded: budgets hold while the program around is being cancelled, too.
            self._timekeeping = trio.CancelScope(shield=True)
            self.nursery.start_soon(self._keep_time, self._timekeeping, name="spindle deadlines")

    async def _keep_time(self, scope: trio.CancelScope) -> None:
        with scope:
            while True:
                self._alarm = trio.Event()
                at = self.kernel.timers.next_at()
                if at is None:
                    await self._alarm.wait()
                elif at > self.clock():
                    with trio.move_on_at(at + self._opened_at):
                        await self._alarm.wait()
                else:
                    # An input of its own: every deadline due by now fires before it is applied.
                    passed = trio.Event()
                    self.post(passed.set)
                    await passed.wait()
        self._timekept.set()


async def _raise(interrupt: KeyboardInterrupt) -> None:  # noqa: ASYNC124 - a task to be
    raise interrupt
