"""What a meaning is: does an operation, answers it at once or lets its coroutine wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from spindle._core.kernel.kernel import Kernel
from spindle._core.kernel.record import Record
from spindle._core.kernel.waits import NOT_READY, Wait

__all__ = ["SUSPENDED", "Meaning", "Source", "alone"]

Meaning: TypeAlias = Callable[[Kernel, Record, Any], object]
"""Does an operation: returns the answer or `SUSPENDED`, or raises what the coroutine is to see."""


class _Suspended:
    def __repr__(self) -> str:
        return "SUSPENDED"


SUSPENDED: Final = _Suspended()
"""The answer of an operation that has to wait: the coroutine is woken with the real one."""


class Source(NamedTuple):
    """An operation that can wait, alone or in a race, in two parts."""

    poll: Callable[[Kernel, Record, Any], object]
    """Consumes what is ready and returns it, or returns `NOT_READY` and has done nothing."""
    register: Callable[[Kernel, Record, Any, int], Wait]
    """Begins to wait."""


def alone(source: Source) -> Meaning:
    """The meaning of a source that is awaited by itself."""
    poll, register = source

    def meaning(kernel: Kernel, record: Record, operation: object) -> object:
        value = poll(kernel, record, operation)
        if value is not NOT_READY:
            return value
        record.suspend(register(kernel, record, operation, 0))
        return SUSPENDED

    return meaning
