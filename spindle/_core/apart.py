"""Values that share nothing which can be changed with those that they were made of."""

from __future__ import annotations

import dataclasses
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import msgspec
from msgspec import UnsetType

from spindle._core.operations.port import Call

__all__ = ["apart", "call_apart", "fields_of_value"]

T = TypeVar("T")

_PLAIN: Final = frozenset(
    {
        *(NoneType, bool, int, float, complex, str, bytes),
        *(date, datetime, time, timedelta, Decimal, UUID),
    }
)
"""Whose values nobody can change."""
_FIXED: Final = (*_PLAIN, Enum, type, range, tzinfo, msgspec.Raw, msgspec.msgpack.Ext, UnsetType)
"""Of these and of classes made of them."""
_FIXED_IN: Final = frozenset({"fractions", "ipaddress", "pathlib", "pathlib._local", "re"})
"""And whatever stands in these modules."""
_PAIRS: Final = (dict, defaultdict, OrderedDict, Counter)
"""Others made of `dict` may do something else when they are filled."""
_IDENTITY: Final[object] = object.__eq__


class _NoValueError(Exception):
    """It is known by what it is, and not by what it holds: a lock, a channel, a connection."""


def apart(value: T) -> T:
    """A value like it, which who is given it may change: whoever has the first does not see that.

    Lists, dictionaries and other containers are made anew, and so are structs, dataclasses and
    objects of attrs that can be changed, if they hold nothing but values. One that holds a lock,
    has `__del__`, or is no struct and compared by identity, is no value, and handed on as it is. So
    are what holds itself, and containers of classes of one's own.
    """
    whole: object = value
    if type(whole) is not tuple:
        return cast("T", _whole_apart(whole))
    items = cast("tuple[object, ...]", whole)
    made = tuple(map(_whole_apart, items))  # one that holds itself hinders no other
    same = all(new is old for new, old in zip(made, items, strict=True))
    return value if same else cast("T", made)


def call_apart(call: Call[Any]) -> Call[Any]:
    """A call whose function may change what it is given; the call itself if that cannot be."""
    args, keywords = apart(call.args), call.keywords
    if keywords:
        keywords = {each: apart(of) for each, of in keywords.items()}
        if all(of is call.keywords[each] for each, of in keywords.items()):
            keywords = call.keywords
    if args is call.args and keywords is call.keywords:
        return call
    other = Call[Any](call.name, call.fn, args, keywords, call.repeat, call.given)
    other.keyed = getattr(call, "keyed", None)
    return other


def fields_of_value(value: object) -> Sequence[str] | None:
    """The names of the fields of a struct, dataclass or object of attrs; None if it is no such."""
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return [each.name for each in dataclasses.fields(value)]
    declared: Iterable[Any] | None = getattr(type(value), "__attrs_attrs__", None)
    return None if declared is None else [each.name for each in declared]


def _whole_apart(value: Any) -> Any:
    try:
        return _apart(value)
    except RecursionError:
        return value


def _apart(value: Any) -> Any:
    try:
        return _made_anew(value, strict=False)
    except RecursionError:
        raise
    except Exception:  # it is no value, or the application's own class raises anything
        return value


def _made_anew(value: Any, *, strict: bool) -> Any:
    """A value like it.

    Raises:
        _NoValueError: it is none, nor one that holds some, and has to be: `strict`.
    """
    kind = cast("type[object]", type(value))
    if kind in _PLAIN:
        return value
    if kind is list or kind is deque or kind is tuple:
        return _items_apart(value, strict=strict)
    if kind in _PAIRS:
        return _pairs_apart(value, strict=strict)
    if kind is set or kind is frozenset:
        for each in value if strict else ():
            _made_anew(each, strict=True)
        return value if kind is frozenset else copy(value)
    if kind is bytearray:
        return copy(value)
    if issubclass(kind, tuple):
        return _named_apart(value)
    fields = None if issubclass(kind, (Enum, BaseException)) else fields_of_value(value)
    if fields is not None:
        return _with_fields_apart(value, fields)
    if strict and not issubclass(kind, _FIXED) and kind.__module__ not in _FIXED_IN:
        raise _NoValueError
    return value


def _part_apart(part: object, *, strict: bool) -> Any:
    return _made_anew(part, strict=True) if strict else _apart(part)


def _items_apart(items: Sequence[object], *, strict: bool) -> object:
    made = [_part_apart(each, strict=strict) for each in items]
    if isinstance(items, tuple):
        same = all(new is old for new, old in zip(made, items, strict=True))
        return items if same else tuple(made)
    return deque(made, items.maxlen) if isinstance(items, deque) else made


def _pairs_apart(pairs: Any, *, strict: bool) -> Any:
    other = copy(pairs)
    for key, of in pairs.items():
        if strict:
            _made_anew(key, strict=True)
        other[key] = _part_apart(of, strict=strict)
    return other


def _named_apart(items: Any) -> Any:
    """Of a named tuple one of its class; it is handed on whole as other objects are."""
    made = [_made_anew(each, strict=True) for each in items]
    if all(new is old for new, old in zip(made, items, strict=True)):
        return items
    return items._make(made) if hasattr(items, "_make") else items


def _with_fields_apart(value: Any, fields: Sequence[str]) -> Any:
    kind = cast("type[object]", type(value))
    if hasattr(kind, "__del__") or _is_itself_only(value):
        raise _NoValueError
    changed: dict[str, object] = {}
    for each in dict.fromkeys([*fields, *getattr(value, "__dict__", ())]):
        old = getattr(value, each, None)  # one that is not set yet is not set in the other
        if type(old) not in _PLAIN and (new := _made_anew(old, strict=True)) is not old:
            changed[each] = new
    if not changed and _is_frozen(value):
        return value
    other = copy(value)
    if isinstance(value, msgspec.Struct):  # whose copies have none of that
        changed = {**getattr(value, "__dict__", {}), **changed}
    for each, new in changed.items():
        if isinstance(value, msgspec.Struct) and each in fields:
            msgspec.structs.force_setattr(other, each, new)
        else:
            object.__setattr__(other, each, new)
    return other


def _is_itself_only(value: Any) -> bool:
    equality: object = type(value).__eq__
    return equality is _IDENTITY


def _is_frozen(value: Any) -> bool:
    if isinstance(value, msgspec.Struct):
        return value.__struct_config__.frozen
    parameters: Any = getattr(value, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)
