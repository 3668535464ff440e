"""What a method of a fake is to do, call after call."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Final, Generic, NoReturn, ParamSpec, TypeVar

from spindle._core.errors import UsageError, hides_frames
from spindle._core.names import name_of, shown
from spindle.testing.calls import (
    check_error,
    check_no_coroutine,
    check_value,
    parameters_of,
    placeholders,
)

__all__ = ["Script"]

__tracebackhide__ = hides_frames

F = TypeVar("F")
P = ParamSpec("P")
T = TypeVar("T")

_INSTEAD: Final = "What only stands for that: does(lambda *args: ...)"


class Script(Generic[F, P, T]):
    """What a method of a fake is to do, call after call; the last thing said holds from then on.

    Apart from `Fake.when`, so that checkers know the method's type before they see the answer.
    """

    def __init__(
        self, fake: F, method: Callable[..., object], answers: deque[Callable[..., object]]
    ) -> None:
        self._fake = fake
        self._method = method
        self._answers = answers

    def returns(self, value: T, /, *further: T) -> F:
        """Let the method return `value`, then each of `further` in turn; gives the fake back.

        Raises:
            UsageError: a value is a coroutine object, or plainly of another type than the method
                returns.
        """
        for each in (value, *further):
            check_value(self._method, each, _INSTEAD)
        self._answers.extend(partial(_same, each) for each in (value, *further))
        return self._fake

    def raises(self, error: Exception, /) -> F:
        """Let the method raise `error` when it is the turn of that; gives the fake back.

        Raises:
            UsageError: `error` is no exception.
        """
        check_error(error)
        self._answers.append(partial(_raise, error))
        return self._fake

    def does(self, fn: Callable[P, T], /) -> F:
        """Let the method do what `fn` does, called with the same arguments; gives the fake back.

        `fn` may be a method of an object that keeps what the backend would. What it raises is
        raised.

        Args:
            fn: a plain function, not an async one, that takes what the method takes.

        Raises:
            UsageError: it is something else.
        """
        _check_does(self._method, fn)
        self._answers.append(fn)
        return self._fake


def _same(value: object, *_: object, **__: object) -> object:
    return value


def _raise(error: Exception, *_: object, **__: object) -> NoReturn:
    raise error


def _check_does(method: Callable[..., object], fn: object) -> None:
    """Refuse what cannot answer for a method without waiting.

    Raises:
        UsageError: it is not a function, an async one, or takes other arguments.
    """
    name = name_of(method)
    if not callable(fn):
        check_no_coroutine("does", fn)
        raise UsageError(
            f"does() takes a plain function that answers {name}, not {shown(fn)}: for a value "
            f"there is returns()"
        )
    if iscoroutinefunction(fn) or iscoroutinefunction(getattr(fn, "__call__", None)):  # noqa: B004
        raise UsageError(
            f"does() takes a plain function, and {name_of(fn)} is async: leave the async out, for "
            f"a fake does not wait"
        )
    wanted, offered = parameters_of(method), parameters_of(fn)
    if wanted is None or offered is None:
        return
    args, keywords = placeholders(wanted)
    try:
        offered.bind(*args, **keywords)
    except TypeError as error:
        takes = ", ".join(wanted.parameters)
        raise UsageError(
            f"{name_of(fn)} cannot answer {name}, which takes ({takes}): {error}"
        ) from None
