"""Stretches of a spindle's code with a cancellation rule of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindle._core.errors import UsageError
from spindle._core.names import shown
from spindle._core.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


__all__ = ["EnterScope", "ExitScope", "Scope", "cleanup"]


class Scope:
    """A cancellation rule from entry to exit: within `seconds`, shielded or not."""

    __slots__ = ("call_off", "entered", "expired", "native", "seconds", "shield")

    def __init__(self, seconds: float, *, shield: bool) -> None:
        self.seconds = seconds
        self.shield = shield
        self.entered = False
        self.expired = False
        self.call_off: Callable[[], None]
        """Calls off its deadline; there from entry on."""
        self.native: object = None
        """The driver's own scope around the same stretch, if it has one."""

    async def __aenter__(self) -> None:
        if self.entered:
            raise UsageError("this scope was entered before: call cleanup() again for a new one")
        self.entered = True
        await EnterScope(self)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        return await ExitScope(self, error)  # noqa: ASYNC102 - answered at once, never waits


class EnterScope(Operation[None]):
    """Begin a scope. Not a cancel point."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope) -> None:
        self.scope = scope


class ExitScope(Operation[bool]):
    """End a scope; answers whether the exception that left it was its own and ends here."""

    __slots__ = ("error", "scope")

    def __init__(self, scope: Scope, error: BaseException | None) -> None:
        self.scope = scope
        self.error = error


def cleanup(seconds: float) -> Scope:
    """Shield a stretch of a spindle from cancellation, within a budget.

    For use as `async with cleanup(2): ...`, mostly in a `finally` block: operations in it work
    although the spindle is cancelled, or gets cancelled meanwhile. When the budget is used up, the
    body is cut at its next wait and the code after the block goes on; its next operation raises if
    the spindle is cancelled.

    Args:
        seconds: the budget, counted from entry on the page's clock.

    Raises:
        UsageError: the budget is not a positive number.
    """
    if not seconds > 0:
        raise UsageError(f"cleanup() takes a positive number of seconds, not {shown(seconds)}")
    return Scope(seconds, shield=True)
