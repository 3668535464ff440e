"""The pages that are on their way from the store, which a host that ends waits for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Generator

    from spindle._lasting.page import LastingPage
    from spindle.durable.store import Lease

__all__ = ["Coming"]


class Coming:
    """None at first."""

    def __init__(self) -> None:
        self._count = 0
        self._over = trio.Event()
        self._read: set[Lease] = set()
        self._told: set[LastingPage] = set()

    @property
    def leases(self) -> list[Lease]:
        """Of those whose logs are read, or told, which may take a while."""
        return [*self._read, *(page.log.writer.lease for page in self._told)]

    @contextmanager
    def reading(self, lease: Lease) -> Generator[None]:
        """One more whose log is read, for the length of the block."""
        self._read.add(lease)
        try:
            yield
        finally:
            self._read.discard(lease)

    @contextmanager
    def telling(self, page: LastingPage) -> Generator[None]:
        """One more that is told its log, for the length of the block."""
        self._told.add(page)
        try:
            yield
        finally:
            self._told.discard(page)

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
