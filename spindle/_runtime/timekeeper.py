"""The deadlines of many pages, kept by one task."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, Final

import trio

if TYPE_CHECKING:
    from spindle._runtime.ontrio import OnTrio

__all__ = ["Appointment", "Timekeeper"]

SWEEP: Final = 1000
"""How many appointments that were called off may lie about before they are cleared away."""


class Appointment:
    """When a page is to look at its deadlines; `page` None once that was called off."""

    __slots__ = ("at", "number", "page")

    def __init__(self, at: float, number: int, page: OnTrio) -> None:
        self.at = at
        self.number = number
        self.page: OnTrio | None = page

    def __lt__(self, other: Appointment) -> bool:
        return (self.at, self.number) < (other.at, other.number)


class Timekeeper:
    """Wakes pages when a deadline of theirs is due. Its task is there from the first one on."""

    __slots__ = ("_alarm", "_called_off", "_gone", "_heap", "_numbers", "_nursery", "_scope")

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._heap: list[Appointment] = []
        self._numbers = count()
        self._called_off = 0
        self._alarm = trio.Event()
        self._gone: trio.Event | None = None
        # Shielded: budgets hold while the program around is being cancelled, too.
        self._scope = trio.CancelScope(shield=True)

    def expect(self, page: OnTrio) -> None:
        """Take note of the next deadline of `page`; the page has one appointment at most."""
        at = page.next_deadline()
        noted = page.appointment
        if at is None or (noted is not None and noted.at <= at):
            return
        self.forget(page)
        page.appointment = appointment = Appointment(at, next(self._numbers), page)
        heapq.heappush(self._heap, appointment)
        if self._heap[0] is appointment:
            self._alarm.set()
        if self._gone is None:
            self._gone = trio.Event()
            self._nursery.start_soon(self._keep_time, self._gone, name="spindle deadlines")

    def forget(self, page: OnTrio) -> None:
        """Call the appointment of `page` off."""
        noted, page.appointment = page.appointment, None
        if noted is not None:
            noted.page = None
            self._called_off += 1
            if self._called_off > SWEEP + len(self._heap) // 2:
                self._heap = [each for each in self._heap if each.page is not None]
                heapq.heapify(self._heap)
                self._called_off = 0

    async def end(self) -> None:  # noqa: ASYNC910
        """Stop, and wait until the task is gone; a checkpoint if there was one."""
        self._scope.cancel()
        if self._gone is not None:
            await self._gone.wait()

    async def _keep_time(self, gone: trio.Event) -> None:
        try:
            with self._scope:
                while True:
                    self._alarm = trio.Event()
                    if not self._heap:
                        await self._alarm.wait()
                    elif self._heap[0].at > trio.current_time():
                        with trio.move_on_at(self._heap[0].at):
                            await self._alarm.wait()
                    else:
                        self._ring(heapq.heappop(self._heap))
                        await trio.lowlevel.cancel_shielded_checkpoint()
        finally:
            gone.set()

    def _ring(self, appointment: Appointment) -> None:
        page = appointment.page
        if page is None:
            self._called_off -= 1
        else:
            page.appointment = None
            page.look_at_the_clock()
