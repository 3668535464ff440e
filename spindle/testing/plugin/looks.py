"""What a value looks like: all that is in it, to be compared with what is in it later."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import msgspec

from spindle._core.names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["has_changed", "looks_of"]

_AS_THEY_ARE: Final = (bytes, Decimal, date, datetime, time, timedelta, UUID)


def looks_of(value: object) -> object:
    """All that is in it, in builtin types; None if it cannot be looked into."""
    try:
        return msgspec.to_builtins(value, builtin_types=_AS_THEY_ARE, enc_hook=_opaque)
    except Exception:  # a value of the user's own may do anything
        return None


def _opaque(value: object) -> object:
    return f"<{name_of(type(value))} at {id(value):#x}>"


def has_changed(value: object, then: object, now: object) -> bool:
    """Whether a value has changed, by what it looked like and what it looks like now.

    Not by fields that its class leaves out of comparisons, such as caches.
    """
    if then == now:
        return False
    if isinstance(then, dict) and isinstance(now, dict):
        return _fields_have_changed(
            value, cast("Mapping[object, object]", then), cast("Mapping[object, object]", now)
        )
    if isinstance(then, (list, tuple)) and isinstance(now, (list, tuple)):
        return _items_have_changed(
            value, cast("Sequence[object]", then), cast("Sequence[object]", now)
        )
    return True


def _fields_have_changed(
    value: object, then: Mapping[object, object], now: Mapping[object, object]
) -> bool:
    ignored = _not_compared(value)
    if then.keys() - ignored != now.keys() - ignored:
        return True
    parts = _parts(value)
    return any(has_changed(parts.get(key), then[key], now[key]) for key in then.keys() - ignored)


def _items_have_changed(value: object, then: Sequence[object], now: Sequence[object]) -> bool:
    if len(then) != len(now):
        return True
    items: Iterable[object] = repeat(None)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = cast("Iterable[object]", value)
    return any(map(has_changed, items, then, now))


def _parts(value: Any) -> Mapping[Any, object]:
    """What can be looked into further, under the keys that it has in the looks of a value."""
    if isinstance(value, dict):
        return cast("Mapping[object, object]", value)
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        return {key: getattr(value, name, None) for name, key in names}
    return {each.name: getattr(value, each.name, None) for each in _declared(value)}


def _not_compared(value: object) -> set[str]:
    return {
        each.name
        for each in _declared(value)
        if not getattr(each, "compare", True) or getattr(each, "eq", True) is False
    }


def _declared(value: object) -> Sequence[Any]:
    """The fields of a dataclass, or of a class made by attrs."""
    kind: Any = type(value)
    if is_dataclass(kind):
        return fields(kind)
    attributes: Sequence[Any] = getattr(kind, "__attrs_attrs__", ())
    return attributes
