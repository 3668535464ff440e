"""A conversation that cleans up after itself, and tells of it."""

from __future__ import annotations

import trio

from spindle import cleanup, perform
from tests.typing.wizard import AskEmail, AskName

CLEANED = ["unwinds", "has cleaned"]


class Tidy:
    """A wizard that takes a second to clean up, and tells of it."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def wizard(self) -> tuple[str, str]:
        try:
            return await AskName(), await AskEmail("somebody")
        finally:
            self.log.append("unwinds")
            async with cleanup(5):
                await perform(trio.sleep, 1)
                self.log.append("has cleaned")

    async def slow(self) -> str:
        """Takes ten seconds to ask, and ten more to end."""
        await perform(trio.sleep, 10)
        name = await AskName()
        await perform(trio.sleep, 10)
        return name
