"""A page stepped by hand whose calls take virtual time."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from spindle import describe
from spindle._core.kernel.chance import seed_from
from spindle._core.kernel.hand import Hand
from spindle._core.kernel.unwinding import Unwinding
from spindle.testing import HandPage
from tests.laboratory.programs.errand import Errand, Errands, ticket_of

if TYPE_CHECKING:
    from spindle import Journal
    from spindle._core.kernel.record import Cause, Record

__all__ = ["LatePage"]


class LatePage(HandPage):
    """A page by hand that is driven so."""

    def __init__(self, contract: Any, journal: Journal, seed: int) -> None:
        super().__init__(contract, journal=journal)
        self._hand = LateHand(
            {Errand: Errands()},
            journal,
            blocks=describe(contract).blocks,
            seed=seed_from(seed),
        )


class LateHand(Hand):
    """Calls of `Errand` end when their ticket says; a deadline of the same instant comes first."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._calls: list[tuple[float, int, Record, Any]] = []

    def begin_call(self, record: Record, call: Any) -> None:
        ticket = ticket_of(call.args[0])
        if ticket.seconds is None:
            super().begin_call(record, call)
            return
        at = self.kernel.now + ticket.lasts
        heapq.heappush(self._calls, (at, ticket.number, record, call))

    def cut_short(self, record: Record, cause: Cause) -> None:
        for each in self._calls:
            _, number, caller, call = each
            if caller is record and number >= 0:
                self._calls.remove(each)
                at = self.kernel.now + ticket_of(call.args[0]).winds_up
                # Negative: it winds up already, and is not cut again.
                self._calls.append((at, -number - 1, record, call))
                heapq.heapify(self._calls)
                return

    def next_at(self) -> float | None:
        at = super().next_at()
        if self._calls and (at is None or self._calls[0][0] < at):
            return self._calls[0][0]
        return at

    def arrive(self, at: float) -> None:
        self._at = max(self._at, at)
        if self.kernel.fire_due(at) or not self._calls or self._calls[0][0] > at:
            return
        _, number, record, call = heapq.heappop(self._calls)
        self.kernel.arrive(at)
        value: object = None
        error: BaseException | None = None
        try:
            if number < 0:
                raise Unwinding(record.cancelled() or record)
            value = ticket_of(call.args[0]).result()
        except BaseException as raised:
            error = raised
        self.kernel.call_ended(record, call, value, error)
