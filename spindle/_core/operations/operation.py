"""What a spindle awaits: a value, handed to whoever drives the coroutine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from typing_extensions import TypeVar

from spindle._core.errors import OutsideSpindle
from spindle._core.names import name_of

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Operation", "check_refusal"]

T_co = TypeVar("T_co", covariant=True)

# What the loops say, in an exception thrown in at the await, of a value they cannot interpret.
_REFUSALS = ("unrecognized yield message", "got bad yield", "got an unexpected yield")


class Operation(Generic[T_co]):
    """A value a spindle awaits; the driver of the coroutine decides what it means.

    Awaiting one outside a spindle raises `OutsideSpindle`.
    """

    __slots__ = ()

    def __await__(self) -> Generator[object, T_co, T_co]:
        """Hand the operation to the driver and return its answer.

        Raises:
            OutsideSpindle: nobody drives the awaiting coroutine.
        """
        try:
            return (yield self)
        except (TypeError, RuntimeError) as error:
            check_refusal(self, error)
            raise


def check_refusal(operation: object, error: TypeError | RuntimeError) -> None:
    """Name the mistake if `error` says that an event loop was handed `operation`.

    Raises:
        OutsideSpindle: it does.
    """
    if _is_refusal(error):
        raise OutsideSpindle(_outside(operation)) from None


def _is_refusal(error: TypeError | RuntimeError) -> bool:
    # The exact types and their arguments: `str` of an exception of the user's own may do anything.
    kind = type(error)
    if (kind is not TypeError and kind is not RuntimeError) or not error.args:
        return False
    said: object = error.args[0]
    return type(said) is str and any(refusal in said for refusal in _REFUSALS)


def _outside(operation: object) -> str:
    name = name_of(type(operation))
    return (
        f"{name} was awaited outside a spindle: only the coroutine that a page or Coroutine drives "
        f"can await operations, not a plain task, not even one it started itself. "
        f"Await {name} in the spindle's own code."
    )
