"""Who waits for what: the text for a program in which nothing goes on."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import trio

import spindle
from spindle._core.kernel.snapshot import tree
from spindle.testing.laboratory.scheduler import is_main, is_trios_own, tasks_of_this_run

if TYPE_CHECKING:
    from spindle.testing.laboratory.witness import Witness

__all__ = ["coroutine_of", "is_of_the_program", "is_spindles_own", "where", "who_waits"]

_MACHINERY: Final = (
    "<",
    *(os.path.dirname(str(package.__file__)) + os.sep for package in (trio, spindle)),
    *(sysconfig.get_path(name) + os.sep for name in ("stdlib", "purelib", "platlib")),
)


def is_of_the_program(filename: str) -> bool:
    """Whether code is the program's own: not Python's, nor that of an installed package."""
    return not filename.startswith(_MACHINERY)


def is_spindles_own(task: trio.lowlevel.Task) -> bool:
    """Whether it is one of the tasks that Spindle needs itself."""
    return task.name.startswith("spindle ")


def who_waits(witness: Witness, name: Callable[[trio.lowlevel.Task], str]) -> str:
    """Each task and where it waits, and each page with what its spindles wait for."""
    return "\n".join(_lines(witness, name))


def _lines(witness: Witness, name: Callable[[trio.lowlevel.Task], str]) -> Iterator[str]:
    for task in tasks_of_this_run():
        place = where(coroutine_of(task, witness))
        # Of one that is in none of the program's own code it is said that it is there.
        if place or not (is_main(task) or is_trios_own(task) or is_spindles_own(task)):
            yield f"{name(task)} waits {place}".rstrip()
    for page in witness.pages:
        if not page.driver.gone:
            yield from str(tree(page.kernel)).splitlines()


def where(coroutine: object) -> str:
    """The innermost line of the program's own code in which a coroutine waits."""
    place = ""
    awaited: Any = coroutine
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None and is_of_the_program(frame.f_code.co_filename):
            place = f"at {Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return place


def coroutine_of(task: trio.lowlevel.Task, witness: Witness) -> object:
    """What a task runs: of a spindle's, the spindle, which the task only steps."""
    for page in witness.pages:
        for record in page.records():
            if getattr(record.driven, "task", None) is task and record.coroutine is not None:
                return record.coroutine
    return task.coro
