"""The key of a call, which its implementation may ask for."""

from __future__ import annotations

from inspect import currentframe
from typing import TYPE_CHECKING, Final

from spindle._core.errors import UsageError
from spindle._core.kernel.lane import Lane
from spindle._core.keyed import KEYS
from spindle._core.operations.port import Repeat

if TYPE_CHECKING:
    from types import FrameType

    from spindle._core.keyed import KeyedCall

__all__ = ["call_key", "call_under_way"]

_IN_A_LANE: Final = Lane.run.__code__


def call_key() -> str:
    """Return the idempotency key of the call that this is called from, in a port's implementation.

    Every call of a `write` or `once` method has one. It is the same whenever that call is made
    again: inside the implementation, by another process that takes the conversation up from its
    log, under another driver. No other call has it, of this conversation or any other. Give it to a
    service that does what it is asked once a key, as the `Idempotency-Key` of a request.

    It is also at hand in tasks that the implementation starts, and in threads that are given its
    context variables, as `trio.to_thread.run_sync` and `asyncio.to_thread` do.

    Returns:
        32 hexadecimal digits.

    Raises:
        UsageError: this is called from no such call.
    """
    return call_under_way("call_key()").key


def call_under_way(asks: str) -> KeyedCall:
    """The call that this is called from, somewhere in its implementation.

    Args:
        asks: what the user has written that asks for it.

    Raises:
        UsageError: there is none.
    """
    found = KEYS.current() or _made_unmarked(currentframe())
    if found is None:
        raise UsageError(
            f"{asks} was called outside of a call that changes something: only the implementation "
            f"of a port's method that is marked `write` or `once` has a key, and only while it is "
            f"called. In a thread of your own, ask before it is started, and hand the key over"
        )
    return found


def _made_unmarked(frame: FrameType | None) -> KeyedCall | None:
    """A call of a lane that was under way already when this module was loaded."""
    while frame is not None:
        if frame.f_code is _IN_A_LANE:
            lane: Lane = frame.f_locals["self"]
            if lane.calls and frame.f_locals["trap"].repeat is not Repeat.READ:
                return lane.keyed(frame.f_locals["trap"])
        frame = frame.f_back
    return None


KEYS.wanted = True
