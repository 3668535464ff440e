"""Implementations of ports that fail when they are told to, and else do as the one behind them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from copy import copy
from typing import Any, Final

from spindle._core.operations.batch import forms_of, is_offered
from spindle._core.operations.port import Port, methods_of

__all__ = ["Failing"]


class Failing(Port):
    """Stands before an implementation; of a class of its own for each port."""

    def __init__(self, given: Any, made: list[Exception]) -> None:
        self.__given = given
        self.__made = made
        self.__next: dict[str, deque[tuple[Exception, bool]]] = {}

    @staticmethod
    def before(port: type[Port], given: object, made: list[Exception]) -> Failing:
        """Put one before an implementation of `port`; what it raises is entered into `made`."""
        return _class_for(port, given)(given, made)

    def fail_next(self, name: str, error: Exception, *, done: bool) -> None:
        """Let the next call of a method raise a copy of the error, done or not."""
        self.__next.setdefault(name, deque()).append((error, done))

    async def call(  # noqa: ASYNC124 - what is behind decides whether it waits
        self, name: str, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """Make a call, or fail."""
        waiting = self.__next.get(name)
        error, done = waiting.popleft() if waiting else (None, True)
        value = await getattr(self.__given, name)(*args, **keywords) if done else None
        if error is None:
            return value  # noqa: ASYNC910 - as above
        raised = _another(error)
        self.__made.append(raised)
        raise raised


def _another(error: Exception) -> Exception:
    """A copy, for an error that is raised twice keeps the traceback of both."""
    try:
        made = copy(error)
    except Exception:
        return error
    return made if type(made) is type(error) else error


_CLASSES: Final[dict[tuple[type[Port], frozenset[str]], type[Failing]]] = {}


def _class_for(port: type[Port], given: object) -> type[Failing]:
    forms = {form.batched: form for form in forms_of(port).values()}
    missing = frozenset(name for name, form in forms.items() if not is_offered(given, form))
    known = _CLASSES.get((port, missing))
    if known is None:
        members = {
            name: (_batched if name in forms else _method)(name)
            for name in methods_of(port)
            if name not in missing
        }
        made: Any = type(f"Failing{port.__name__}", (Failing, port), members)
        known = _CLASSES[port, missing] = made
    return known


def _method(name: str) -> Callable[..., Coroutine[Any, Any, object]]:
    async def call(  # noqa: ASYNC124 - a port's methods are async
        self: Failing, *args: object, **keywords: object
    ) -> object:
        return await self.call(name, args, keywords)

    call.__name__ = name
    return call


def _batched(name: str) -> Callable[..., Coroutine[Any, Any, object]]:
    # Of one that reads many at once the parameters are looked at.
    async def call(self: Failing, keys: object) -> object:  # noqa: ASYNC124 - as above
        return await self.call(name, (keys,), {})

    call.__name__ = name
    return call
