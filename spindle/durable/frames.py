"""The bytes of a log: frames, each sealed over the one before.

A frame is six bytes, the version of the format, its kind and a checksum of all the rest, and a
msgpack array: number, time, the link to the frame before, and the body of whoever keeps the log.
The six bytes stay where they are in every version, so that damage and a newer format are told
apart. The link is a hash of the frame before, and that of the first a hash of the page's name:
frames that were removed, exchanged or brought from another log do not fit.

crc32 finds what happens by accident, for a third of what a hash costs; the links are 64 bits of
BLAKE2b. Neither keeps out somebody who writes a log on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from struct import Struct as Layout
from typing import Final
from zlib import crc32

import msgspec

from spindle.durable.errors import PageLogCorrupt, PageLogTooNew

__all__ = ["VERSION", "Chain", "Frame", "read_log"]

VERSION: Final = 1
"""Of the format written here."""

FRAME: Final = b"F"
SNAPSHOT: Final = b"S"


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """What was sealed.

    Attributes:
        seq: its number in the log; of a snapshot, that of the last frame it covers.
        time: when it was made, as its maker said.
        link: of the frame before; of a snapshot, of the frame it covers last.
        body: what it was made of.
    """

    seq: int
    time: float
    link: bytes
    body: bytes


class _Covered(msgspec.Struct, frozen=True, array_like=True):
    """A snapshot."""

    seq: int
    time: float
    link: bytes
    body: bytes
    home: bytes


class Chain:
    """Seals and opens the frames of one log, one after the other.

    It keeps where the log ends: opening all of a log makes it ready for the next frame.

    Args:
        page: whose log it is.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        self._home = blake2b(page.encode(), digest_size=8, person=b"spindle page").digest()
        self._link = self._home
        self._head = -1
        self._first = 0

    @property
    def head(self) -> int:
        """The number of the last frame; -1 if there is none."""
        return self._head

    @property
    def intact(self) -> range:
        """The numbers of the frames that were sealed or opened, behind the snapshot."""
        return range(self._first, self._head + 1)

    def seal(self, time: float, body: bytes) -> bytes:
        """Make the next frame.

        Args:
            time: when it is made.
            body: what it keeps.

        Returns:
            Its bytes, for a store to append.
        """
        frame = Frame(self._head + 1, time, self._link, body)
        sealed = _sealed(FRAME, _encode(frame))
        self._step(sealed)
        return sealed

    def open(self, sealed: bytes) -> Frame:
        """Check the next frame, and return it.

        Raises:
            PageLogCorrupt: it is damaged, or not the next one.
            PageLogTooNew: it is of a newer format.
        """
        seq = self._head + 1
        payload = self._payload(seq, FRAME, sealed)
        try:
            frame = _decode_frame(payload)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._damage(seq, "a frame", f"what is none: {error}") from error
        if frame.seq != seq:
            raise self._damage(seq, f"frame {seq}", f"frame {frame.seq}")
        if frame.link != self._link:
            before = f"frame {self._head}" if seq else f"the beginning of page {self.page!r}"
            raise self._damage(seq, f"one that follows {before}", "one that follows another")
        self._step(sealed)
        return frame

    def seal_snapshot(self, time: float, body: bytes) -> bytes:
        """Make a snapshot of what all frames so far lead to.

        Returns:
            Its bytes, for a store to keep with the number `head`.
        """
        return _sealed(SNAPSHOT, _encode(_Covered(self._head, time, self._link, body, self._home)))

    def open_snapshot(self, sealed: bytes, seq: int | None = None) -> Frame:
        """Begin behind a snapshot: the next frame to open is the first that it does not cover.

        Args:
            sealed: its bytes.
            seq: the number of the last frame it covers, as the store knows it.

        Raises:
            PageLogCorrupt: it is damaged, of another page, or covers other frames.
            PageLogTooNew: it is of a newer format.
        """
        known = self._head if seq is None else seq
        payload = self._payload(known, SNAPSHOT, sealed)
        try:
            snapshot = _decode_snapshot(payload)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._damage(known, "a snapshot", f"what is none: {error}") from error
        if snapshot.home != self._home:
            raise self._damage(snapshot.seq, f"a snapshot of page {self.page!r}", "another page's")
        if seq is not None and snapshot.seq != seq:
            found = f"one of frames up to {snapshot.seq}"
            raise self._damage(seq, f"a snapshot of frames up to {seq}", found)
        self._head = snapshot.seq
        self._link = snapshot.link
        self._first = snapshot.seq + 1
        return Frame(snapshot.seq, snapshot.time, snapshot.link, snapshot.body)

    def _payload(self, seq: int, kind: bytes, sealed: bytes) -> bytes:
        if len(sealed) < _PREFIX.size:
            raise self._damage(seq, f"{_KINDS[kind]}, whole", f"{len(sealed)} bytes")
        version, found, checksum = _PREFIX.unpack_from(sealed)
        payload = sealed[_PREFIX.size :]
        computed = _checksum(version, found, payload)
        if checksum != computed:
            raise self._damage(seq, f"the checksum {computed:08x}", f"{checksum:08x}")
        if version > VERSION:
            raise PageLogTooNew(self.page, seq, version, VERSION)
        if found != kind:
            raise self._damage(seq, _KINDS[kind], _KINDS.get(found, f"the kind {found!r}"))
        return payload

    def _step(self, sealed: bytes) -> None:
        self._head += 1
        self._link = blake2b(sealed, digest_size=8).digest()

    def _damage(self, seq: int, expected: str, found: str) -> PageLogCorrupt:
        return PageLogCorrupt(self.page, seq, expected, found, self.intact)


def read_log(chain: Chain, sealed: Iterable[bytes], head: int) -> Iterator[Frame]:
    """Open the frames of a log; what stands before damage comes before its error.

    Args:
        chain: of the page, new or behind its snapshot.
        sealed: the frames as a store gave them.
        head: the number of the last one, as the store knows it: of one that is missing at the end
            nothing else tells.

    Raises:
        PageLogCorrupt: the log is damaged there, or has fewer or more frames.
        PageLogTooNew: the next frame is of a newer format.
    """
    for each in sealed:
        if chain.head >= head:
            raise PageLogCorrupt(chain.page, head + 1, "the end", "one frame more", chain.intact)
        yield chain.open(each)
    if chain.head != head:
        missing = chain.head + 1
        raise PageLogCorrupt(chain.page, missing, f"frames up to {head}", "the end", chain.intact)


_PREFIX: Final = Layout(">BcI")
_KINDS: Final = {FRAME: "a frame", SNAPSHOT: "a snapshot"}
_encode: Final = msgspec.msgpack.Encoder().encode
_decode_frame: Final = msgspec.msgpack.Decoder(Frame).decode
_decode_snapshot: Final = msgspec.msgpack.Decoder(_Covered).decode


def _sealed(kind: bytes, payload: bytes) -> bytes:
    return _PREFIX.pack(VERSION, kind, _checksum(VERSION, kind, payload)) + payload


def _checksum(version: int, kind: bytes, payload: bytes) -> int:
    return crc32(payload, crc32(kind, version))
