"""The pages that are on their way from the store, which a host that ends waits for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Generator

    from spindle._lasting.page import LastingPage

__all__ = ["Coming"]


class Coming:
    """None at first."""

    def __init__(self) -> None:
        self._count = 0
        self._over = trio.Event()
        self.told: set[LastingPage] = set()
        """Those that are told their logs, which may take a while."""

    @contextmanager
    def telling(self, page: LastingPage) -> Generator[None]:
        """One more that is told its log, for the length of the block."""
        self.told.add(page)
        try:
            yield
        finally:
            self.told.discard(page)

    @contextmanager
    def one(self) -> Generator[None]:
        """One more, for the length of the block."""
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            self._over.set()

    async def none(self) -> None:  # noqa: ASYNC910
        """Wait until there is none."""
        while self._count:
            self._over = trio.Event()
            await self._over.wait()
