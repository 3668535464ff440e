"""What puts and takes do to a channel.

| the channel is | put | take | close | fail |
|---|---|---|---|---|
| open, a taker waits | to the oldest taker | - | takers raise | takers raise |
| open, room | kept | oldest item | closed | items dropped |
| open, full | waits | oldest item; the oldest put moves up | putters raise | putters raise |
| open, capacity 0 | waits for a taker | item of the oldest waiting put, or waits | raise | raise |
| closed | `ChannelClosed` | oldest item, then `ChannelClosed` | nothing | nothing |
| failed | the error | the error | nothing | nothing: the first stands |

Those who wait when it is closed raise `ChannelClosed`; when it is failed, the error.
A wait that is withdrawn, by a cancellation or a lost race, takes its put or take back whole.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

from spindle._core.errors import ChannelClosed, UsageError
from spindle._core.kernel.waits import NOT_READY, PutWait, TakeWait

if TYPE_CHECKING:
    from collections.abc import Callable

    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.operations.channel import Channel

__all__ = ["bring", "close", "fail", "join", "put", "take", "wait_to_put", "wait_to_take"]


def put(kernel: Kernel, channel: Channel[Any], item: object) -> object:
    """Hand an item in at once; `NOT_READY` if the channel is full."""
    _settle_in(kernel, channel)
    if channel.error is not None:
        raise BaseException.with_traceback(channel.error, channel.traceback)
    if channel.closed:
        raise ChannelClosed("an item was put into a channel that is closed")
    if channel.takers:
        taker, _ = channel.takers.popitem(last=False)
        kernel.fulfil(taker, item)
        return None
    if len(channel.items or ()) < channel.capacity:
        _keep(channel, item)
        return None
    return NOT_READY


def wait_to_put(record: Record, channel: Channel[Any], item: object) -> PutWait:
    """Wait for room."""
    wait = PutWait(record, 0, channel, item)
    if channel.putters is None:
        channel.putters = OrderedDict()
    channel.putters[wait] = None
    return wait


def take(kernel: Kernel, channel: Channel[Any]) -> object:
    """Take the oldest item at once; `NOT_READY` if there is none."""
    _settle_in(kernel, channel)
    if channel.error is not None:
        raise BaseException.with_traceback(channel.error, channel.traceback)
    if channel.items:
        item = channel.items.popleft()
        if channel.putters:
            _keep(channel, _admit_putter(kernel, channel))
        return item
    if channel.putters:
        return _admit_putter(kernel, channel)
    if channel.closed:
        raise ChannelClosed("the channel is closed, and all it held has been taken")
    return NOT_READY


def wait_to_take(record: Record, position: int, channel: Channel[Any]) -> TakeWait:
    """Wait for an item."""
    wait = TakeWait(record, position, channel)
    if channel.takers is None:
        channel.takers = OrderedDict()
    channel.takers[wait] = None
    return wait


def close(kernel: Kernel, channel: Channel[Any]) -> None:
    """Let nothing more in. Nobody waits to take while there are items."""
    _settle_in(kernel, channel)
    if channel.closed or channel.error is not None:
        return
    channel.closed = True
    _refuse_all(kernel, channel, lambda: ChannelClosed("the channel was closed"))


def fail(kernel: Kernel, channel: Channel[Any], error: Exception) -> None:
    """Raise `error` from now on."""
    _settle_in(kernel, channel)
    if channel.closed or channel.error is not None:
        return
    channel.error, channel.traceback = error, error.__traceback__
    channel.items = None
    _refuse_all(kernel, channel, lambda: error)


def bring(kernel: Kernel, channel: Channel[Any], value: object) -> None:
    """Let a channel of capacity 1 that nobody puts into bring one value, then nothing more."""
    put(kernel, channel, value)
    close(kernel, channel)


def _settle_in(kernel: Kernel, channel: Channel[Any]) -> None:
    if channel.kernel is not kernel:
        if channel.kernel is not None:
            raise UsageError(
                "this channel belongs to another page: spindles of one page share a channel; "
                "give each page one of its own"
            )
        join(kernel, channel)


def join(kernel: Kernel, channel: Channel[Any]) -> None:
    """Make a channel the page's."""
    kernel.channels += 1
    channel.kernel, channel.number = kernel, kernel.channels


def _keep(channel: Channel[Any], item: object) -> None:
    if channel.items is None:
        channel.items = deque()
    channel.items.append(item)


def _admit_putter(kernel: Kernel, channel: Channel[Any]) -> object:
    """Let the put that has waited longest be done; gives its item."""
    assert channel.putters
    putter, _ = channel.putters.popitem(last=False)
    kernel.fulfil(putter, None)
    return putter.item


def _refuse_all(kernel: Kernel, channel: Channel[Any], error: Callable[[], Exception]) -> None:
    # One by one: a coroutine may wait twice for one channel, and loses the second wait here.
    while channel.takers:
        kernel.fulfil_with_error(channel.takers.popitem(last=False)[0], error())
    while channel.putters:
        kernel.fulfil_with_error(channel.putters.popitem(last=False)[0], error())
