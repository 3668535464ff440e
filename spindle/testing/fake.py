"""Implementations of ports for tests, made from the answers they are to give."""

from __future__ import annotations

from collections import deque
from functools import partial
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from spindle._core.errors import UsageError
from spindle._core.names import name_of, shown
from spindle._core.operations.batch import forms_of
from spindle._core.operations.port import Port, methods_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Self

__all__ = ["Fake", "Script"]

_OWN = frozenset({"when", "calls"})

T = TypeVar("T")
F = TypeVar("F")


class Script(Generic[F, T]):
    """What a method of a fake is to do, call after call; the last thing said holds from then on.

    Apart from `Fake.when`, so that checkers know the method's type before they see the answer.
    """

    def __init__(self, fake: F, answers: deque[Callable[[], object]]) -> None:
        self._fake = fake
        self._answers = answers

    def returns(self, value: T, /, *further: T) -> F:
        """Let the method return `value`, then each of `further` in turn; gives the fake back."""
        self._answers.extend(partial(_same, each) for each in (value, *further))
        return self._fake

    def raises(self, error: Exception, /) -> F:
        """Let the method raise `error` when it is the turn of that; gives the fake back."""
        self._answers.append(partial(_raise, error))
        return self._fake


class Fake(Port):
    """An implementation of a port that answers from a script, without waiting.

    `Fake(Catalog).when(Catalog.search).returns(found)` is an instance of `Catalog`. A method
    nothing is scripted for fails the test that calls it. One that reads many (see `many`) is there
    only if it is scripted, so without that each key is asked for by itself.
    """

    calls: list[tuple[str, tuple[object, ...]]]
    """Every call made: the method's name and the arguments, in order; keywords come last, without
    their names."""

    _script: dict[str, deque[Callable[[], object]]]
    _port: type[Port]

    def __new__(cls, port: type[Port], /) -> Self:
        """Make a fake of `port`.

        Raises:
            UsageError: `port` is not a port class, or has an operation called `when` or `calls`.
        """
        if not (isinstance(port, type) and issubclass(port, Port)):
            raise UsageError(f"Fake() takes a port class, as in Fake(Catalog), not {shown(port)}")
        for name in _OWN.intersection(methods_of(port)):
            raise UsageError(
                f"Fake({port.__name__}) cannot have the operation {name}, a name that a fake needs "
                f"itself: write a class of your own, class Fake{port.__name__}({port.__name__})"
            )
        batched = {form.batched for form in forms_of(port).values()}
        members = {name: _method(port, name) for name in methods_of(port) if name not in batched}
        made = type(f"Fake{port.__name__}", (cls, port), members)
        assert issubclass(made, cls)
        return object.__new__(made)

    def __init__(self, port: type[Port], /) -> None:
        self.calls = []
        self._script = {}
        self._port = port

    def when(self, method: Callable[..., Coroutine[Any, Any, T]], /) -> Script[Self, T]:
        """Script what `method` does, as in `fake.when(Catalog.search).returns(found)`.

        Raises:
            UsageError: `method` is not one of the port's.
        """
        name = name_of(method).rpartition(".")[2]
        if name not in methods_of(self._port):
            known = ", ".join(methods_of(self._port))
            raise UsageError(f"{self._port.__name__} has no operation {name}; it has {known}")
        if hasattr(getattr(self, name), "__form__"):
            setattr(self, name, MethodType(_method(self._port, name), self))
        return Script(self, self._script.setdefault(name, deque()))


def _answered(fake: Fake, port: type[Port], name: str, args: tuple[object, ...]) -> object:
    """Make a scripted call; one that is not scripted is a failure of the test."""
    fake.calls.append((name, args))
    script = fake._script.get(name)  # pyright: ignore[reportPrivateUsage] its own method
    if not script:
        raise AssertionError(
            f"{port.__name__}.{name}{shown(args)} was called, but nothing is scripted for it: "
            f"write Fake({port.__name__}).when({port.__name__}.{name}).returns(...)"
        )
    return (script.popleft() if len(script) > 1 else script[0])()


def _same(value: object) -> object:
    return value


def _raise(error: Exception) -> NoReturn:
    raise error


def _method(port: type[Port], name: str) -> Callable[..., Coroutine[Any, Any, object]]:
    async def answer(  # noqa: ASYNC124 - a port's methods are async
        self: Fake, *args: object, **keywords: object
    ) -> object:
        return _answered(self, port, name, (*args, *keywords.values()))  # noqa: ASYNC910

    answer.__name__ = name
    answer.__qualname__ = f"{port.__name__}.{name}"
    return answer
