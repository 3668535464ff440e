"""The one thread that drives a browser: Playwright's objects belong to where they were made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, Unpack

import trio

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Worker"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Worker:
    """Runs functions in its thread, one at a time, while trio goes on."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "browser")

    async def run(self, fn: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        """Call a function in the thread; who is cancelled waits for its end all the same."""
        return await trio.to_thread.run_sync(lambda: self._thread.submit(fn, *args).result())

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown()
