"""The length of a block: a nursery for what drives spindles, and an end that leaves nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import trio

from spindle._core.kernel.groups import leaves
from spindle._core.states import Cancelled, Origin

__all__ = ["Ends", "open_nursery_around"]


class Ends:
    """What is open for the length of a block, and has to be ended with a reason."""

    @property
    def escalated(self) -> tuple[Exception, ...]:
        """What ended it from inside: raised by the block, in one flat group."""
        return ()

    async def end(self, cancelled: Cancelled) -> None:
        """Cancel it and wait until nothing of it is left."""
        raise NotImplementedError


E = TypeVar("E", bound=Ends)


@asynccontextmanager
async def open_nursery_around(
    what: str, make: Callable[[trio.Nursery], E]
) -> AsyncGenerator[E, None]:
    """Open something in a nursery of its own for the length of an `async with` block.

    The body is the sensor: leaving it, in whatever way, ends what is open, with that reason, and
    waits until nothing of it is left.

    Args:
        what: the word for what is open, as reasons name it: "page".
        make: makes it.
    """
    failure: BaseException | None = None
    opened: E | None = None
    try:
        async with trio.open_nursery() as nursery:
            opened = make(nursery)
            reason = Cancelled(f"the {what} was left", Origin.BODY_LEFT)
            try:
                yield opened
            except BaseException as raised:  # noqa: ASYNC103 - raised again below
                failure = raised
                reason = _reason(what, raised)
            finally:
                with trio.CancelScope(shield=True):
                    await opened.end(reason)
    except BaseExceptionGroup as group:
        # Spindles raise nothing into their nursery, but Ctrl-C may hit one that is running.
        if group.subgroup(KeyboardInterrupt) is None:
            raise
        raise KeyboardInterrupt from group
    try:
        _raise(what, failure, opened.escalated if opened is not None else ())
    finally:
        del failure, opened


def _raise(what: str, failure: BaseException | None, escalated: tuple[Exception, ...]) -> None:
    """Raise what the body raised, as it is, or what ended the block from inside."""
    if not escalated:
        if failure is not None:
            raise failure
        return
    if failure is not None and _is_cancellation(failure):
        # The body was cancelled because of what has escalated.
        failure = None
    errors = escalated if not isinstance(failure, Exception) else (failure, *escalated)
    if failure is not None and not isinstance(failure, Exception):
        raise failure
    raise ExceptionGroup(f"spindles have ended the {what}", errors)


def _reason(what: str, raised: BaseException) -> Cancelled:
    if _is_cancellation(raised):
        return Cancelled(f"the program around the {what} was cancelled", Origin.HOST_CANCELLED)
    return Cancelled(f"{type(raised).__name__} in the body of the {what}", Origin.BODY_FAILED)


def _is_cancellation(raised: BaseException) -> bool:
    return all(isinstance(each, trio.Cancelled) for each in leaves(raised))
