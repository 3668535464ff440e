"""What a host does beside its pages, until it is left."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Generator

    from spindle._lasting.page import LastingPage

__all__ = ["Chores", "note_rest"]


class Chores:
    """Tasks that go on while whoever is around them is cancelled, and end with their host."""

    def __init__(self) -> None:
        self._scopes: set[trio.CancelScope] = set()
        self._over = False

    @contextmanager
    def one(self) -> Generator[None]:
        """Do one, for the length of the block; cut it when they end."""
        scope = trio.CancelScope(shield=True)
        self._scopes.add(scope)
        if self._over:  # the host was left before this had begun
            scope.cancel()
        try:
            with scope:
                yield
        finally:
            self._scopes.discard(scope)

    def end(self) -> None:
        """End all of them."""
        self._over = True
        for scope in list(self._scopes):
            scope.cancel()


async def note_rest(page: LastingPage, chores: Chores) -> None:  # noqa: ASYNC910 - a task to be
    """See that the end of the process is not laid to a page that has come to rest since."""
    with chores.one():
        await page.until(lambda page: page.rests)
        page.note_rest()
