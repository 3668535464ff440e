"""Scopes: where they begin and end, and what cancels inside."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from spindle._core.errors import UsageError
from spindle._core.kernel.ending import interrupt, leave_fold
from spindle._core.kernel.groups import is_a
from spindle._core.kernel.meanings.meaning import SUSPENDED
from spindle._core.kernel.unwinding import Unwinding
from spindle._core.kernel.waits import FibersWait
from spindle._core.names import error_shown
from spindle._core.operations.scope import Cleanup
from spindle._core.states import Cancelled

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.operations.fiber import JoinFibers
    from spindle._core.operations.reason import CancelReason
    from spindle._core.operations.scope import CancelPoint, EnterScope, ExitScope, Scope
    from spindle._core.states import Cancelled

__all__ = ["cancel_point", "cancel_reason", "enter", "join_fibers", "leave"]


def enter(kernel: Kernel, record: Record, operation: EnterScope) -> None:
    """Begin a scope and set its deadline."""
    scope = operation.scope
    if isinstance(scope, Cleanup):
        scope.outside = sys.exc_info()[1]
    if record.scopes is None:
        record.scopes = []
    record.scopes.append(scope)
    if scope.seconds is not None:
        scope.call_off = kernel.set_timer(scope.seconds, _expire, kernel, record, scope).call_off


def _expire(kernel: Kernel, record: Record, scope: Scope) -> None:
    scope.expired = True
    if isinstance(scope, Cleanup):
        kernel.driver.cut(record, scope)
    interrupt(kernel, record)


def leave(kernel: Kernel, record: Record, operation: ExitScope) -> bool:
    """End a scope; answers whether what leaves it is its own cancellation."""
    scope, error = operation.scope, operation.error
    operation.error = None  # or it and the frame that took the operation keep each other
    if not record.scopes or record.scopes[-1] is not scope:
        raise UsageError(f"{record.name} left a scope that is not its innermost one")
    record.scopes.pop()
    if scope.call_off is not None:
        scope.call_off()
    return is_a(error, Unwinding) and error.cause is scope


def cancel_point(kernel: Kernel, record: Record, operation: CancelPoint) -> None:
    """Nothing but what every operation is: a point where a cancellation shows."""


def cancel_reason(kernel: Kernel, record: Record, operation: CancelReason) -> Cancelled | None:
    """Why the coroutine is cancelled."""
    return record.cancel


def join_fibers(kernel: Kernel, record: Record, operation: JoinFibers) -> object:
    """Wait for the fibers of a `scope()`; cancel them if an exception is leaving it."""
    fold, error = operation.scope, operation.error
    operation.error = None  # or it and the frame that took the operation keep each other
    if fold.fibers and error is not None:
        # What unwinds a coroutine has another name under every driver.
        left = f"was left by {error_shown(error)}" if is_a(error, Exception) else "is being cut"
        leave_fold(kernel, record, fold, left)
    if not fold.fibers:
        return None
    record.suspend(FibersWait(record, 0, fold))
    return SUSPENDED
