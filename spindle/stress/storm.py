"""Visitors who end their pages at one moment."""

from __future__ import annotations

from typing import Final

import trio

__all__ = ["Storm"]

PATIENCE: Final = 1.0
"""Seconds after which those who have come do not wait for the others any more."""


class Storm:
    """Lets visitors go on when all have come.

    Args:
        visitors: how many will come.
    """

    def __init__(self, visitors: int) -> None:
        self._missing = visitors
        self._breaks_loose = trio.Event()

    def miss(self) -> None:
        """Do not wait for a visitor who will not come. Does not block."""
        self._missing -= 1
        if self._missing <= 0:
            self._breaks_loose.set()

    async def gather(self) -> None:
        """Wait for the others, but not for long. Always a checkpoint."""
        self.miss()
        with trio.move_on_after(PATIENCE):
            await self._breaks_loose.wait()
        await trio.lowlevel.checkpoint()
