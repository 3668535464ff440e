"""Waiting for time, for ends, and for whichever comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from spindle._core.errors import UsageError
from spindle._core.kernel.meanings.meaning import SUSPENDED, Source
from spindle._core.kernel.meanings.speaking import learn_block, reach_yield
from spindle._core.kernel.record import WAITING
from spindle._core.kernel.waits import (
    NOT_READY,
    AllWait,
    ResultWait,
    SleepWait,
    value_of,
    values_of,
)
from spindle._core.states import Completed

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.waits import Wait
    from spindle._core.operations.await_any import AwaitAny
    from spindle._core.operations.clock import Now, RandomFloat, Sleep, UniqueId
    from spindle._core.operations.fiber import AwaitAll
    from spindle._core.operations.handle import Result

__all__ = [
    "RESULT",
    "SLEEP",
    "await_all",
    "await_any",
    "now",
    "random_float",
    "result",
    "unique_id",
]


def now(kernel: Kernel, record: Record, operation: Now) -> float:
    """Read the page's clock."""
    return kernel.now


def random_float(kernel: Kernel, record: Record, operation: RandomFloat) -> float:
    """Draw a number."""
    return kernel.chance.random_float()


def unique_id(kernel: Kernel, record: Record, operation: UniqueId) -> str:
    """Draw a name."""
    return kernel.chance.unique_id()


def _poll_sleep(kernel: Kernel, record: Record, operation: Sleep) -> object:
    return NOT_READY if operation.seconds > 0 else None


def _register_sleep(kernel: Kernel, record: Record, operation: Sleep, position: int) -> SleepWait:
    wait = SleepWait(record, position)
    wait.timer = kernel.set_timer(operation.seconds, kernel.fulfil, wait, None)
    return wait


def _poll_result(kernel: Kernel, record: Record, operation: Result[Any]) -> object:
    target = operation.record
    if target.owner is not record:
        _check_join(kernel, record, target)
    if target.outcome is None:
        return NOT_READY
    target.joined = True
    if isinstance(target.outcome, Completed):
        return value_of(kernel, target)
    raise kernel.error_of(target)


def _register_result(
    kernel: Kernel, record: Record, operation: Result[Any], position: int
) -> ResultWait:
    target = operation.record
    wait = ResultWait(record, position, target)
    target.join(wait)
    return wait


def result(kernel: Kernel, record: Record, operation: Result[Any]) -> object:
    """Wait for the end of a coroutine, by itself; written out, for that is how most are joined."""
    target = operation.record
    if target.outcome is not None or target.owner is not record:
        value = _poll_result(kernel, record, operation)
        if value is not NOT_READY:
            return value
    wait = ResultWait(record, 0, target)
    target.join(wait)
    record.suspend(wait)
    return SUSPENDED


def _check_join(kernel: Kernel, record: Record, target: Record) -> None:
    if target.kernel is not kernel:
        raise UsageError(
            f"{record.name} wants to join {target.name}, which runs on another page: wait for it "
            f"outside the spindles, `await handle.wait()`"
        )
    if target.outcome is not None or target.root is not record.root:
        return
    # Up to the depth of the target only: in a long chain each may wait for the next.
    each = record
    while each.depth > target.depth:
        assert each.owner is not None
        each = each.owner
    if each is target:
        who = "itself" if target is record else f"{target.name}, which it belongs to"
        raise UsageError(
            f"{record.name} would wait for {who}: that ends after it, so it never would"
        )


def await_all(kernel: Kernel, record: Record, operation: AwaitAll) -> object:
    """Wait for the ends of several coroutines; the first failure cancels the others."""
    targets = tuple(handle.record for handle in operation.handles)
    for target in targets:
        _check_join(kernel, record, target)
    for target in targets:
        if target.outcome is not None and not isinstance(target.outcome, Completed):
            target.joined = True
            error = kernel.error_of(target)
            kernel.cancel_siblings(targets, target, error, record)
            raise error
    if all(target.outcome is not None for target in targets):
        return values_of(kernel, targets)
    wait = AllWait(record, 0, targets)
    wait.register()
    record.suspend(wait)
    return SUSPENDED


RESULT = Source(_poll_result, _register_result)
SLEEP = Source(_poll_sleep, _register_sleep)


def await_any(
    sources: Mapping[type, Source],
    asked: Source,
    kernel: Kernel,
    record: Record,
    operation: AwaitAny,
) -> object:
    """Wait for whichever comes first, of these kinds of sources and of yields.

    All are asked from left to right; the first that is ready is consumed and wins. If none is,
    the coroutine waits for all; the first to be fulfilled wins, the others are withdrawn.
    """
    if operation.asks:
        root = record.root
        for ask in operation.asks:
            if ask.__block__ is not root.block:
                learn_block(root, ask)
        if record.in_hand is not None or kernel.closing is not None:
            reach_yield(kernel, record)
    registers: list[Callable[[Kernel, Record, Any, int], Wait]] = []
    for each in operation.sources:
        poll, register = sources.get(type(each)) or asked
        value = poll(kernel, record, each)
        if value is not NOT_READY:
            return len(registers), value
        registers.append(register)
    waits: list[Wait] = []
    for each in operation.sources:
        position = len(waits)
        waits.append(registers[position](kernel, record, each, position))
    record.waits = tuple(waits)
    record.state = WAITING
    record.since = kernel.tick()
    return SUSPENDED
