"""Leaving a host."""

from __future__ import annotations

import trio
from trio.testing import MockClock

from spindle import open_durable_host
from spindle.durable import MemoryStore


async def test_a_host_is_left_before_its_chores_have_begun(autojump_clock: MockClock) -> None:
    """Which of its tasks and this one runs first is chance: both do, in so many."""
    for _ in range(20):
        with trio.fail_after(5):
            async with open_durable_host(MemoryStore()):
                pass
