"""A forgotten `await`: an operation is used as if it were its answer.

Told at the edge, from the error that Python raises then. An operation that looked at its missing
attributes itself would be slower to read for all that await it.
"""

from __future__ import annotations

from typing import Any

from spindle._core.messages import Ask
from spindle._core.names import name_of
from spindle._core.notes import annotate
from spindle._core.operations.handle import Start
from spindle._core.operations.operation import Operation

__all__ = ["remind"]


def remind(error: BaseException) -> None:
    """Add a note to an error of a spindle if it looks as if an `await` were missing."""
    if type(error) is not AttributeError or type(error.name) is not str:
        return
    written = _written(error.obj, error.name)
    if written:
        annotate(error, f"did you forget `await` before {written}?")


def _written(used: object, name: str) -> str:
    kind = type(used)
    if issubclass(kind, Operation) and not issubclass(kind, Start):  # those tell by themselves
        operation: Any = used
        written: str = operation.__written__()
        return written
    if issubclass(kind, Ask) and any(hasattr(answer, name) for answer in kind.__answers__):
        return f"{name_of(kind)}(...)"
    return ""
