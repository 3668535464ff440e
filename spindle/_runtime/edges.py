"""The edges of a page: its cells and channels, as channels of trio for tasks outside.

Each use is made by a small coroutine of the page, stepped under every driver, so that it takes its
all others do and is subject to the same rules. Who waits for it outside may be cancelled without
losing an item, at once: a page that pauses may be waiting for that very task to read its outbox.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Generic, NoReturn

import trio
from typing_extensions import TypeVar

from spindle._core.errors import Abandoned, ChannelClosed, PageClosed
from spindle._core.kernel.ending import finish
from spindle._core.kernel.record import CANCEL, DONE, NEW, WAITING
from spindle._core.kernel.stepper import step
from spindle._core.names import shortened
from spindle._core.states import Cancelled, Completed, Origin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spindle._core.kernel.record import SpindleRecord
    from spindle._core.operations.cell import Cell
    from spindle._core.operations.channel import Channel
    from spindle._runtime.ontrio import OnTrio

__all__ = ["CellReceiver", "ItemReceiver", "ItemSender", "Watched"]

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
            _call_off(self._driver, record)

    async def aclose(self) -> None:
        """Close, and checkpoint."""
        self.close()
        await trio.lowlevel.checkpoint()

    async def _perform(self, wait: Callable[[], Awaitable[T]]) -> T:
        await trio.lowlevel.checkpoint_if_cancelled()
        if self._closed:
            raise trio.ClosedResourceError
        came: list[T] = []
        record = self._driver.kernel.let_in(_visit, (wait, came))
        self._visits.add(record)
        self._driver.post(self._driver.kernel.launch, record)
        try:
            await self._driver.ended(record)
        except trio.Cancelled:  # noqa: ASYNC103 - what came is not dropped
            _call_off(self._driver, record)
            if not came:
                raise
        finally:
            self._visits.discard(record)
        if not came:
            raise self._error_of(record)
        return came[0]

    def _error_of(self, record: SpindleRecord) -> Exception:
        outcome = record.outcome
        if isinstance(outcome, Cancelled):
            if self._closed:
                return trio.ClosedResourceError()
            return PageClosed(f"the page has ended ({shortened(outcome.reason)})")
        assert outcome is not None
        assert not isinstance(outcome, Completed)
        return outcome.error


async def _visit(wait: Callable[[], Awaitable[T]], came: list[T]) -> None:
    came.append(await wait())


@trio.lowlevel.enable_ki_protection
def _call_off(driver: OnTrio, record: SpindleRecord) -> None:
    """End a visit now, whatever the page does; what was handed to it before has come."""
    if record.state is DONE:
        return
    kernel = driver.kernel
    why = Cancelled("the wait outside the page was cancelled", Origin.REQUESTED)
    record.cancel = record.cancel or why
    if record.state is NEW:
        finish(kernel, record, record.cancel)
    else:
        if record.state is WAITING:
            kernel.withdraw_waits(record)
            record.wake(CANCEL)
        else:
            kernel.ready.remove(record)
        step(driver, record)
    driver.pump()


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
            UsageError: the channel belongs to another page.
            LimitReached: the page has as many coroutines as it may; a wait here counts as one.
            Exception: what the channel was failed with.
        """
        try:
            return await self._perform(self._channel.take)
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
            UsageError: the channel belongs to another page.
            LimitReached: the page has as many coroutines as it may; a wait here counts as one.
            Exception: what the channel was failed with.
        """
        try:
            await self._perform(partial(self._channel.put, value))
        except (ChannelClosed, PageClosed) as end:
            raise trio.BrokenResourceError(str(end)) from end


class CellReceiver(_Edge, trio.abc.ReceiveChannel[T], Generic[T]):
    """Brings values of a cell of the page."""

    def __init__(self, driver: OnTrio, wait: Callable[[], Awaitable[T]]) -> None:
        super().__init__(driver)
        self._wait = wait

    def close(self) -> None:
        """Wait for nothing any more; who waits is told `trio.ClosedResourceError`."""
        super().close()
        self._wait = _closed  # what it was may hold the channel by which it watches

    async def receive(self) -> T:
        """Wait for a value. Cancelling the wait loses nothing; of several that wait, one is told.

        Raises:
            trio.EndOfChannel: there comes none any more: the page has ended, or the cell's spindle
                has, without ever having put one, or this receiver was to bring one only.
            trio.ClosedResourceError: this receiver was closed.
            UsageError: the cell's block is not part of the page's contract.
            LimitReached: the page has as many coroutines as it may; a wait here counts as one.
        """
        try:
            return await self._perform(self._wait)
        except (Abandoned, ChannelClosed, PageClosed) as end:
            raise trio.EndOfChannel from end


async def _closed() -> NoReturn:  # noqa: ASYNC124 - for what awaits it
    raise trio.ClosedResourceError


class Watched(Generic[T]):
    """One value of a cell, watched from when it is first asked for."""

    def __init__(self, cell: Cell[T]) -> None:
        self._cell = cell
        self._channel: Channel[T] | None = None

    async def take(self) -> T:
        """Wait for the value, once; as an operation of the page."""
        if self._channel is None:
            self._channel = await self._cell.watch()
        return await self._channel.take()
