"""Coroutines that keep swallowing their cancellation: closed, or given up if they resist.

An operation raises a cancellation again and again. After it was raised a number of times without
end, it is GeneratorExit that is raised instead, as Python does to close a coroutine that nobody
wants any more; whoever has a `finally` block, or a `cleanup()` in it, gets to run it. One that
swallows that too is given up: it is not resumed any more.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from spindle._core.discarding import CLOSE_BOUND
from spindle._core.kernel.unwinding import SWALLOW_BOUND
from spindle._core.kernel.wording import swallows
from spindle._core.states import Errored

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from spindle._core.kernel.record import Cause, Record

__all__ = ["closed", "give_up", "refused"]


_GIVEN_UP: Final[list[Coroutine[Any, Any, object]]] = []


def refused(record: Record, cause: Cause) -> GeneratorExit:
    """What is raised in `record` instead of one more cancellation.

    Raises:
        UsageError: it resists, and is given up.
    """
    record.stubborn = cause
    if cause.swallowed > SWALLOW_BOUND + CLOSE_BOUND:
        give_up(record)
        raise swallows(record, cause)
    return GeneratorExit()


def give_up(record: Record) -> None:
    """Never resume it any more."""
    assert record.coroutine is not None
    _keep_for_ever(record.coroutine)
    record.coroutine = None


def _keep_for_ever(coroutine: Coroutine[Any, Any, object]) -> None:
    """Collected, it would run on, in whatever task is current then.

    A list is emptied at the end of the interpreter, where everything the coroutine calls raises and
    its loop may never end. A reference more than there are holders lets it be for good.
    """
    _GIVEN_UP.append(coroutine)
    with suppress(ImportError):  # a Python built without libffi
        import ctypes

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(coroutine))


def closed(record: Record) -> Errored:
    """The outcome of a coroutine that had to be closed, even if it has returned then."""
    assert record.stubborn is not None
    return Errored(swallows(record, record.stubborn))
