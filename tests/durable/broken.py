"""The list of stores that each break one promise, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable

from spindle.durable import MemoryStore
from spindle.durable.memory import _Log  # pyright: ignore[reportPrivateUsage]

__all__ = ["BROKEN", "Open", "breaks"]

BROKEN: dict[type[MemoryStore], str] = {}
"""Each with the guarantee it breaks; with several, if it depends on what is seen first."""


def breaks(guarantee: str) -> Callable[[type[MemoryStore]], type[MemoryStore]]:
    def add(kind: type[MemoryStore]) -> type[MemoryStore]:
        BROKEN[kind] = guarantee
        return kind

    return add


class Open(MemoryStore):
    """With its inside for others to break."""

    def log(self, page: str) -> _Log:
        return self._log(page)

    def logs(self) -> dict[str, _Log]:
        return self._logs
