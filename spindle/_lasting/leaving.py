"""The pages that are on their way to the store, which nobody can take up meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from spindle._lasting.page import LastingPage

__all__ = ["Leaving"]


class Leaving:
    """None at first."""

    def __init__(self) -> None:
        self._pages: dict[str, LastingPage] = {}
        self._over: dict[str, trio.Event] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._pages

    def __iter__(self) -> Iterator[LastingPage]:
        return iter(self._pages.values())

    def set_out(self, page: LastingPage) -> None:
        """It is on its way from now on, until a block under `one` has ended."""
        self._pages[page.kernel.name] = page
        self._over[page.kernel.name] = trio.Event()

    @contextmanager
    def one(self, page: LastingPage) -> Generator[None]:
        """The rest of its way, for the length of the block."""
        try:
            yield
        finally:
            del self._pages[page.kernel.name]
            self._over.pop(page.kernel.name).set()

    async def none_of(self, name: str) -> None:  # noqa: ASYNC910
        """Wait until no page of this name is on its way."""
        while (over := self._over.get(name)) is not None:
            await over.wait()
