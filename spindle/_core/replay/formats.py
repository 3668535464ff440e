"""How a log writes values: what its user reads, or what is small."""

from __future__ import annotations

from enum import Enum
from hashlib import blake2b
from typing import Any, Final, cast

import msgspec

from spindle._core.names import name_of

__all__ = ["UNWRITABLE", "Format", "digest_of"]

UNWRITABLE: Final = (TypeError, ValueError, OverflowError, RecursionError)
"""What is raised for a value that cannot be written, or read: of its class, size, or depth."""

_FLOAT: Final = b"\xcb"
"""A float begins with this byte; it may stand elsewhere, too."""
_TOO_LARGE: Final = 2.0**63


class Format(Enum):
    """One of the two that a log may be written in. A value is kept in no other."""

    MSGPACK = "msgpack"
    JSON = "json"

    def encode(self, value: object) -> bytes:
        """Write a value.

        Raises:
            TypeError: it is of a class that cannot be written.
            ValueError: or so is what it holds.
        """
        if self is Format.JSON:
            return msgspec.json.encode(value)
        return msgspec.msgpack.encode(value)

    def decode(self, data: bytes | msgspec.Raw, kind: Any) -> Any:
        """Read a value of a declared type.

        Raises:
            TypeError: that type cannot be read.
            msgspec.ValidationError: the value is of another one.
        """
        if self is Format.JSON:
            return msgspec.json.decode(data, type=kind)
        return msgspec.msgpack.decode(data, type=kind)


def digest_of(value: object) -> str:
    """What tells this value from others: 64 bits in hexadecimal (BLAKE2, RFC 7693).

    The same in every process. Of what cannot be written, its class counts. An integer is the same
    as a float that is equal: where a float is declared, the one is read for the other.
    """
    try:
        written = msgspec.msgpack.encode(value, enc_hook=_class_of, order="deterministic")
        if _FLOAT in written:
            found = msgspec.msgpack.decode(written)
            written = msgspec.msgpack.encode(_in_integers(found), order="deterministic")
    except Exception:  # the application's own classes may raise anything
        written = msgspec.msgpack.encode(_class_of(value))
    return blake2b(written, digest_size=8).hexdigest()


def _class_of(value: object) -> str:
    return name_of(type(value))


def _in_integers(value: Any) -> Any:
    """With integers for all floats that are some, as far as they can be written."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _TOO_LARGE else value
    if isinstance(value, list):
        return [_in_integers(each) for each in cast("list[object]", value)]
    if isinstance(value, tuple):  # a key of a mapping
        return tuple(_in_integers(each) for each in cast("tuple[object, ...]", value))
    if isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        return {_in_integers(key): _in_integers(each) for key, each in pairs}
    return value
