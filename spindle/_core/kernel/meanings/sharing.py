"""Cells and channels: what spindles share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spindle._core.kernel import cells, channels
from spindle._core.kernel.meanings.meaning import SUSPENDED, Source
from spindle._core.kernel.waits import NOT_READY

if TYPE_CHECKING:
    from spindle._core.kernel.kernel import Kernel
    from spindle._core.kernel.record import Record
    from spindle._core.kernel.waits import Wait
    from spindle._core.operations.cell import GetCell, Watch
    from spindle._core.operations.channel import (
        Channel,
        CloseChannel,
        FailChannel,
        PutItem,
        TakeItem,
    )

__all__ = [
    "NEXT_CHANGE",
    "TAKE",
    "close_channel",
    "fail_channel",
    "get_cell",
    "put_item",
    "watch",
]


def get_cell(kernel: Kernel, record: Record, operation: GetCell[Any]) -> object:
    """Read a cell."""
    return cells.get(kernel, operation.cell, operation.default)


def watch(kernel: Kernel, record: Record, operation: Watch[Any]) -> Channel[Any]:
    """Get a channel for one value of a cell."""
    return cells.watch(kernel, operation.cell)


def put_item(kernel: Kernel, record: Record, operation: PutItem) -> object:
    """Put an item into a channel, or wait for room."""
    channel, item = operation.channel, kernel.own(operation.item)
    if channels.put(kernel, channel, item) is not NOT_READY:
        return None
    record.suspend(channels.wait_to_put(record, channel, item))
    return SUSPENDED


def close_channel(kernel: Kernel, record: Record, operation: CloseChannel) -> None:
    """Close a channel."""
    channels.close(kernel, operation.channel)


def fail_channel(kernel: Kernel, record: Record, operation: FailChannel) -> None:
    """Fail a channel."""
    channels.fail(kernel, operation.channel, operation.error)


def _poll_take(kernel: Kernel, record: Record, operation: TakeItem[Any]) -> object:
    return channels.take(kernel, operation.channel)


def _register_take(kernel: Kernel, record: Record, operation: TakeItem[Any], position: int) -> Wait:
    return channels.wait_to_take(record, position, operation.channel)


NEXT_CHANGE = Source(cells.next_change, cells.wait_for)
TAKE = Source(_poll_take, _register_take)
