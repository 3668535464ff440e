"""The backend: what a spindle was given, and calls out of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.journal import CallBegan
from spindle._core.kernel.meanings.meaning import SUSPENDED
from spindle._core.operations.port import provided

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.operations.port import Call, Use

__all__ = ["call", "use"]


def use(kernel: Kernel, record: Record, wanted: Use[Any]) -> object:
    """Look up what was given to the spindle, then what was given to the page."""
    return provided(wanted.kind, record.provide, kernel.provide)


def call(kernel: Kernel, record: Record, called: Call[Any]) -> object:
    """Leave for a call."""
    if kernel.journal is not None:
        kernel.note(CallBegan(record.root.source, called.name, called.args, called.keywords))
    if kernel.watch is not None:
        called = kernel.watch.around(record, called)
    record.leave(called)
    kernel.driver.begin_call(record, called)
    return SUSPENDED
