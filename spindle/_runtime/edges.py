"""The edges of a page: its cells and channels, as channels of trio for tasks outside.

Each use is made by a small coroutine of the page, so it takes its turn as all others do and is
subject to the same rules; who waits for it outside may be cancelled without losing an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

import trio
from typing_extensions import TypeVar

from spindle._core.errors import Abandoned, ChannelClosed, PageClosed
from spindle._core.states import Cancelled, Completed, Origin

if TYPE_CHECKING:
    from spindle._core.kernel.record import SpindleRecord
    from spindle._core.operations.cell import Changes
    from spindle._core.operations.channel import Channel
    from spindle._core.operations.operation import Operation
    from spindle._runtime.ontrio import OnTrio

__all__ = ["CellReceiver", "ItemReceiver", "ItemSender"]

T = TypeVar("T")


class _Edge:
    """Performs operations of the page for tasks outside, until it is closed."""

    def __init__(self, driver: OnTrio) -> None:
        self._driver = driver
        self._visits: set[SpindleRecord] = set()
        self._closed = False

    def close(self) -> None:
        """Wait for nothing any more; who waits is told `trio.ClosedResourceError`."""
        self._closed = True
        for record in list(self._visits):
            self._leave(record)

    async def aclose(self) -> None:
        """Close, and checkpoint."""
        self.close()
        await trio.lowlevel.checkpoint()

    async def _perform(self, operation: Operation[T]) -> T:
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._closed:
            raise trio.ClosedResourceError
        kernel = self._driver.kernel
        record = kernel.let_in(_await, (operation,))
        self._visits.add(record)
        self._driver.post(kernel.launch, record)
        try:
            await self._driver.ended(record)
        except trio.Cancelled:
            self._leave(record)
            with trio.CancelScope(shield=True):
                await self._driver.ended(record)
            # What was handed over before the cancel is received.
            if not isinstance(record.outcome, Completed):
                raise
        finally:
            self._visits.discard(record)
        return self._outcome_of(record)

    def _leave(self, record: SpindleRecord) -> None:
        why = Cancelled("the wait outside the page was cancelled", Origin.REQUESTED)
        self._driver.post(self._driver.kernel.cancel, record, why)

    def _outcome_of(self, record: SpindleRecord) -> Any:
        outcome = record.outcome
        if isinstance(outcome, Completed):
            return outcome.value
        if not isinstance(outcome, Cancelled):
            assert outcome is not None
            raise outcome.error
        if self._closed:
            raise trio.ClosedResourceError
        raise PageClosed(f"the page has ended ({outcome.reason})")


async def _await(operation: Operation[object]) -> object:
    return await operation


class ItemReceiver(_Edge, trio.abc.ReceiveChannel[T], Generic[T]):
    """Takes items out of a channel of the page."""

    def __init__(self, driver: OnTrio, channel: Channel[T]) -> None:
        super().__init__(driver)
        self._channel = channel

    async def receive(self) -> T:
        """Wait for an item and take it. Cancelling the wait loses nothing.

        Raises:
            trio.EndOfChannel: the channel was closed and is empty, or the page has ended.
            trio.ClosedResourceError: this receiver was closed.
            Exception: what the channel was failed with.
        """
        try:
            return await self._perform(self._channel.take())
        except (ChannelClosed, PageClosed) as end:
            raise trio.EndOfChannel from end


class ItemSender(_Edge, trio.abc.SendChannel[T], Generic[T]):
    """Puts items into a channel of the page. Closing it does not close the channel."""

    def __init__(self, driver: OnTrio, channel: Channel[T]) -> None:
        super().__init__(driver)
        self._channel = channel

    async def send(self, value: T) -> None:
        """Put an item in; wait while the channel is full. A cancelled wait has put nothing in.

        Raises:
            trio.BrokenResourceError: the channel was closed, or the page has ended.
            trio.ClosedResourceError: this sender was closed.
            Exception: what the channel was failed with.
        """
        try:
            await self._perform(self._channel.put(value))
        except (ChannelClosed, PageClosed) as end:
            raise trio.BrokenResourceError(str(end)) from end


class CellReceiver(_Edge, trio.abc.ReceiveChannel[T], Generic[T]):
    """Brings the values of a cell of the page: the newest not yet seen, the current one first."""

    def __init__(self, driver: OnTrio, changes: Changes[T], *, once: bool) -> None:
        super().__init__(driver)
        self._changes = changes
        self._left = 1 if once else -1

    async def receive(self) -> T:
        """Wait for a value. Cancelling the wait loses nothing.

        Raises:
            trio.EndOfChannel: there comes none any more: the page has ended, or the cell's spindle
                has, without ever having put one, or this receiver was to bring one only.
            trio.ClosedResourceError: this receiver was closed.
        """
        if self._left == 0 and not self._closed:
            await trio.lowlevel.checkpoint()
            raise trio.EndOfChannel
        try:
            value = await self._perform(self._changes.next())
        except (Abandoned, PageClosed) as end:
            raise trio.EndOfChannel from end
        self._left -= 1
        return value
