"""What is called later: functions, never the coroutine objects they make."""

from __future__ import annotations

from inspect import iscoroutine
from types import FunctionType

from spindle._core.errors import UsageError
from spindle._core.names import shown

__all__ = ["check_function"]


def check_function(caller: str, fn: object) -> None:
    """Refuse what cannot be called to make a coroutine.

    Raises:
        UsageError: `fn` is a coroutine object, or nothing that can be called.
    """
    if type(fn) is FunctionType:
        return
    if iscoroutine(fn):
        name = fn.__name__
        fn.close()
        raise UsageError(
            f"{caller} takes a function and its arguments, not a coroutine object: "
            f"write {caller}(..., {name}, ...) instead of {caller}(..., {name}(...))"
        )
    if not callable(fn):
        raise UsageError(f"{caller} takes an async function and its arguments, not {shown(fn)}")
