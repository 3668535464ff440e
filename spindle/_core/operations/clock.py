"""Time and chance as operations, so that tests and replay have them in hand."""

from __future__ import annotations

from math import isinf

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import shown
from spindle._core.operations.operation import Operation

__all__ = [
    "Now",
    "RandomFloat",
    "Sleep",
    "UniqueId",
    "check_span",
    "now",
    "random_float",
    "sleep",
    "unique_id",
]

__tracebackhide__ = hides_frames


class Sleep(Operation[None]):
    """Wait for a span of time."""

    __slots__ = ("seconds",)

    __spelling__ = "sleep(...)"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Now(Operation[float]):
    """Read the page's clock."""

    __slots__ = ()

    __spelling__ = "now()"


class RandomFloat(Operation[float]):
    """Draw a number."""

    __slots__ = ()

    __spelling__ = "random_float()"


class UniqueId(Operation[str]):
    """Draw a name."""

    __slots__ = ()

    __spelling__ = "unique_id()"


def check_span(function: str, seconds: object, *, finite: bool = False) -> float:
    """Check the argument of a function that takes a span of time, or none at all.

    Raises:
        UsageError: it is not a number, or below 0; or infinite, where time has to pass.
    """
    if not isinstance(seconds, (int, float)) or not seconds >= 0:
        raise UsageError(f"{function}() takes seconds, 0 or more, not {shown(seconds)}")
    if finite and isinf(seconds):
        raise UsageError(f"{function}() lets time pass and takes a finite number of seconds")
    return seconds


def sleep(seconds: float) -> Operation[None]:
    """Wait for `seconds` of the page's clock; 0 does not wait.

    Raises:
        UsageError: `seconds` is not a number, or below 0.
    """
    return Sleep(check_span("sleep", seconds))


def now() -> Operation[float]:
    """Read the page's clock.

    Returns:
        When awaited: seconds since the page was opened. It stands still during a turn; by hand it
        moves only when it is moved. The time of day comes from a port.
    """
    return Now()


def random_float() -> Operation[float]:
    """Draw a number from the page's own source of chance.

    Returns:
        When awaited: a float, 0 <= x < 1, evenly distributed, 53 bits. The same seed
        (`open_page(..., seed=)`) gives the same numbers. Not for secrets.
    """
    return RandomFloat()


def unique_id() -> Operation[str]:
    """Draw a name that is used nowhere else.

    Returns:
        When awaited: a random UUID (version 4) as text, from the same source as `random_float`.
    """
    return UniqueId()
