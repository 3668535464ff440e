"""What is called later: functions, never the coroutine objects they make."""

from __future__ import annotations

from types import CoroutineType, FunctionType, MethodType
from typing import Any, Final, TypeGuard

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import shown

__all__ = ["check_function", "is_async_def", "is_async_function", "is_coroutine"]

__tracebackhide__ = hides_frames

CO_COROUTINE: Final = 0x80
"""The flag of an `async def`, which `inspect` names; that takes long to load."""


def is_async_def(fn: object) -> bool:
    """Whether calling this makes a coroutine, and does nothing else."""
    if type(fn) is MethodType:
        fn = fn.__func__
    return type(fn) is FunctionType and bool(fn.__code__.co_flags & CO_COROUTINE)


def is_async_function(fn: object) -> bool:
    """Whether this is an `async def`, or wraps one or says that it does."""
    if is_async_def(fn):
        return True
    from inspect import iscoroutinefunction

    return iscoroutinefunction(fn)


def is_coroutine(value: object) -> TypeGuard[CoroutineType[Any, Any, Any]]:
    """Whether this is what calling an `async def` makes."""
    return isinstance(value, CoroutineType)


def check_function(caller: str, fn: object) -> None:
    """Refuse what cannot be called to make a coroutine.

    Raises:
        UsageError: `fn` is a coroutine object, or nothing that can be called.
    """
    if type(fn) is FunctionType:
        return
    if is_coroutine(fn):
        name = fn.__name__
        fn.close()
        raise UsageError(
            f"{caller} takes a function and its arguments, not a coroutine object: "
            f"write {caller}(..., {name}, ...) instead of {caller}(..., {name}(...))"
        )
    if not callable(fn):
        raise UsageError(f"{caller} takes an async function and its arguments, not {shown(fn)}")
