"""The backend: what a spindle was given, and calls out of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.apart import call_apart
from spindle._core.journal import CallBegan
from spindle._core.kernel.loading import check_keys, gather
from spindle._core.kernel.meanings.meaning import SUSPENDED
from spindle._core.kernel.waits import NOT_READY
from spindle._core.operations.port import Repeat
from spindle._core.operations.provision import provided

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.operations.batch import Forget, Load
    from spindle._core.operations.port import Call, Use

__all__ = ["call", "forget", "load", "use"]


def use(kernel: Kernel, record: Record, wanted: Use[Any]) -> object:
    """Look up what was given to the spindle, then what was given to the page."""
    return provided(wanted.kind, record.provide, kernel.provide)


def call(kernel: Kernel, record: Record, called: Call[Any]) -> object:
    """Leave for a call."""
    if kernel.journal is not None:
        kernel.note(CallBegan(record.root.source, called.name, called.args, called.keywords))
    keyed = None
    kernel.called += 1
    if called.repeat is not Repeat.READ:
        keyed = kernel.keyed(called)
        if kernel.shelves is not None:
            kernel.shelves.written(called.given)
    if kernel.keeper is not None:
        called = call_apart(called)
    if kernel.watch is not None:
        called = kernel.watch.around(record, called)
    called.keyed = keyed
    record.leave(called)
    kernel.driver.begin_call(record, called)
    return SUSPENDED


def load(kernel: Kernel, record: Record, wanted: Load[Any]) -> object:
    """Read one thing together with what others ask for."""
    value = gather(kernel, record, wanted)
    return SUSPENDED if value is NOT_READY else value


def forget(kernel: Kernel, record: Record, operation: Forget) -> None:
    """Let something be read anew."""
    check_keys(operation.name, operation.keys)
    shelf = None if kernel.shelves is None else kernel.shelves.find(operation.given, operation.name)
    if shelf is not None and operation.keys:
        shelf.forget(operation.keys)
    elif shelf is not None:
        shelf.clear()
