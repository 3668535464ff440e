"""What a transcript has found as it was expected, and that waits for the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic

from typing_extensions import TypeVar

from spindle._core.errors import hides_frames
from spindle.testing.calls import check_error, check_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CallExpectation", "Expectation"]

__tracebackhide__ = hides_frames

A = TypeVar("A")
T = TypeVar("T")

_INSTEAD: Final = "What only stands for that: a Mock, as in Mock(name=value)"


class Expectation(Generic[A]):
    """A question that was asked as expected, and waits for its answer."""

    def __init__(self, answer: Callable[[object], None]) -> None:
        self._answer = answer

    def answer(self, event: A) -> None:
        """Answer it and run the spindle up to its next question or call, or its end.

        Raises:
            AssertionError: the question does not take this answer, or was answered before.
            UsageError: a field of it is plainly of another type than is declared for it.
        """
        self._answer(event)


class CallExpectation(Generic[T]):
    """A call that was made as expected, and waits for what comes of it."""

    def __init__(
        self,
        arguments: Mapping[str, object],
        end: Callable[[object, Exception | None], None],
        function: Callable[..., object],
    ) -> None:
        self.arguments = arguments
        """What each parameter of the method was given, by name; defaults included."""
        self._end = end
        self._function = function

    def returns(self, value: T, /) -> None:
        """Let it return `value`, and run the spindle up to its next question or call, or its end.

        Raises:
            AssertionError: it has ended before.
            UsageError: `value` is a coroutine object, or plainly of another type than the call
                returns.
        """
        check_value(self._function, value, _INSTEAD)
        self._end(value, None)

    def raises(self, error: Exception, /) -> None:
        """Let it raise `error`, and run the spindle up to its next question or call, or its end.

        Raises:
            AssertionError: it has ended before.
            UsageError: `error` is no exception.
        """
        check_error(error)
        self._end(None, error)
