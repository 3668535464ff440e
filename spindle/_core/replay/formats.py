"""How a log writes values: what its user reads, or what is small."""

from __future__ import annotations

import dataclasses
import json
from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import msgspec

from spindle._core.fields import PLAIN, fields_of_value
from spindle._core.names import name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    _Pairs: TypeAlias = dict[object, object]

__all__ = ["UNWRITABLE", "Format", "digest_of", "in_order"]

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
            return in_order(msgspec.json.encode(value))
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


def in_order(text: bytes) -> bytes:
    """A JSON text with the keys of each object in order: others may have changed that."""
    if b"{" not in text:
        return text
    written = json.dumps(
        json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    return written.encode()


def digest_of(value: object) -> str:
    """What tells this value from others: 64 bits in hexadecimal (BLAKE2, RFC 7693).

    The same in every process. Of what cannot be written, its class counts. An integer is the same
    as a float that is equal: where a float is declared, the one is read for the other.
    """
    return blake2b(_in_parts(value, 3), digest_size=8).hexdigest()


def _in_parts(value: object, depth: int) -> bytes:
    """What is written of a value; if that cannot be, of its parts, so that one hides no other."""
    try:
        return _in_order(value)
    except Exception:  # the application's own classes may raise anything
        kind: type = type(value)
        parts: Collection[object] = ()
        if depth and issubclass(kind, dict):
            pairs = [*cast("_Pairs", value).items()]
            pairs.sort(key=lambda pair: digest_of(pair[0]))
            parts = pairs
        elif depth and issubclass(kind, (list, tuple)):
            parts = cast("Sequence[object]", value)
        written = [_in_parts(each, depth - 1) for each in parts]
        return msgspec.msgpack.encode(written or _class_of(value))


def _in_order(value: object) -> bytes:
    """What is written of everything that is the same."""
    try:
        nested = _has_sets_of_sets(value)
    except Exception:  # the application's own classes may raise anything
        nested = False
    if nested:
        return msgspec.msgpack.encode(_plain(value), enc_hook=_class_of)
    try:
        written = msgspec.msgpack.encode(value, enc_hook=_class_of, order="deterministic")
    except TypeError:  # it knows of no order of keys that are no texts
        return msgspec.msgpack.encode(_plain(value), enc_hook=_class_of)
    if _FLOAT in written:
        found = msgspec.msgpack.decode(written)
        return msgspec.msgpack.encode(_plain(found), order="deterministic")
    return written


def _class_of(value: object) -> str:
    return name_of(type(value))


def _has_sets_of_sets(value: object) -> bool:
    """Whether a set has members that compare by what they hold: sorted they have no one order."""
    if isinstance(value, (set, frozenset)):
        return any(map(_has_set, cast("Collection[object]", value)))
    nested = [each for each in _parts(value) if type(each) not in PLAIN]
    return bool(nested) and any(map(_has_sets_of_sets, nested))


def _has_set(value: object) -> bool:
    if _is_of_attrs(value) or isinstance(value, frozenset):
        return True
    return any(map(_has_set, _parts(value)))


def _is_of_attrs(value: object) -> bool:
    return hasattr(type(value), "__attrs_attrs__")


def _parts(value: object) -> Collection[object]:
    if isinstance(value, (list, tuple)):
        return cast("Sequence[object]", value)
    if isinstance(value, dict):
        return cast("_Pairs", value).values()
    return [getattr(value, each, None) for each in fields_of_value(value) or ()]


def _plain(value: Any) -> Any:
    """With integers for floats that are some, and with what has no order in one."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _TOO_LARGE else value
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.structs.asdict(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain({each.name: getattr(value, each.name) for each in dataclasses.fields(value)})
    if _is_of_attrs(value):
        shown = [each for each in fields_of_value(value) or () if not each.startswith("_")]
        return _plain({each: getattr(value, each, None) for each in shown})
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in cast("Sequence[object]", value)]
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, cast("Collection[object]", value)), key=_in_order)
    if isinstance(value, dict):
        pairs = [[_plain(key), _plain(of)] for key, of in cast("_Pairs", value).items()]
        pairs.sort(key=lambda pair: _in_order(pair[0]))
        return dict(pairs) if all(type(key) is str for key, _ in pairs) else pairs
    return value
