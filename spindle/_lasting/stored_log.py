"""The log of a lasting page: its frames, on their way to the store or read from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from spindle._core.errors import LogCorrupt
from spindle._core.replay.log import Frame, Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spindle._lasting.writer import Writer
    from spindle.durable.frames import Chain
    from spindle.durable.frames import Frame as Sealed

__all__ = ["StoredLog"]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


class StoredLog(Log):
    """Frames are handed to the writer; only those that were read are kept here, to be told."""

    def __init__(
        self, chain: Chain, writer: Writer, wall: Callable[[], float], opened: float
    ) -> None:
        """A log that ends where `chain` does.

        Args:
            chain: seals the frames of the page.
            writer: takes them to the store.
            wall: the time, in seconds since 1970.
            opened: that time when the page's clock stood at 0.
        """
        super().__init__()
        self.chain = chain
        self.writer = writer
        self.opened = opened
        self._wall = wall

    def keep(self, frame: Frame) -> None:
        """See `Log`."""
        self.writer.add(self.chain.seal(self._wall(), _encode(frame)))

    def read(self, sealed: Iterable[Sealed]) -> None:
        """Take what is to be told.

        Raises:
            LogCorrupt: something is no frame of a page, though it is as it was written.
        """
        for each in sealed:
            try:
                self.frames.append(_decode(each.body))
            except msgspec.DecodeError as error:
                raise LogCorrupt(
                    f"frame {each.seq} of the log is none of a page: {error}"
                ) from error
