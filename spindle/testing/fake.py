"""Implementations of ports for tests, made from the answers they are to give."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from spindle._core.errors import UsageError
from spindle._core.names import shown
from spindle._core.port import Port, methods_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Self

__all__ = ["Fake"]

T = TypeVar("T")


class Fake(Port):
    """An implementation of a port that answers from a script, without waiting.

    `Fake(Catalog).returns(Catalog.search, found)` is an instance of `Catalog`. A method nothing is
    scripted for fails the test that calls it.
    """

    calls: list[tuple[str, tuple[object, ...]]]
    """Every call made: the method's name and the arguments, in order."""

    _script: dict[str, deque[Callable[[], object]]]
    _port: type[Port]

    def __new__(cls, port: type[Port], /) -> Self:
        """Make a fake of `port`.

        Raises:
            UsageError: `port` is not a port class.
        """
        if not (isinstance(port, type) and issubclass(port, Port)):
            raise UsageError(f"Fake() takes a port class, as in Fake(Catalog), not {shown(port)}")
        members = {name: _method(port, name) for name in methods_of(port)}
        made = type(f"Fake{port.__name__}", (cls, port), members)
        assert issubclass(made, cls)
        return object.__new__(made)

    def __init__(self, port: type[Port], /) -> None:
        self.calls = []
        self._script = {}
        self._port = port

    def returns(
        self, method: Callable[..., Coroutine[Any, Any, T]], value: T, /, *further: T
    ) -> Self:
        """Let `method` return `value`, then each of `further` in turn; the last one from then on.

        Raises:
            UsageError: `method` is not one of the port's.
        """
        for each in (value, *further):
            self._add(method, partial(_same, each))
        return self

    def raises(self, method: Callable[..., object], error: Exception, /) -> Self:
        """Let `method` raise `error` when its turn in the script comes.

        Raises:
            UsageError: `method` is not one of the port's.
        """

        def fail() -> object:
            raise error

        self._add(method, fail)
        return self

    def _add(self, method: Callable[..., object], answer: Callable[[], object]) -> None:
        name = getattr(method, "__name__", repr(method))
        if name not in methods_of(self._port):
            known = ", ".join(methods_of(self._port))
            raise UsageError(f"{self._port.__name__} has no operation {name}; it has {known}")
        self._script.setdefault(name, deque()).append(answer)

    def answer(self, name: str, args: tuple[object, ...]) -> object:
        """Make a scripted call."""
        self.calls.append((name, args))
        script = self._script.get(name)
        if not script:
            port = self._port.__name__
            raise AssertionError(
                f"{port}.{name}{shown(args)} was called, but nothing is scripted for it: "
                f"write Fake({port}).returns({port}.{name}, ...)"
            )
        return (script.popleft() if len(script) > 1 else script[0])()


def _same(value: object) -> object:
    return value


def _method(port: type[Port], name: str) -> Callable[..., Coroutine[Any, Any, object]]:
    async def answer(  # noqa: ASYNC124 - a port's methods are async
        self: Fake, *args: object, **keywords: object
    ) -> object:
        return self.answer(name, (*args, *keywords.values()))  # noqa: ASYNC910

    answer.__name__ = name
    answer.__qualname__ = f"{port.__name__}.{name}"
    return answer
