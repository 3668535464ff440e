"""Operations that are made and dropped without an `await`: they do nothing, and nobody is told.

Python warns of such a coroutine. Here it is told in tests and in Python's development mode, where
it is switched on for the rest of the process: the class of all operations is given then what it
lacks else, since that would cost every operation something.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final
from warnings import warn_explicit

from spindle._core.operations.await_any import AwaitAny
from spindle._core.operations.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

__all__ = ["tell_of_dropped"]

_WATCHED: Final[dict[int, tuple[str, int]]] = {}
"""Where each was made that is not awaited yet, by its id."""
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
    if cls is AwaitAny:
        sources: Any = args[0]
        for each in sources:
            _WATCHED.pop(id(each), None)
    place = _place()
    if place is not None:
        _WATCHED[id(made)] = place
    return made


def _place() -> tuple[str, int] | None:
    """Where an operation is being made; None if that is in Spindle itself, which knows what for."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage] - documented all the same
    while frame.f_back is not None and _makes(_module(frame)):
        frame = frame.f_back
    if _module(frame).startswith("spindle."):
        return None
    return frame.f_code.co_filename, frame.f_lineno


def _makes(module: str) -> bool:
    """Whether what is made there is made for somebody else."""
    return module.startswith("spindle._core.operations.") or module in _MAKERS


_MAKERS: Final = frozenset({"copy", "copyreg", "typing"})


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _await(self: Operation[Any]) -> Generator[object, Any, Any]:
    _WATCHED.pop(id(self), None)
    return _usual(self)


def _drop(self: Operation[Any]) -> None:
    place = _WATCHED.pop(id(self), None)
    if place is None or sys.is_finalizing():
        return
    file, line = place
    said = f"{self.__written__()} was never awaited, at {file}:{line}"
    warn_explicit(said, RuntimeWarning, file, line, registry=_TOLD)
