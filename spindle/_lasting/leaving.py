"""The pages that are on their way to the store, which nobody can take up meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from spindle._lasting.page import LastingPage

__all__ = ["Leaving"]


class Leaving:
    """None at first. Several may have one name, if the store is slow to answer."""

    def __init__(self) -> None:
        self._of: dict[str, dict[LastingPage, trio.Event]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._of

    def __iter__(self) -> Iterator[LastingPage]:
        return chain.from_iterable(self._of.values())

    def set_out(self, page: LastingPage) -> None:
        """It is on its way from now on, until a block under `one` has ended."""
        self._of.setdefault(page.kernel.name, {})[page] = trio.Event()

    @contextmanager
    def one(self, page: LastingPage) -> Generator[None]:
        """The rest of its way, for the length of the block."""
        try:
            yield
        finally:
            namesakes = self._of[page.kernel.name]
            over = namesakes.pop(page)
            if not namesakes:
                del self._of[page.kernel.name]
            over.set()

    async def none_of(self, name: str) -> None:  # noqa: ASYNC910
        """Wait until no page of this name is on its way."""
        while namesakes := self._of.get(name):
            await next(iter(namesakes.values())).wait()
