"""A limit of time on every call of a port's method, declared with the method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from spindle._core.operations.scope import Timeout, seconds_of

__all__ = ["CallLimit", "within"]

M = TypeVar("M", bound=Callable[..., object])


def within(seconds: float, /) -> Callable[[M], M]:
    """Limit how long each call of a port's method may take: `@read @within(2) async def ...`.

    A call that takes longer ends as in `async with timeout(seconds)`: it raises `TooSlow`; a `read`
    is cut, a `write` or `once` is let run on for `PageLimits.call_seconds` and its value received.

    Args:
        seconds: the limit, counted from the call on the page's clock.

    Raises:
        UsageError: the limit is not a positive number.
    """
    limit = seconds_of("within", seconds)

    def declare(method: M) -> M:
        marked: Any = method
        marked.__within__ = limit
        return method

    return declare


class CallLimit(Timeout):
    """The limit of one call."""

    __slots__ = ("call",)

    def __init__(self, call: str, seconds: float) -> None:
        super().__init__(seconds, shield=False)
        self.call = call

    def passed(self) -> str:
        """See `Timeout`."""
        return f"{self.call} took longer than {self.seconds:g} s"
