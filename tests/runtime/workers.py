"""Spindles at work when their page ends, hosted and as tasks."""

from __future__ import annotations

import trio
import trio.testing

from spindle import cleanup, perform
from tests.talk import Bell, Desk


class Worker:
    """Spindles that clean up and tell of it."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def ask(self, name: str) -> None:
        try:
            await Desk.Ask()
        finally:
            self.log.append(f"{name} unwinds")
            async with cleanup(5):
                await perform(trio.sleep, 1)
                self.log.append(f"{name} has cleaned")

    async def call(self, name: str) -> None:
        try:
            await perform(trio.sleep_forever)
        finally:
            self.log.append(f"{name} unwinds")

    def start(self, page) -> list:
        handles = [page.start(Desk, self.ask, name, instance=name) for name in "ab"]
        return [*handles, page.start(Bell, self.call, "c")]


ALL = ["a has cleaned", "a unwinds", "b has cleaned", "b unwinds", "c unwinds"]
