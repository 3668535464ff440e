"""Faults of lasting pages that a kill has to bring to light; sown into a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle._core.operations.port import Call, Repeat
from spindle._core.replay import logged
from spindle._core.replay.formats import Format
from spindle._lasting.held_outbox import HeldOutbox
from spindle._lasting.held_receipt import HeldLetter
from spindle._lasting.page import LastingPage
from spindle._runtime.logged_hosted import LoggedHosted

__all__ = ["FAULTS"]


def views_are_told_at_once() -> None:
    HeldOutbox.put = HeldOutbox.put_at_once  # type: ignore[method-assign]


def calls_begin_at_once() -> None:
    def when_kept(self: LastingPage, call: Call[Any]) -> Call[Any]:
        return call

    LastingPage._when_kept = when_kept  # type: ignore[method-assign]


def events_are_acknowledged_early() -> None:
    def was_settled(self: HeldLetter) -> None:
        self.waiter.know()  # type: ignore[union-attr]

    HeldLetter.was_settled = was_settled  # type: ignore[method-assign]


def calls_are_made_while_told() -> None:
    begin = LoggedHosted.begin_call

    def begin_call(self: LoggedHosted, record: Any, call: Call[Any]) -> None:
        if self._retelling is not None and call.repeat is Repeat.READ:
            self.nursery.start_soon(_make, call)
        begin(self, record, call)

    LoggedHosted.begin_call = begin_call  # type: ignore[method-assign]


def nothing_is_in_doubt() -> None:
    """A call that must be made once is made again, like any other."""
    usual = logged.made_again

    def made_again(call: Call[Any], form: Format) -> Call[Any]:
        return usual(call, form) or call

    logged.made_again = made_again


async def _make(call: Call[Any]) -> None:
    await call.begin()


FAULTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "views are told at once": views_are_told_at_once,
    "calls begin at once": calls_begin_at_once,
    "events are acknowledged early": events_are_acknowledged_early,
    "calls are made while told": calls_are_made_while_told,
    "nothing is in doubt": nothing_is_in_doubt,
}
