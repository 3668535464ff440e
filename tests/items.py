"""Spindles that put and take, and say what came of it."""

from __future__ import annotations

from spindle import (
    Channel,
)
from tests.board import Reader, Writer


async def puts(channel: Channel[int], *items: int) -> None:
    for item in items:
        try:
            await channel.put(item)
        except Exception as error:
            await Writer.Said(f"{item} refused: {shown(error)}")
        else:
            await Writer.Said(f"{item} put")


async def takes(channel: Channel[int], times: int, name: str = "taker") -> None:
    for _ in range(times):
        try:
            item = await channel.take()
        except Exception as error:
            await Reader.Said(f"{name}: {shown(error)}")
        else:
            await Reader.Said(f"{name} took {item}")


def shown(error: Exception) -> str:
    return f"{type(error).__name__}({error})"


async def does(*operations) -> None:
    for operation in operations:
        await operation


def counts(channel: Channel[int]) -> tuple[int, int, int]:
    """Items, those who wait to put, those who wait to take."""
    now = channel.statistics()
    return now.items, now.waiting_to_put, now.waiting_to_take


CLOSED_BEFORE = "ChannelClosed(an item was put into a channel that is closed)"
CLOSED_MEANWHILE = "ChannelClosed(the channel was closed)"
EMPTY_FOR_GOOD = "ChannelClosed(the channel is closed, and all it held has been taken)"
