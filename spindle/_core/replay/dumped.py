"""A log as bytes: one entry after another, each with a checksum, and a mark where it ends."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MAGIC", "VERSION", "Damage", "bodies", "written"]

VERSION: Final = 2
"""1 had no mark at its end: what was cut between two entries could not be told from a whole one."""
MAGIC: Final = b"spindle log"
_NUMBER: Final = 4
"""How many bytes a length or a checksum takes."""
_END: Final = b""
"""The body that no entry has."""


class Damage(Exception):
    """From here on a log is not as it was written. Says what is amiss."""


def written(entries: Iterable[object]) -> Iterator[bytes]:
    """Each with its length, and a checksum over it and all before it; then the same of nothing."""
    yield MAGIC + bytes([VERSION])
    checksum = 0
    for entry in entries:
        body = msgspec.msgpack.encode(entry)
        checksum = zlib.crc32(body, checksum)
        yield _sealed(body, checksum)
    yield _sealed(_END, checksum)


def _sealed(body: bytes, checksum: int) -> bytes:
    return len(body).to_bytes(_NUMBER, "big") + checksum.to_bytes(_NUMBER, "big") + body


def bodies(data: bytes, version: int) -> Iterator[bytes]:
    """What `written` has written of each entry, in this version.

    Raises:
        Damage: what follows is something else.
    """
    checksum, place = 0, len(MAGIC) + 1
    while place < len(data):
        length = int.from_bytes(data[place : place + _NUMBER], "big")
        begins = place + 2 * _NUMBER
        body = data[begins : begins + length]
        if len(body) < length or begins > len(data):
            raise Damage("it was cut")
        checksum = zlib.crc32(body, checksum)
        if checksum != int.from_bytes(data[place + _NUMBER : begins], "big"):
            raise Damage("its checksum is wrong: it was changed, or is not where it was written")
        place = begins + length
        if body == _END and version > 1:
            if place < len(data):
                raise Damage("it stands behind the mark of the end")
            return
        yield body
    if version > 1:
        raise Damage("it was cut, for the mark of its end is missing")
