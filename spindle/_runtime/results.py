"""What a coroutine without a page has to say, in order, for whoever wants to read it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, TypeAlias

import trio
from typing_extensions import TypeVar

from spindle._core.states import (
    Cancelled,
    Completed,
    Errored,
    Notified,
    Suspended,
    Withdrawn,
    Yielded,
)
from spindle._runtime.outbox import Outbox

if TYPE_CHECKING:
    from spindle._core.source import Source
    from spindle._core.states import Sent
    from spindle._runtime.outbox import Pausing

__all__ = ["News", "Results", "State", "Unread"]

R = TypeVar("R")

State: TypeAlias = Suspended | Completed[R] | Errored | Cancelled
News: TypeAlias = Suspended | Withdrawn | Notified | Completed[R] | Errored | Cancelled


class Unread(Outbox):
    """An outbox that need not have a reader.

    Until somebody receives, it is never full: the oldest message makes room for the newest.
    """

    def __init__(self, page: Pausing) -> None:
        super().__init__(page)
        self.dropped = 0
        self._has_reader = False

    def room(self) -> int:
        """How many more messages may come before a reader has to catch up."""
        return super().room() if self._has_reader else sys.maxsize

    def put(self, *items: tuple[Source, Sent]) -> int:
        """Add messages."""
        for item in items:
            if not self._has_reader and super().room() <= 0:
                super().receive_nowait()
                self.dropped += 1
            super().put(item)
        return self.room()

    async def receive(self) -> tuple[Source, Sent]:
        """Wait for the next message, and be the reader from now on."""
        self._has_reader = True
        return await super().receive()

    def receive_nowait(self) -> tuple[Source, Sent]:
        """Take the next message, and be the reader from now on."""
        self._has_reader = True
        return super().receive_nowait()

    def caught_up(self) -> None:
        """Let the page go on, if it had paused; without a reader it never does."""
        if self._has_reader:
            super().caught_up()


class Results(trio.abc.ReceiveChannel[tuple[str, News[R]]], Generic[R]):
    """Receives pairs of the runner's tag and what it says, and ends when the runner has ended.

    - `Suspended(ask)`: it asks; `ask` is what `resume` takes
    - `Withdrawn(ask)`: it asks that no longer, though nobody has answered, and goes on
    - `Notified(notify)`: it has news
    - `Completed`, `Errored`, `Cancelled`: it has ended; the last thing said

    Every state is there once and in order, whether `run` and `resume` return it or not. Nobody has
    to read: as long as nobody has, the newest 1,024 are kept and older ones forgotten, which
    `dropped` counts. From the first `receive` on nothing is dropped: when so many lie unread, the
    runner pauses until the reader has caught up, and calls of `run` and `resume` wait with it. Who
    has read enough closes.
    """

    def __init__(self, tag: str, unread: Unread) -> None:
        self._tag = tag
        self._unread = unread

    @property
    def dropped(self) -> int:
        """How many were forgotten because nobody had begun to read."""
        return self._unread.dropped

    @property
    def unread(self) -> int:
        """How many wait to be received."""
        return self._unread.waiting

    async def receive(self) -> tuple[str, News[R]]:
        """Wait for the next one; always a checkpoint. Cancelling the wait loses nothing.

        Raises:
            trio.EndOfChannel: the runner has ended and all was received.
            trio.ClosedResourceError: the results were closed.
        """
        return self._tagged(await self._unread.receive())

    def receive_nowait(self) -> tuple[str, News[R]]:
        """Take the next one.

        Raises:
            trio.WouldBlock: there is none now.
            trio.EndOfChannel: the runner has ended and all was received.
            trio.ClosedResourceError: the results were closed.
        """
        return self._tagged(self._unread.receive_nowait())

    def close(self) -> None:
        """Want no more: what is there and what comes is dropped, the runner goes on."""
        self._unread.close()

    async def aclose(self) -> None:
        """Close, and checkpoint."""
        await self._unread.aclose()

    def _tagged(self, item: tuple[Source, Sent]) -> tuple[str, News[R]]:
        said: Any = item[1]
        return self._tag, Suspended(said.ask) if isinstance(said, Yielded) else said
