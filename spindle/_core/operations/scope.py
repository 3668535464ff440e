"""Stretches of a spindle's code with a cancellation rule of their own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from spindle._core.errors import TooSlow, UsageError
from spindle._core.kernel.groups import is_a
from spindle._core.names import error_shown, shown
from spindle._core.notes import annotate
from spindle._core.operations.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


__all__ = [
    "CancelPoint",
    "Cleanup",
    "EnterScope",
    "ExitScope",
    "Scope",
    "Timeout",
    "cleanup",
    "seconds_of",
    "timeout",
]


class Scope:
    """A cancellation rule from entry to exit. Each kind is entered once, with `async with`.

    What `__aexit__` is declared to return tells type checkers whether the code behind the block may
    be reached although the body was cut: a `bool` says that it may.
    """

    __slots__ = ("call_off", "entered", "expired", "native", "seconds", "shield", "swallowed")

    maker = "scope"
    """What makes one, for the error of a second entry."""

    def __init__(self, seconds: float | None, *, shield: bool) -> None:
        self.seconds = seconds
        self.shield = shield
        self.entered = False
        self.expired = False
        """Whether it cancels what is inside."""
        self.call_off: Callable[[], None] | None = None
        """Calls off its deadline; there from entry on, if it has one."""
        self.swallowed = 0
        """How often its cancellation has been raised inside."""
        self.native: object = None
        """The driver's own scope around the same stretch, if it has one."""

    async def __aenter__(self) -> None:
        if self.entered:
            raise UsageError(
                f"this scope was entered before: call {self.maker}() again for a new one"
            )
        self.entered = True
        await EnterScope(self)


class Cleanup(Scope):
    """Shielded, within a budget."""

    __slots__ = ("outside", "unwinding")

    maker = "cleanup"

    def __init__(self, seconds: float | None, *, shield: bool) -> None:
        super().__init__(seconds, shield=shield)
        self.unwinding: BaseException | None = None
        """What is on its way where the block begins."""
        self.outside: BaseException | None = None
        """What is handled where the spindle was resumed, which Python shows it, too."""

    async def __aenter__(self) -> None:
        before = sys.exc_info()[1]
        await super().__aenter__()
        # Resumed by an exception, a coroutine is not shown what those that await it handle, until
        # it is resumed once more: as it was just now.
        for handled in (before, sys.exc_info()[1]):
            if self.unwinding is None and handled is not self.outside:
                self.unwinding = handled
        self.outside = None

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        first, self.unwinding = self.unwinding, None
        if await ExitScope(self, error):  # noqa: ASYNC102 - answered at once, never waits
            return True
        if is_a(error, Exception) and is_a(first, Exception) and first is not error:
            # What went wrong first is what the spindle failed with; Python would show the second.
            annotate(first, f"its cleanup failed, too: {error_shown(error)}")
            raise first
        return False


class Timeout(Scope):
    """Not shielded, within a limit."""

    __slots__ = ()

    maker = "timeout"

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not await ExitScope(self, error):  # noqa: ASYNC102 - answered at once, never waits
            return
        await CancelPoint()  # noqa: ASYNC102 - what cancels from further out comes first
        raise TooSlow(self.passed()) from None

    def passed(self) -> str:
        """What is said when it is over the limit."""
        return f"timeout({self.seconds:g}) passed"


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


class CancelPoint(Operation[None]):
    """Raise if the spindle is cancelled here and now."""

    __slots__ = ()


def seconds_of(function: str, seconds: object) -> float:
    """Check the argument of a function that takes a span of time.

    Raises:
        UsageError: it is not a positive number.
    """
    if not isinstance(seconds, (int, float)) or not seconds > 0:
        raise UsageError(f"{function}() takes a positive number of seconds, not {shown(seconds)}")
    return seconds


def cleanup(seconds: float) -> Cleanup:
    """Shield a stretch of a spindle from cancellation, within a budget.

    For use as `async with cleanup(2): ...`, mostly in a `finally` block: operations in it work
    although the spindle is cancelled, or gets cancelled meanwhile. When the budget is used up, the
    body is cut at its next wait and the code after the block goes on; its next operation raises if
    the spindle is cancelled. A warning in the log names what it waited for. Where the block runs
    because an exception is on its way and fails itself, the first exception goes on, with a note of
    the second.

    Args:
        seconds: the budget, counted from entry on the page's clock.

    Raises:
        UsageError: the budget is not a positive number; or it is entered a second time.
    """
    return Cleanup(seconds_of("cleanup", seconds), shield=True)


def timeout(seconds: float) -> Timeout:
    """Limit how long a stretch of a spindle may take.

    For use as `async with timeout(30): ...`. When the time is up, what the body waits for is
    withdrawn, the body is unwound and `TooSlow` is raised behind it. A cancellation, or a limit
    further out, that has come by then wins. A call of a port that is not a `read` is let run on for
    a while, see `PageLimits.call_seconds`; if it brings a value, that is received and nothing is
    raised. Fibers started inside are not limited: put a `scope()` around them.

    Args:
        seconds: the limit, counted from entry on the page's clock.

    Raises:
        UsageError: the limit is not a positive number; or it is entered a second time.
        TooSlow: from the end of the block, when the limit was passed.
    """
    return Timeout(seconds_of("timeout", seconds), shield=False)
