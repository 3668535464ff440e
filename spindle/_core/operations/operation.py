"""What a spindle awaits: a value, handed to whoever drives the coroutine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NoReturn

from typing_extensions import TypeVar

from spindle._core.errors import OutsideSpindle, hides_frames
from spindle._core.names import kind_of, name_of
from spindle._core.public import publish

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Operation", "check_refusal", "not_awaited"]

__tracebackhide__ = hides_frames

T_co = TypeVar("T_co", covariant=True)

# What the loops say, in an exception thrown in at the await, of a value they cannot interpret.
_REFUSALS = ("unrecognized yield message", "got bad yield", "got an unexpected yield")


class Operation(Generic[T_co]):
    """A value a spindle awaits; the driver of the coroutine decides what it means.

    Awaiting one outside a spindle raises `OutsideSpindle`.
    """

    __slots__ = ()

    __spelling__ = "an operation"
    """What is written to make one."""

    __gathers__ = False
    """Whether it is made of others, which are awaited with it."""

    def __written__(self) -> str:
        """Return what was written to make it, for errors: `use(Catalog)`."""
        return self.__spelling__

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

    if not TYPE_CHECKING:  # for a type checker an operation has none of these

        def __iter__(self) -> NoReturn:
            raise TypeError(not_awaited(self, self.__written__(), "iterable"))

        def __contains__(self, _: object) -> NoReturn:
            iter(self)

        def __getitem__(self, _: object) -> NoReturn:
            raise TypeError(not_awaited(self, self.__written__(), "subscriptable"))


def not_awaited(operation: object, written: str, what: str) -> str:
    """What is said of an operation that is used as if it were its answer."""
    return f"{kind_of(operation)!r} object is not {what}: did you forget `await` before {written}?"


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


publish("spindle", [Operation])
