"""What msgspec lets pass and a contract does not: a quick check of values that msgspec accepted.

Unknown fields of the user's own types, which need not forbid them, and decimal numbers that are not
finite. The check is compiled once for a type, and for many there is nothing to check: an event is
strict by its declaration. It only says that something is wrong; `json_faults` says what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from msgspec import inspect as mi

from spindle._core.decoding.json_value import is_array, is_object, tag_of, unsound
from spindle._core.decoding.shapes import Anything, Choice, Fixed, Keyed, Leaf, Many, Record, Shape

__all__ = ["Check", "Strictness"]

Check: TypeAlias = Callable[[object], bool]
"""Takes a JSON value that msgspec has accepted; True means that something is wrong with it."""


class _Part(NamedTuple):
    name: str
    position: int
    check: Check


class Strictness:
    """What has to be checked of one type."""

    def __init__(self, root: Record) -> None:
        self._records: dict[int, Check] = {}
        self._within: set[int] = set()
        self.bottomless = False
        """Whether values of the type can be nested without end."""
        self.check: Check | None = self._check(root)

    def _check(self, shape: Shape) -> Check | None:
        match shape:
            case Leaf(mi.DecimalType()):
                return _unsound
            case Leaf():
                return None
            case Anything():
                self.bottomless = True
                return None
            case Record():
                return self._record(shape)
            case Many(item=item):
                return _each(self._check(item))
            case Fixed(items):
                parts = [
                    _Part("", index, check)
                    for index, item in enumerate(items)
                    if (check := self._check(item))
                ]
                return _array_check(parts, None) if parts else None
            case Keyed(key=key, value=value):
                return _pairs(self._key(key), self._check(value))
            case _:
                return self._choice(shape)

    def _record(self, record: Record) -> Check | None:
        known = self._records.get(id(record))
        if known is not None:
            self.bottomless |= id(record) in self._within
            return known
        parts: list[_Part] = []
        offset = record.positional and record.tag is not None
        check = self._records[id(record)] = _record_check(record, parts, offset)
        self._within.add(id(record))
        for index, field in enumerate(record.fields, offset):
            inner = self._check(field.shape)
            if inner is not None:
                parts.append(_Part(field.encoded, index, inner))
        self._within.remove(id(record))
        return check if parts or not record.closed else None

    def _key(self, key: Shape) -> Check | None:
        is_float = isinstance(key, Leaf) and isinstance(key.node, mi.FloatType)
        return _unsound if is_float else self._check(key)

    def _choice(self, choice: Choice) -> Check | None:
        records = {record.tag: self._record(record) for record in choice.records}
        others = [self._check(leaf) for leaf in choice.leaves]
        others += [self._check(each) for each in (choice.sequence, choice.keyed) if each]
        checks = [check for check in others if check]
        if any(records.values()):
            checks.append(_by_tag(records, choice.records[0].tag_field))
        return _any_of(checks) if checks else None


def _record_check(record: Record, parts: list[_Part], offset: int) -> Check:
    if record.positional:
        return _array_check(parts, None if record.closed else offset + len(record.fields))
    names = {field.encoded for field in record.fields}
    names |= {record.tag_field} if record.tag_field else set()
    return _object_check(parts, None if record.closed else frozenset(names))


def _object_check(parts: list[_Part], names: frozenset[str] | None) -> Check:
    def check(value: object) -> bool:
        if not is_object(value):
            return False
        if names is not None and not value.keys() <= names:
            return True
        return any(part.name in value and part.check(value[part.name]) for part in parts)

    return check


def _array_check(parts: list[_Part], most: int | None) -> Check:
    def check(value: object) -> bool:
        if not is_array(value):
            return False
        if most is not None and len(value) > most:
            return True
        given = [part for part in parts if part.position < len(value)]
        return any(part.check(value[part.position]) for part in given)

    return check


def _each(item: Check | None) -> Check | None:
    if item is None:
        return None
    return lambda value: is_array(value) and any(map(item, value))


def _pairs(key: Check | None, item: Check | None) -> Check | None:
    if key is None and item is None:
        return None

    def check(value: object) -> bool:
        return is_object(value) and (
            (key is not None and any(map(key, value)))
            or (item is not None and any(map(item, value.values())))
        )

    return check


def _by_tag(records: dict[str | int | None, Check | None], tag_field: str | None) -> Check:
    if len(records) == 1:
        return next(check for check in records.values() if check)

    def check(value: object) -> bool:
        tag = tag_of(value, tag_field)
        inner = records.get(tag) if isinstance(tag, (str, int)) else None
        return inner is not None and inner(value)

    return check


def _any_of(checks: Iterable[Check]) -> Check:
    alternatives = tuple(checks)
    return lambda value: any(check(value) for check in alternatives)


def _unsound(value: object) -> bool:
    return unsound(Decimal(value) if isinstance(value, str) else value)
