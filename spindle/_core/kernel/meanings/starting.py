"""Forks and fibers: coroutines that start others, and cancel them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.errors import LimitReached, UsageError
from spindle._core.kernel.record import Record, Unnamed, key_of
from spindle._core.names import name_of
from spindle._core.operations.fiber import FiberScope
from spindle._core.operations.handle import Handle
from spindle._core.states import Cancelled, Origin, asked_for

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.operations.fiber import StartFiber
    from spindle._core.operations.fork import Fork
    from spindle._core.operations.handle import CancelRecord
    from spindle._core.operations.scope import Scope

__all__ = ["cancel", "fiber", "fork"]


def fork(kernel: Kernel, record: Record, operation: Fork[Any]) -> Handle[Any]:
    """Start a spindle beside this one."""
    block = operation.block
    if kernel.blocks is not None and block not in kernel.blocks:
        known = ", ".join(name_of(each) for each in kernel.blocks)
        raise UsageError(
            f"{record.name} wanted to fork {name_of(block)}, which is not a block of this page's "
            f"contract: that has {known}"
        )
    given = {**record.provide, **operation.provide} if operation.provide else record.provide
    args, keeper = operation.args, kernel.keeper
    if args and keeper is not None:
        args = keeper.taken(operation.fn, args)
    replaced = None
    if operation.replace and key_of(block, operation.instance) in kernel.live:
        replaced = Cancelled("replaced by another one", Origin.REPLACED, record.root.source)
    started = kernel.register(
        block,
        operation.instance,
        operation.fn,
        args,
        given,
        policy=operation.policy,
        significant=operation.significant,
        context=record.context.copy(),
        replaced=replaced,
    )
    if replaced is None:  # else it is launched when the one before has gone, which may be already
        kernel.launch(started)
    return Handle(started)


def fiber(kernel: Kernel, record: Record, operation: StartFiber[Any]) -> Handle[Any]:
    """Start a coroutine that belongs to this one."""
    started = Record(operation.fn, operation.args, record.provide, record.context.copy(), kernel)
    started.root, started.owner, started.depth = record.root, record, record.depth + 1
    if started.depth > kernel.limits.depth:
        raise LimitReached(
            f"{started.name} was not started: it would be the {started.depth}th in a chain of "
            f"fibers each started by the one before, and PageLimits(depth=) allows no more"
        )
    kernel.admit(started)
    if record.children is None:
        record.children = {}
    record.children[started] = None
    if record.scopes:
        fold = _innermost(record.scopes)
        if fold is not None:
            fold.fibers[started] = None
            started.fold = fold
    kernel.ready.append(started)
    return Handle(started)


def _innermost(scopes: list[Scope]) -> FiberScope | None:
    for scope in reversed(scopes):
        if isinstance(scope, FiberScope):
            return scope
    return None


def cancel(kernel: Kernel, record: Record, operation: CancelRecord) -> None:
    """Cancel a coroutine and what belongs to it."""
    target = operation.record
    if target.kernel is not kernel:
        raise UsageError(
            f"{record.name} wants to cancel {target.name}, which runs on another page: "
            f"write `handle.cancel_nowait(reason)`"
        )
    by = record.root.source if record.root.block is not Unnamed else None
    kernel.cancel(target, asked_for(operation.reason, Origin.HANDLE, by))
