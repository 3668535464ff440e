"""The length of a block: a nursery for what drives spindles, and an end that leaves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import trio

from spindle._core.errors import UsageError
from spindle._core.kernel.groups import is_a, leaves
from spindle._core.names import kind_of
from spindle._core.states import Cancelled, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

__all__ = ["Ends", "Opening", "raise_escalated"]

_HAVE_ENDED: Final = "spindles have ended the {}"

T = TypeVar("T")


class Ends(Protocol):
    """What is open for the length of a block, and has to be ended with a reason."""

    @property
    def escalated(self) -> tuple[Exception, ...]:
        """What ended it from inside: raised by the block, in one flat group."""
        ...

    async def end(self, cancelled: Cancelled) -> None:
        """Cancel it and wait until nothing of it is left."""
        ...


class Opening(Generic[T]):
    """Holds something open in a nursery of its own for the length of an `async with` block.

    The body is the sensor: leaving it, in whatever way, ends what is open, with that reason, and
    waits until nothing of it is left. A class, because a generator and its wrapper take a third of
    the memory of an idle page.
    """

    __slots__ = ("_ends", "_make", "_nursery", "_opening", "_what")

    def __init__(self, what: str, make: Callable[[trio.Nursery], tuple[Ends, T]]) -> None:
        """Prepare to open it.

        Args:
            what: the word for what is open, as reasons name it: "page".
            make: makes it, and what the body is given.
        """
        self._what = what
        self._make: Callable[[trio.Nursery], tuple[Ends, T]] | None = make
        self._opening = trio.open_nursery()
        self._nursery: trio.Nursery | None = None
        self._ends: Ends | None = None

    async def __aenter__(self) -> T:
        make, self._make = self._make, None
        if make is None:
            raise UsageError(
                f"this {self._what} was opened before: make a new one for each `async with`"
            )
        self._nursery = await self._opening.__aenter__()
        try:
            self._ends, given = make(self._nursery)
        except BaseException:
            self._nursery.cancel_scope.cancel()
            await self._leave_nursery()  # noqa: ASYNC102 - nothing is in it
            raise
        return given

    @trio.lowlevel.enable_ki_protection  # Ctrl-C is raised where it waits, and nowhere else
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ends, self._ends = self._ends, None
        assert ends is not None
        try:
            await self._end(ends, _reason(self._what, error))  # noqa: ASYNC102 - shielded
        finally:
            await self._leave_nursery()  # noqa: ASYNC102
        # What the body raised leaves as it is, not wrapped in the nursery's group.
        _raise(self._what, error, ends.escalated)

    async def _end(self, ends: Ends, why: Cancelled) -> None:
        # This is the last thing in the nursery, so its own scope may be the shield; one more costs.
        nursery, self._nursery = self._nursery, None
        assert nursery is not None
        nursery.cancel_scope.shield = True
        try:
            await ends.end(why)
        except trio.Cancelled:  # noqa: ASYNC103 - that was the nursery, from inside
            await _insist(ends, why)  # noqa: ASYNC102 - shielded
        except KeyboardInterrupt:
            await _insist(ends, why)  # noqa: ASYNC120 - shielded
            raise

    async def _leave_nursery(self) -> None:
        try:
            await self._opening.__aexit__(None, None, None)
        except BaseExceptionGroup as group:
            # Spindles raise nothing into their nursery, but Ctrl-C may hit one that is running.
            if group.subgroup(KeyboardInterrupt) is None:
                raise
            raise KeyboardInterrupt from group


async def _insist(ends: Ends, why: Cancelled) -> None:
    """End it, however often Ctrl-C is pressed: what is left would hold the nursery for ever."""
    with trio.CancelScope(shield=True):
        try:
            await ends.end(why)
        except KeyboardInterrupt:
            await _insist(ends, why)  # noqa: ASYNC120 - shielded
            raise


def raise_escalated(what: str, errors: Sequence[Exception]) -> None:
    """Raise the failures of spindles that have ended the page, if there are any.

    Raises:
        ExceptionGroup: there are.
    """
    if errors:
        raise ExceptionGroup(_HAVE_ENDED.format(what), errors)


def _raise(what: str, failure: BaseException | None, escalated: tuple[Exception, ...]) -> None:
    """Raise what ended the block from inside, after what the body raised."""
    if failure is None or not escalated:
        raise_escalated(what, escalated)
        return
    parts = list(leaves(failure))
    own: list[BaseException] = [each for each in parts if not is_a(each, trio.Cancelled)]
    if len(own) == len(parts):
        if not is_a(failure, Exception) and not is_a(failure, BaseExceptionGroup):
            return  # SystemExit and its like are not to be looked for in a group
        own = [failure]
    # A cancellation of the body came of the escalation, and is over with the block.
    raise BaseExceptionGroup(_HAVE_ENDED.format(what), [*own, *escalated])


def _reason(what: str, raised: BaseException | None) -> Cancelled:
    if raised is None:
        return Cancelled(f"the {what} was left", Origin.BODY_LEFT)
    if _is_cancellation(raised):
        return Cancelled(f"the program around the {what} was cancelled", Origin.HOST_CANCELLED)
    return Cancelled(f"{kind_of(raised)} in the body of the {what}", Origin.BODY_FAILED)


def _is_cancellation(raised: BaseException) -> bool:
    return all(is_a(each, trio.Cancelled) for each in leaves(raised))
