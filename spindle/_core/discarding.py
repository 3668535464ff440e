"""How a coroutine is closed that nobody drives any more, whatever its `finally` blocks await.

Python's own closing gives up at the first operation in one, and complains. Raising GeneratorExit
anew at each operation is no better where a coroutine awaits another: thrown into the outer one,
it makes Python close the inner one. So the innermost is always the one that it is raised in.
"""

from __future__ import annotations

from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from contextvars import Context

__all__ = ["CLOSE_BOUND", "close_coroutine"]

CLOSE_BOUND: Final = 100
"""How often GeneratorExit is raised in a coroutine that does not let it pass."""


def close_coroutine(coroutine: Coroutine[Any, Any, object], context: Context) -> None:
    """Refuse all that it awaits by GeneratorExit, until it has ended.

    Raises:
        Exception: the first that its code, or that of what it awaits, has raised then.
    """
    raised: Exception | None = None
    for _ in range(CLOSE_BOUND):
        inner = _innermost(coroutine)
        try:
            context.run(inner.throw, GeneratorExit())
        except (GeneratorExit, StopIteration):
            pass
        except Exception as error:
            raised = raised or error
        else:
            continue
        if inner is coroutine:
            break
    if raised is not None:
        raise raised


def _innermost(coroutine: Coroutine[Any, Any, object]) -> Coroutine[Any, Any, object]:
    """The coroutine that waits for an operation: what this one awaits, or what that awaits, ..."""
    while (awaited := _awaited(coroutine)) is not None:
        coroutine = awaited
    return coroutine


def _awaited(coroutine: Coroutine[Any, Any, object]) -> Coroutine[Any, Any, object] | None:
    found: Any = getattr(coroutine, "cr_await", None)
    awaited: Coroutine[Any, Any, object] | None = found if _is_suspended(found) else None
    return awaited


def _is_suspended(awaited: object) -> bool:
    return isinstance(awaited, CoroutineType) and awaited.cr_frame is not None
