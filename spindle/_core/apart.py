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


def apart(value: T) -> T:
    """A value like it, which who is given it may change: whoever has the first does not see that.

    Containers, structs, dataclasses and classes of attrs are made anew, as far as they can be
    changed. What is of another class is handed on as it is, and so is what holds itself.
    """
    if type(value) in _PLAIN:
        return value
    try:
        return cast("T", _apart(value))
    except RecursionError:
        return value


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


def _apart(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    try:
        return _made_anew(value)
    except RecursionError:
        raise
    except Exception:  # the application's own classes may raise anything
        return value


def _made_anew(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):  # such as messages, which are most of all
        return _with_fields_apart(value, value.__struct_fields__)
    if isinstance(value, tuple):
        return _items_apart(cast("tuple[object, ...]", value))
    if isinstance(value, list):
        made = copy(cast("list[object]", value))
        made[:] = map(_apart, made)
        return made
    if isinstance(value, dict):
        pairs = copy(cast("dict[object, object]", value))
        for key, of in pairs.items():
            pairs[key] = _apart(of)
        return pairs
    if isinstance(value, (set, bytearray)):
        return copy(cast("set[object]", value))
    fields = None if isinstance(value, Enum) else fields_of_value(value)
    return cast("object", value) if fields is None else _with_fields_apart(value, fields)


def _items_apart(items: tuple[object, ...]) -> tuple[object, ...]:
    made = tuple(map(_apart, items))
    if all(new is old for new, old in zip(made, items, strict=True)):
        return items
    if type(items) is tuple:
        return made
    named: Callable[[tuple[object, ...]], tuple[object, ...]] | None = getattr(items, "_make", None)
    return items if named is None else named(made)


def _with_fields_apart(value: Any, fields: Sequence[str]) -> Any:
    changed: dict[str, object] = {}
    for each in fields:
        old = getattr(value, each, None)  # one that is not set yet is not set in the other
        if type(old) not in _PLAIN and (new := _apart(old)) is not old:
            changed[each] = new
    if not changed and _is_frozen(value):
        return value
    put: Callable[[Any, str, object], None] = object.__setattr__
    other = copy(value)
    if isinstance(value, msgspec.Struct):
        put = msgspec.structs.force_setattr
        beside: dict[str, object] = getattr(value, "__dict__", {})
        for each, old in beside.items():
            setattr(other, each, _apart(old))
    for each, new in changed.items():
        put(other, each, new)
    return other


def _is_frozen(value: Any) -> bool:
    if isinstance(value, msgspec.Struct):
        return value.__struct_config__.frozen
    parameters: Any = getattr(value, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)
