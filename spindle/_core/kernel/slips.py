"""What a spindle that failed seems to have got wrong, as a note on its error.

A forgotten `await`, where an operation is used as if it were its answer: told here, from the error
that Python raises, for an operation that looked at its missing attributes itself would be slower to
read for all that await it. And a function of asyncio's, where trio runs.
"""

from __future__ import annotations

from typing import Any, Final

from spindle._core.messages import Ask
from spindle._core.names import name_of
from spindle._core.notes import annotate
from spindle._core.operations.handle import Start
from spindle._core.operations.operation import Operation

__all__ = ["remind"]

_USE_TRIO: Final = (
    "functions of asyncio need its event loop, and this runs on trio: `await sleep(...)`, or a "
    "function of trio's, does it here"
)


def remind(error: BaseException) -> None:
    """Add a note to an error of a spindle if it is one that a usual slip brings about."""
    if type(error) is RuntimeError and _said(error) == "no running event loop":
        annotate(error, _USE_TRIO)
    if type(error) is not AttributeError or type(error.name) is not str:
        return
    written = _written(error.obj, error.name)
    if written:
        annotate(error, f"did you forget `await` before {written}?")


def _said(error: RuntimeError) -> str:
    """Its one argument, if that is a real text: one of the user's own may do anything."""
    only: object = error.args[0] if len(error.args) == 1 else None
    return only if type(only) is str else ""


def _written(used: object, name: str) -> str:
    kind = type(used)
    if issubclass(kind, Operation) and not issubclass(kind, Start):  # those tell by themselves
        operation: Any = used
        written: str = operation.__written__()
        return written
    if issubclass(kind, Ask) and any(hasattr(answer, name) for answer in kind.__answers__):
        return f"{name_of(kind)}(...)"
    return ""
