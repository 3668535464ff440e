"""What may go wrong with a store, to be tried on purpose."""

from __future__ import annotations

from enum import Enum
from typing import Literal

import trio

from spindle._core.errors import UsageError

__all__ = ["Call", "Fault", "Faults"]

Call = Literal["create", "acquire", "append", "snapshot", "rewind", "renew", "release"]
"""The calls of a store that change something."""


class Fault(Enum):
    """What happens to a call. All but `FENCED` leave a store that has failed."""

    LOST = "it was not kept, and the store does not say so"
    UNANSWERED = "it was kept, and the store does not say so"
    TORN = "a part of it was written"
    FULL = "the disk is full"
    FENCED = "somebody else has had the page"


class _Delay:
    def __init__(self, kept: bool) -> None:
        self.kept = kept
        self.over = trio.Event()


class Faults:
    """Which calls go wrong, counted from when it was asked for."""

    def __init__(self) -> None:
        self._faults: dict[Call, dict[int, Fault]] = {}
        self._delays: dict[Call, dict[int, _Delay]] = {}
        self._made: dict[Call, int] = {}

    def fail(self, fault: Fault, nth: int, call: Call) -> None:
        """Let the nth of these calls from now on go wrong."""
        self._faults.setdefault(call, {})[self._number(nth, call)] = fault

    def delay(self, nth: int, call: Call, kept: bool) -> trio.Event:
        """Let the nth of these calls from now on wait until the event is set."""
        delay = self._delays.setdefault(call, {})[self._number(nth, call)] = _Delay(kept)
        return delay.over

    def _number(self, nth: int, call: Call) -> int:
        if nth < 1:
            raise UsageError(f"calls are counted from 1 on: there is none with the number {nth}")
        return self._made.get(call, 0) + nth

    def count(self, call: Call) -> tuple[Fault | None, trio.Event | None, trio.Event | None]:
        """Count a call.

        Returns:
            What goes wrong with it, what it waits for before it is kept, and what its answer waits
            for.
        """
        if not self._faults and not self._delays:
            return None, None, None
        number = self._made[call] = self._made.get(call, 0) + 1
        fault = self._faults.get(call, {}).pop(number, None)
        delay = self._delays.get(call, {}).pop(number, None)
        if delay is None:
            return fault, None, None
        return (fault, None, delay.over) if delay.kept else (fault, delay.over, None)
