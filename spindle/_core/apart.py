"""Values that share nothing which can be changed with those that they were made of."""

from __future__ import annotations

import dataclasses
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from copy import copy
from datetime import tzinfo
from enum import Enum
from functools import lru_cache
from itertools import chain
from operator import is_
from types import GenericAlias, MemberDescriptorType
from typing import Any, Final, TypeVar, cast

import msgspec
from msgspec import UnsetType

from spindle._core.fields import PLAIN, attributes_of, fields_of_value, is_frozen
from spindle._core.operations.port import Call

__all__ = ["apart", "call_apart"]

T = TypeVar("T")

_FIXED: Final = (
    *(*PLAIN, Enum, type, range, tzinfo, GenericAlias),
    *(msgspec.Raw, msgspec.msgpack.Ext, UnsetType),
)
"""Of these and of classes made of them."""
_FIXED_IN: Final = frozenset(
    {"fractions", "ipaddress", "pathlib", "pathlib._local", "re", "typing"}
)
"""And whatever stands in these modules."""
_PAIRS: Final = frozenset({dict, defaultdict, OrderedDict, Counter})
_FIXED_ITEMS: Final = frozenset({tuple, frozenset})
_ITEMS: Final = frozenset({list, tuple, deque, set, frozenset, bytearray})
"""Containers of classes made of these may do something else when they are filled."""
_IDENTITY: Final[object] = object.__eq__
_struct: Final[Any] = msgspec.Struct
_struct_copy: Final[Any] = _struct.__copy__
_new: Final[Any] = object.__new__
_new_tuple: Final[Any] = vars(tuple)["__new__"]
_parts_of_tuple: Final[Any] = vars(tuple)["__iter__"]


class _NoValueError(Exception):
    """It is known by what it is, and not by what it holds: a lock, a channel, a connection."""


def apart(value: T) -> T:
    """A value like it, which who is given it may change: whoever has the first does not see that.

    Lists, dictionaries and other containers are made anew, and so are structs, dataclasses and
    objects of attrs that can be changed, if they hold nothing but values. One that holds a lock,
    has `__del__`, or is no struct and compared by identity, is no value, and handed on as it is. So
    are containers of classes of one's own, and what is nested too deep to be walked through. What
    is one and the same in several places is so in the other, too. None of their code is run, but
    for how keys and members compare.
    """
    return value if _is_plain(value) else cast("T", _Copies().whole(value))


def call_apart(call: Call[Any]) -> Call[Any]:
    """A call whose function may change what it is given; the call itself if that cannot be.

    Of arguments that hold something in common the new ones do so, too.
    """
    args, keywords = call.args, call.keywords
    if _all_plain(args) and (not keywords or _all_plain(keywords.values())):
        return call
    copies = _Copies()
    made = tuple(map(copies.whole, args))
    named = {each: copies.whole(of) for each, of in keywords.items()}
    if all(map(is_, made, args)) and all(map(is_, named.values(), keywords.values())):
        return call
    other = Call[Any](call.name, call.fn, made, named, call.repeat, call.given)
    other.keyed = getattr(call, "keyed", None)
    return other


def _takes_more(kind: Any) -> bool:
    """Whether something may be set on it all the same: a class that is made of a frozen one."""
    return dataclasses.is_dataclass(kind) and "__dataclass_params__" not in vars(kind)


def _is_plain(value: object) -> bool:
    """Whether it is seen at once that nobody can change it, as of most messages."""
    kind = cast("Any", type(value))
    try:
        if issubclass(kind, msgspec.Struct):
            config = kind.__struct_config__
            fixed = config.frozen and not config.dict
            return fixed and _all_plain(msgspec.structs.astuple(cast("msgspec.Struct", value)))
        return kind in PLAIN
    except (AttributeError, TypeError):  # a field is not set, or the class cannot be hashed
        return False


def _all_plain(values: Collection[object]) -> bool:
    """Whether they are plain, or tuples of what is, such as places on a board."""
    try:
        kinds = set(map(type, values))
        if tuple in kinds:
            tuples = cast(
                "list[tuple[object, ...]]", [each for each in values if type(each) is tuple]
            )
            kinds.remove(tuple)
            kinds.update(map(type, chain.from_iterable(tuples)))
        return kinds <= PLAIN
    except TypeError:  # of a class that cannot be hashed
        return False


class _Copies:
    """What was made anew of the parts of one value, each once.

    The parts of containers are made anew one by one, and what is no value among them is handed on.
    Those of an object with fields have to be values all of them: that is `strict`.
    """

    def __init__(self) -> None:
        self._made: dict[int, object] = {}
        """By what they were made of, which lives as long as the whole does."""
        self._mixed: set[int] = set()
        """Containers that hold what is no value."""
        self._refused: set[int] = set()
        """Objects that are none."""
        self._handed_on = 0
        """How often something was handed on that is no value."""

    def whole(self, value: Any) -> Any:
        """See `apart`."""
        made_before = len(self._made)
        try:
            return self._or_itself(value)
        except RecursionError:
            self._forget(made_before)
            return value

    def _or_itself(self, value: Any) -> Any:
        made_before = len(self._made)
        try:
            return value if type(value) in PLAIN else self._anew(value, strict=False)
        except RecursionError:
            raise
        except Exception:  # it is no value, or a metaclass raises anything
            self._forget(made_before)
            self._refused.add(id(value))
            self._handed_on += 1
            return value

    def _forget(self, made_before: int) -> None:
        while len(self._made) > made_before:
            self._made.popitem()

    def _value(self, value: Any) -> Any:
        return value if type(value) in PLAIN else self._anew(value, strict=True)

    def _anew(self, value: Any, *, strict: bool) -> Any:
        """A value like it.

        Raises:
            _NoValueError: it is none, nor one that holds some, and has to be: `strict`.
        """
        here = id(value)
        if here in self._made:
            if here in self._mixed:
                self._hand_on(strict=strict)
            return self._made[here]
        handed_on = self._handed_on
        made = self._made_of(value, cast("type[object]", type(value)), strict=strict)
        if self._handed_on > handed_on:
            self._mixed.add(here)
        return self._made.setdefault(here, made)  # it is there if it holds itself

    def _hand_on(self, *, strict: bool) -> None:
        if strict:
            raise _NoValueError
        self._handed_on += 1

    def _made_of(self, value: Any, kind: Any, *, strict: bool) -> Any:
        part = self._value if strict else self._or_itself
        if kind in _PAIRS:
            return self._pairs(value, part)
        if kind in _ITEMS:
            return self._items(value, kind, part)
        if issubclass(kind, tuple):
            return self._named(value)
        if not issubclass(kind, (Enum, BaseException)) and fields_of_value(value) is not None:
            return self._object(value, kind)
        if not issubclass(kind, _FIXED) and kind.__module__ not in _FIXED_IN:
            self._hand_on(strict=strict)
        return value

    def _pairs(self, pairs: Any, part: Callable[[Any], Any]) -> Any:
        other = self._made[id(pairs)] = copy(pairs)
        keys = list(pairs) if _all_plain(pairs) else list(map(part, pairs))
        same = all(map(is_, keys, pairs))
        if not same:
            other.clear()
        if not (same and _all_plain(pairs.values())):
            for key, of in zip(keys, pairs.values(), strict=True):
                other[key] = part(of)
        return other

    def _items(self, items: Any, kind: Any, part: Callable[[Any], Any]) -> Any:
        if kind in _FIXED_ITEMS:
            made = [] if _all_plain(items) else list(map(part, items))
            return items if all(map(is_, made, items)) else kind(made)
        other = self._made[id(items)] = copy(items)
        if kind is not bytearray and not _all_plain(items):
            other.clear()
            fill = other.update if kind is set else other.extend
            fill(list(map(part, items)))
        return other

    def _named(self, items: Any) -> Any:
        """Of a named tuple one of its class, if all that it holds are values."""
        if attributes_of(items):
            raise _NoValueError
        parts = list(_parts_of_tuple(items))
        made = list(map(self._value, parts))
        return items if all(map(is_, made, parts)) else _new_tuple(type(items), made)

    def _object(self, value: Any, kind: Any) -> Any:
        """A struct, dataclass or object of attrs, with what is set beside its fields, too."""
        if id(value) in self._refused or hasattr(kind, "__del__") or kind.__eq__ is _IDENTITY:
            raise _NoValueError
        slots, attributes, frozen = _slots(kind), attributes_of(value), is_frozen(kind)
        frozen = frozen and not _takes_more(kind)
        if frozen and not slots and _all_plain(attributes.values()):
            return value
        other = _with_the_same(value, kind, slots, attributes)
        if not frozen:
            self._made[id(value)] = other
        same = True
        for slot in slots:
            try:
                old = slot.__get__(value)
            except AttributeError:  # it is not set yet, nor in the other
                continue
            new = self._value(old)
            if new is not old:
                slot.__set__(other, new)
                same = False
        others = attributes_of(other)
        for name, old in attributes.items():
            new = old if name == "__orig_class__" else self._value(old)
            if new is not old:
                others[name] = new
                same = False
        return value if frozen and same else other


def _with_the_same(
    value: Any, kind: Any, slots: Iterable[MemberDescriptorType], attributes: dict[str, Any]
) -> Any:
    """A copy that holds all that it holds, so that it can be hashed before its parts are made."""
    if issubclass(kind, msgspec.Struct):
        other: Any = _struct_copy(value)
    else:
        other = _new(kind)
        for slot in slots:
            with suppress(AttributeError):
                slot.__set__(other, slot.__get__(value))
    attributes_of(other).update(attributes)
    return other


@lru_cache(1024)
def _slots(kind: Any) -> tuple[MemberDescriptorType, ...]:
    bases: tuple[type, ...] = kind.__mro__
    members = [each for base in bases for each in vars(base).values()]
    return tuple(each for each in members if isinstance(each, MemberDescriptorType))
