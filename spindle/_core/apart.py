"""Values that share nothing which can be changed with those that they were made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from uuid import UUID

import msgspec

from spindle._core.operations.port import Call

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["apart", "call_apart", "fields_of_value"]

T = TypeVar("T")

_PLAIN: Final = frozenset(
    {
        *(NoneType, bool, int, float, complex, str, bytes, frozenset),
        *(date, datetime, time, timedelta, Decimal, UUID),
    }
)
"""Whose values nobody can change."""
_FIXED: Final = (*_PLAIN, Enum)
"""Of these and of classes made of them."""


_IDENTITY: Final[object] = object.__eq__


class _NoValueError(Exception):
    """It is known by what it is, and not by what it holds: a lock, a channel, a connection."""


def apart(value: T) -> T:
    """A value like it, which who is given it may change: whoever has the first does not see that.

    Lists, dictionaries and other containers are made anew, and so are structs, dataclasses and
    objects of attrs that can be changed, if they hold nothing but values: one that holds a lock, or
    is compared by identity, is no value, and handed on as it is. So is what holds itself.
    """
    if type(value) in _PLAIN:
        return value
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
    except Exception:  # the application's own classes may raise anything
        return value


def _made_anew(value: Any, *, strict: bool) -> Any:
    """A value like it.

    Raises:
        _NoValueError: it is none, nor one that holds some, and has to be: `strict`.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, msgspec.Struct):  # such as messages, which are most of all
        return _object_apart(value, value.__struct_fields__, strict=strict)
    if isinstance(value, (tuple, list)):
        return _items_apart(cast("Sequence[object]", value), strict=strict)
    if isinstance(value, dict):
        pairs = copy(cast("dict[object, object]", value))
        for key, of in pairs.items():
            pairs[key] = _part_apart(of, strict=strict)
        return pairs
    if isinstance(value, (set, bytearray)):
        return copy(cast("set[object]", value))
    fields = None if isinstance(value, Enum) else fields_of_value(value)
    if fields is not None:
        return _object_apart(value, fields, strict=strict)
    if strict and not issubclass(type(value), _FIXED):
        raise _NoValueError
    return value


def _part_apart(part: object, *, strict: bool) -> object:
    return _made_anew(part, strict=True) if strict else _apart(part)


def _items_apart(items: Sequence[object], *, strict: bool) -> Sequence[object]:
    made = [_part_apart(each, strict=strict) for each in items]
    if isinstance(items, list):
        other = copy(items)
        other[:] = made
        return other
    if all(new is old for new, old in zip(made, items, strict=True)):
        return items
    if type(items) is tuple:
        return tuple(made)
    named: Callable[[Sequence[object]], Sequence[object]] | None = getattr(items, "_make", None)
    return items if named is None else named(made)


def _object_apart(value: Any, fields: Sequence[str], *, strict: bool) -> Any:
    try:
        return _with_fields_apart(value, fields)
    except _NoValueError:
        if strict:
            raise
        return value


def _with_fields_apart(value: Any, fields: Sequence[str]) -> Any:
    if isinstance(value, BaseException) or _is_itself_only(value):
        raise _NoValueError
    changed: dict[str, object] = {}
    for each in fields:
        old = getattr(value, each, None)  # one that is not set yet is not set in the other
        if type(old) not in _PLAIN and (new := _made_anew(old, strict=True)) is not old:
            changed[each] = new
    if not changed and _is_frozen(value):
        return value
    put: Callable[[Any, str, object], None] = object.__setattr__
    other = copy(value)
    if isinstance(value, msgspec.Struct):
        put = msgspec.structs.force_setattr
        beside: dict[str, object] = getattr(value, "__dict__", {})
        for each, old in beside.items():
            setattr(other, each, _made_anew(old, strict=True))
    for each, new in changed.items():
        put(other, each, new)
    return other


def _is_itself_only(value: Any) -> bool:
    if isinstance(value, msgspec.Struct):
        return not value.__struct_config__.eq
    equality: object = type(value).__eq__
    return equality is _IDENTITY


def _is_frozen(value: Any) -> bool:
    if isinstance(value, msgspec.Struct):
        return value.__struct_config__.frozen
    parameters: Any = getattr(value, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)
