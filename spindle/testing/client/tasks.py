"""The tasks of a client, which end with its block, and what the block raises."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import trio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import TracebackType

__all__ = ["Raised", "open_tasks"]

# Those are not the test's: whatever is around the block has to see them at once.
_LET_THROUGH: Final = (trio.Cancelled, GeneratorExit, KeyboardInterrupt, SystemExit)


@asynccontextmanager
async def open_tasks() -> AsyncGenerator[trio.Nursery]:
    """Open a nursery that is cancelled at the end of the block."""
    async with trio.open_nursery() as nursery:
        try:
            yield nursery
        finally:
            nursery.cancel_scope.cancel()


class Raised:
    """Keeps what a block raises until the nurseries around it are closed.

    So that it comes out as it is, and not in a group: a failed assertion, and also what pytest
    raises to fail or skip, which is no `Exception`.
    """

    def __init__(self) -> None:
        self._error: BaseException | None = None

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> bool:
        if error is None or isinstance(error, _LET_THROUGH):
            return False
        if isinstance(error, BaseExceptionGroup) and not isinstance(error, ExceptionGroup):
            return False
        self._error = error
        return True

    def again(self) -> None:
        """Raise it, if there was something."""
        if self._error is not None:
            raise self._error
