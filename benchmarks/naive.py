"""The page that is written without Spindle: two tasks, a nursery, a channel for each direction."""

from __future__ import annotations

import trio

__all__ = ["naive_page"]


async def naive_page(*, stay: bool) -> None:
    """Open a page, see its first question, and close it; with `stay`, only when cancelled."""
    there, events = trio.open_memory_channel[int](0)
    questions, here = trio.open_memory_channel[int](0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_ask, questions, events)
        await here.receive()
        if stay:
            await trio.sleep_forever()
        nursery.cancel_scope.cancel()
    del there  # the view's end: kept as long as the page


async def _ask(
    questions: trio.MemorySendChannel[int], events: trio.MemoryReceiveChannel[int]
) -> None:
    while True:
        await questions.send(1)
        await events.receive()
