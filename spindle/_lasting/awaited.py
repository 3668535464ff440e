"""A page that keeps what others wait for, though a turn has no end, or none soon.

An input and all that it leads to is one frame, which is closed when the page waits for something
again. Where somebody waits for a frame, and the page goes on and on, it is closed in the middle of
the turn; the next one says that it went on from there.
"""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING, Final

from spindle._lasting.contained import ContainedPage

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AwaitedPage"]

RESTS: Final = 10
"""So often it rests in the middle of a frame that is waited for, and then closes it."""


class AwaitedPage(ContainedPage, ABC):
    """See `LastingPage`."""

    left = ""
    """Why it is not here any more; empty as long as it is."""
    _is_awaited = False
    """Whether somebody waits for the frame of this moment to be kept."""
    _rests = 0
    """How often it has rested in the middle of this frame."""

    def hold_back(self, do: Callable[[], None]) -> None:
        """See that this is done when all that has come in by now is kept."""
        if self.left:
            do()
        else:
            self.log.writer.hold(self.awaited(), do)

    @property
    def frame(self) -> int:
        """The number of the frame that this moment will be in."""
        return self.log.chain.head + self._is_under_way

    def awaited(self) -> int:
        """The number of that frame; somebody waits from now on until it is kept."""
        self._is_awaited = self._is_awaited or self._is_under_way
        return self.frame

    @property
    def paused(self) -> bool:
        """See `Turns`; what others wait for is kept though a turn has no end, or none soon."""
        if self.kernel.cascade is not None:
            return self.resting  # it is one step in the log
        if self._is_awaited and self._rests >= RESTS:
            self.make_room()
        return super().paused

    def close_frame(self) -> None:
        """See `MarkedPage`."""
        super().close_frame()
        self._is_awaited, self._rests = False, 0

    def rest(self) -> None:
        """See `OnTrio`."""
        super().rest()
        self._rests += self._retelling is None

    async def until_kept(self) -> None:
        """Wait until all that has come in by now is kept; always a checkpoint.

        Raises:
            PageClosed: it never will be: the page has left this process.
        """
        await self.log.writer.until(self.awaited())
