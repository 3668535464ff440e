"""The log of a lasting page: its frames, on their way to the store or read from there."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from spindle._core.errors import LogCorrupt
from spindle._core.replay.log import Frame, Log
from spindle._runtime.report import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spindle._lasting.beginning import Beginning
    from spindle._lasting.snapshot import PageStanding
    from spindle._lasting.writer import Writer
    from spindle.durable.frames import Chain
    from spindle.durable.frames import Frame as Sealed

__all__ = ["StoredLog"]

LARGE: Final = 256 * 1024
"""After so many bytes a snapshot is due, too."""
VERY_LONG: Final = 5000
"""After so many frames without one, somebody should know why."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


class StoredLog(Log):
    """Frames are handed to the writer; only those that were read are kept here, to be told."""

    def __init__(
        self,
        chain: Chain,
        writer: Writer,
        wall: Callable[[], float],
        beginning: Beginning,
        begins: int,
        every: int,
    ) -> None:
        """A log that ends where `chain` does.

        Args:
            chain: seals the frames of the page.
            writer: takes them to the store.
            wall: the time, in seconds since 1970.
            beginning: with what the page began.
            begins: the number of the last frame that a snapshot covers; -1 if there is none.
            every: after how many frames a snapshot is due.
        """
        super().__init__()
        self.chain = chain
        self.writer = writer
        self.beginning = beginning
        self._begins = self.before = begins
        self._every = every
        self._bytes = 0
        self._warned = False
        self._wall = wall

    @property
    def conversation(self) -> bytes:
        """See `Log`; it follows from what is known of the page for good."""
        known = _encode((self.chain.page, self.beginning.seed, self.beginning.opened))
        return blake2b(known, digest_size=16).digest()

    def keep(self, frame: Frame) -> None:
        """See `Log`."""
        body = _encode(frame)
        self._bytes += len(body)
        self.writer.add(self.chain.seal(self._wall(), body))

    @property
    def is_long(self) -> bool:
        """Whether it is to begin anew where it can."""
        return self.chain.head - self._begins >= self._every or self._bytes >= LARGE

    def stand(self, standing: PageStanding) -> None:
        """Let it begin anew: all frames so far lead to this."""
        blob = self.chain.seal_snapshot(self._wall(), standing.encode())
        self.writer.snapshot(self.chain.head, blob)
        self._begins = self.chain.head
        self._bytes = 0
        self._warned = False

    def grows(self, page: str, why: str) -> None:
        """It could not begin anew: say so, once, when it is very long."""
        if self.chain.head - self._begins >= VERY_LONG and not self._warned:
            self._warned = True
            report(
                f"the log of a page has {self.chain.head - self._begins:,} frames, and taking it "
                f"up takes ever longer: {why}. Let each spindle mark() at the head of its loop",
                page=page,
            )

    def read(self, sealed: Iterable[Sealed]) -> None:
        """Take what is to be told; that counts like what is kept from now on.

        Raises:
            LogCorrupt: something is no frame of a page, though it is as it was written.
        """
        for each in sealed:
            self._bytes += len(each.body)
            try:
                self.frames.append(_decode(each.body))
            except msgspec.DecodeError as error:
                raise LogCorrupt(
                    f"frame {each.seq} of the log is none of a page: {error}"
                ) from error
