"""What counts as a failure of a scenario or a check, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from spindle._core.kernel.groups import leaves
from spindle._core.names import error_shown
from spindle.testing.laboratory.waiting import is_of_the_program

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["failure_shown", "is_failure", "leaves_the_run"]

MOST = 5
"""How many exceptions of a group are shown."""


def is_failure(error: BaseException) -> TypeGuard[Exception]:
    """Whether it is an exception, or that with which pytest lets a test fail, which is none."""
    names = [each.__name__ for each in type(error).__mro__]
    return isinstance(error, Exception) or names[:2] == ["Failed", "OutcomeException"]


def leaves_the_run(error: BaseException) -> BaseException | None:
    """What is not the scenario's business: Ctrl-C, the end of the program, a skipped test."""
    return next((each for each in leaves(error) if not isinstance(each, Exception)), None)


def failure_shown(error: BaseException) -> str:
    """An exception, those in it if it is a group, and where each was raised."""
    shown = list(islice(_lines(error), MOST + 1))
    if len(shown) > MOST:
        shown[MOST] = "..."
    return "; ".join(shown)


def _lines(error: BaseException) -> Iterator[str]:
    for each in leaves(error):
        said = error_shown(each) if isinstance(each, Exception) else f"Failed: {each}"
        yield said + _where_raised(each.__traceback__)


def _where_raised(traceback: TracebackType | None) -> str:
    place = ""
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if is_of_the_program(filename):
            place = f" at {Path(filename).name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
