"""Whether a value is what is read back of it from a log, to its type, zone and last part.

And to what it has beside its fields, which no log keeps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from enum import Enum
from functools import cached_property
from typing import Any, Final, NamedTuple, cast

from spindle._core.fields import PLAIN, attributes_of, fields_of_value
from spindle._core.replay.kept import faithful

__all__ = ["NOTHING", "Difference", "difference"]

_CONTAINERS: Final = (list, tuple, set, frozenset, dict, deque)
_SIMPLE: Final = (*PLAIN, bytearray, Enum)
_DEPTH: Final = 8
"""How deep containers are looked into that are beside the fields."""


class _Nothing:
    """Is read back of what is not kept."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = _Nothing()


class Difference(NamedTuple):
    """Where a value is not what is read back of it."""

    at: str
    """How one comes to it: `.lines[0].price`; empty if it is the value itself."""
    value: object
    found: object
    beside: type | None = None
    """The class that has no such field, and sets it all the same."""

    def within(self, step: str) -> Difference:
        """The same, seen from one step outside."""
        return self._replace(at=step + self.at)


def difference(value: Any, found: Any) -> Difference | None:
    """The first difference; None if there is none. A log in JSON has another order of keys.

    Args:
        value: what was written.
        found: what was read, which says the same.
    """
    if type(value) is not type(found):
        return Difference("", value, found)
    if isinstance(value, (list, tuple)):
        return _in_items(cast("Sequence[object]", value), found)
    if isinstance(value, Mapping):
        return _in_pairs(cast("Mapping[object, object]", value), found)
    if isinstance(value, (set, frozenset)):
        return _in_members(cast("Collection[object]", value), found)
    if isinstance(value, (datetime, time)):
        same = _zone_of(value) == _zone_of(found)
        return None if same else Difference("", cast("object", value), found)
    fields = () if type(value) in PLAIN else fields_of_value(value) or ()
    for each in fields:
        deeper = difference(getattr(value, each), getattr(found, each))
        if deeper is not None:
            return deeper.within(f".{each}")
    return _beside(fields, value, found) if fields else None


def _beside(fields: Sequence[str], value: object, found: object) -> Difference | None:
    """What is beside the fields and not made anew as it was.

    Numbers, texts and containers of such are compared, and no objects: these may be locks, or
    point to what holds them.
    """
    given, others = attributes_of(value), attributes_of(found)
    for name in [each for each in given if each not in fields]:
        made_once_asked = isinstance(getattr(type(value), name, None), cached_property)
        if made_once_asked or not _is_data(given[name], _DEPTH):
            continue
        other = others.get(name, NOTHING)
        if not faithful(given[name], other):
            return Difference(f".{name}", given[name], other, type(value))
    return None


def _is_data(value: object, depth: int) -> bool:
    if isinstance(value, _SIMPLE):
        return True
    if not depth or not isinstance(value, _CONTAINERS):
        return False
    parts = list(cast("Collection[object]", value))
    if isinstance(value, dict):
        parts += cast("dict[object, object]", value).values()
    return all(_is_data(each, depth - 1) for each in parts)


def _zone_of(value: datetime | time) -> object:
    return value.tzinfo is None, value.tzname(), value.utcoffset(), value.fold


def _in_items(values: Sequence[object], found: Sequence[object]) -> Difference | None:
    for place, (value, other) in enumerate(zip(values, found, strict=True)):
        deeper = difference(value, other)
        if deeper is not None:
            return deeper.within(f"[{place}]")
    return None


def _in_pairs(values: Mapping[object, object], found: Mapping[object, object]) -> Difference | None:
    members = _in_members(values, found)
    if members is not None:
        return members
    if list(values) != list(found):
        return Difference("", values, found)
    for key, value in values.items():
        deeper = difference(value, found[key])
        if deeper is not None:
            return deeper.within(f"[{key!r}]")
    return None


def _in_members(values: Collection[object], found: Collection[object]) -> Difference | None:
    others = {each: each for each in found}
    for value in values:
        deeper = difference(value, others[value])
        if deeper is not None:
            return deeper
    return None
