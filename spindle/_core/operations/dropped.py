"""Operations that are made and dropped without an `await`: they do nothing, and nobody is told.

Python warns of such a coroutine. Here it is told in tests and in Python's development mode, where
it is switched on for the rest of the process: the class of all operations is given then what it
lacks else, since that would cost every operation something.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final
from warnings import warn_explicit

from spindle._core.operations.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import CodeType

__all__ = ["tell_of_dropped"]

_WATCHED: Final[dict[int, tuple[CodeType, int]]] = {}
"""Where each was made that is not awaited yet, by its id: its code, and how far that was."""
_TOLD: Final[dict[Any, Any]] = {}
"""What has been told, for filters that want each warning once."""

_operation: Any = Operation
_usual: Callable[[object], Generator[object, Any, Any]] = _operation.__await__


def tell_of_dropped() -> None:
    """Warn from now on of operations that are dropped without having been awaited."""
    _operation.__new__ = _make
    _operation.__await__ = _await
    _operation.__del__ = _drop


def _make(cls: type[Operation[Any]], *args: object, **_: object) -> Operation[Any]:
    made = object.__new__(cls)
    if cls.__gathers__:
        sources: Any = args[0]
        for each in sources:
            _WATCHED.pop(id(each), None)
    # Where it is made; not in Spindle itself, which knows what for. Every operation of a test pays
    # for this: a module is looked at once, and a line when it is told of.
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] - documented all the same
    role = _ROLES.get(frame.f_globals.get("__name__"))
    while role is not _OTHERS:
        if role is None:
            name = frame.f_globals.get("__name__")
            role = _ROLES[name] = _role_of(str(name))
            continue
        if role is _OURS or frame.f_back is None:
            return made
        frame = frame.f_back
        role = _ROLES.get(frame.f_globals.get("__name__"))
    _WATCHED[id(made)] = frame.f_code, frame.f_lasti
    return made


_MAKES: Final = "makes operations for somebody else"
_OURS: Final = "makes operations for itself"
_OTHERS: Final = "is a program's"
_ROLES: Final[dict[object, str]] = {}
"""What a module is, by its name."""


def _role_of(module: str) -> str:
    if module.startswith("spindle._core.operations.") or module in ("copy", "copyreg", "typing"):
        return _MAKES
    return _OURS if module.startswith("spindle.") else _OTHERS


def _await(self: Operation[Any]) -> Generator[object, Any, Any]:
    _WATCHED.pop(id(self), None)
    return _usual(self)


def _drop(self: Operation[Any]) -> None:
    place = _WATCHED.pop(id(self), None)
    if place is None or sys.is_finalizing():
        return
    code, at = place
    file = code.co_filename
    line = next((line for start, end, line in code.co_lines() if start <= at < end and line), 0)
    said = f"{self.__written__()} was never awaited, at {file}:{line}"
    warn_explicit(said, RuntimeWarning, file, line, registry=_TOLD)
