"""What a tracer is told, as lines, under every driver."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from spindle import (
    Cancelled,
    Completed,
    Errored,
    TracedCall,
    TracedPage,
    TracedSpindle,
    TracedYield,
    Tracer,
)
from tests.drivers import Stage, play

DRIVERS = pytest.mark.parametrize("driver", ["hand", "hosted", "task"])
ON_TRIO = pytest.mark.parametrize("driver", ["hosted", "task"])

Scenario = Callable[[Stage], Coroutine[Any, Any, None]]


class Lines(Tracer):
    """Writes a line each, and holds what has begun and not ended."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.open: list[object] = []

    def page_opened(self, page: TracedPage) -> None:
        self._begins(page, f"{page.name} of {page.contract}")

    def page_ended(self, page: TracedPage, cancelled: Cancelled) -> None:
        self._ends(page, f"{page.name} ended: {cancelled.reason} ({cancelled.origin.value})")

    def spindle_started(self, spindle: TracedSpindle) -> None:
        again = f" again {spindle.restart}" if spindle.restart else ""
        self._begins(spindle, f"{spindle.name} as {spindle.function}{again}")

    def spindle_ended(self, spindle: TracedSpindle, outcome: object) -> None:
        match outcome:
            case Completed(value):
                how = f"returned {value!r}"
            case Errored(error):
                how = f"failed with {error!r}"
            case Cancelled(reason, origin):
                how = f"cancelled: {reason} ({origin.value})"
        self._ends(spindle, f"{spindle.name} {how}")

    def yield_announced(self, asked: TracedYield) -> None:
        self._begins(asked, f"{asked.spindle.name} asks {asked.ask} #{asked.yield_id}")

    def yield_answered(self, asked: TracedYield, answer: object) -> None:
        self._ends(asked, f"#{asked.yield_id} answered {answer}")

    def yield_withdrawn(self, asked: TracedYield) -> None:
        self._ends(asked, f"#{asked.yield_id} withdrawn")

    @contextmanager
    def call(self, call: TracedCall) -> Generator[None]:
        self._begins(call, f"{call.spindle.name} calls {call.name} ({call.repeat})")
        try:
            yield
        except BaseException as error:
            why = "" if call.cancelled is None else f": {call.cancelled.reason}"
            kind = "cancelled" if not isinstance(error, Exception) else repr(error)
            self._ends(call, f"{call.name} {kind}{why}")
            raise
        else:
            self._ends(call, f"{call.name} done")

    def _begins(self, what: object, line: str) -> None:
        self.open.append(what)
        self.lines.append(line)

    def _ends(self, what: object, line: str) -> None:
        self.lines.append(line)
        self.open.remove(what)


def follow(driver: str, scenario: Scenario, **options: Any) -> list[str]:
    """What a tracer was told of the scenario; it was told the end of all that began."""
    told = Lines()
    play(driver, scenario, tracer=told, name="the page", **options)
    assert told.open == []
    assert told.lines[0] == "the page of Talk"
    assert told.lines[-1].startswith("the page ended: ")
    return told.lines[1:-1]
