"""Faults of lasting pages that a kill has to bring to light; sown into a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle._core.operations.port import Call, Repeat
from spindle._lasting.held_outbox import HeldOutbox
from spindle._lasting.page import LastingPage
from spindle._lasting.writer import Writer
from spindle._runtime.logged_hosted import LoggedHosted

__all__ = ["FAULTS"]


def views_are_told_at_once() -> None:
    HeldOutbox.put = HeldOutbox.put_at_once  # type: ignore[method-assign]


def calls_begin_at_once() -> None:
    def when_kept(self: LastingPage, call: Call[Any]) -> Call[Any]:
        return call

    LastingPage._when_kept = when_kept  # type: ignore[method-assign]


def frames_are_acknowledged_early() -> None:
    add = Writer.add

    def add_and_tell(self: Writer, frame: bytes) -> None:
        add(self, frame)
        kept, self.kept = self.kept, self.written
        self._release()
        self.kept = kept

    Writer.add = add_and_tell  # type: ignore[method-assign]


def calls_are_made_while_told() -> None:
    begin = LoggedHosted.begin_call

    def begin_call(self: LoggedHosted, record: Any, call: Call[Any]) -> None:
        if self._retelling is not None and call.repeat is Repeat.READ:
            self.nursery.start_soon(_make, call)
        begin(self, record, call)

    LoggedHosted.begin_call = begin_call  # type: ignore[method-assign]


async def _make(call: Call[Any]) -> None:
    await call.begin()


FAULTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "views are told at once": views_are_told_at_once,
    "calls begin at once": calls_begin_at_once,
    "frames are acknowledged early": frames_are_acknowledged_early,
    "calls are made while told": calls_are_made_while_told,
}
