"""Whether a value is of the type that was declared for it, as far as that can be seen at run time.

Type checkers see all of it. This is for those who run none, and for where checkers cannot see: so
whatever is not plainly wrong is right. Types that cannot be looked up (behind `TYPE_CHECKING`, or
in a function), protocols, type variables, descriptors, mocks and whatever derives from `Any` are
taken for right.
"""

from __future__ import annotations

import re
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from inspect import getattr_static
from itertools import islice
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    NewType,
    Union,
    Unpack,
    cast,
    get_args,
    get_origin,
    is_typeddict,
)

import msgspec
import typing_extensions

from spindle._core.names import name_of, shown
from spindle.testing.declared import hints_of, returned

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Misfit", "misfit", "misfit_returned"]

_MOST: Final = 1_000
"""How many parts of a value are looked at, in all."""

_WIDER: Final[Mapping[object, tuple[type, ...]]] = {
    float: (float, int),
    complex: (complex, float, int),
    bytes: (bytes, bytearray, memoryview),
    None: (type(None),),
}
"""What type checkers take for these, too."""

_CONTAINERS: Final = (list, tuple, set, frozenset, deque)
_PYTHONS_OWN: Final = ("builtins", "collections", "collections.abc")
_FOR_CHECKERS: Final = ("typing", "typing_extensions")
"""Where classes are that nothing is an instance of, such as `TextIO`."""
_UNPACKED: Final = (Unpack, typing_extensions.Unpack)
_MOCKS: Final = ("unittest.mock", "mock", "mock.mock")


class Misfit(NamedTuple):
    """A part of a value that is not of the type that was declared for it."""

    path: str
    """Where it stands: `[0].price`; empty if it is the value itself."""
    came: str
    wanted: str


def misfit(value: object, hint: object) -> Misfit | None:
    """The first part of a value that does not fit a type."""
    try:
        return None if _is_plainly_of(value, hint) else next(_Search().in_(value, hint), None)
    except Exception:
        return None  # of the values' own methods, or of types that cannot be asked


def misfit_returned(fn: Callable[..., object], value: object) -> tuple[Misfit, str] | None:
    """The first part that does not fit what an async function returns, and what that is."""
    hint, written = returned(fn)
    found = misfit(value, hint)
    return None if found is None else (found, _name_of_type(written))


def _is_plainly_of(value: object, hint: Any) -> bool:
    """Most values are seen to fit by this; a step of a transcript takes a few microseconds."""
    kind: type = type(value)
    if kind is not hint:
        return False
    plain = _plain_fields(kind)
    return plain is not None and all(type(getattr(value, name)) is of for name, of in plain)


@lru_cache(maxsize=256)
def _plain_fields(kind: type) -> tuple[tuple[str, type], ...] | None:
    """The fields of a class with their classes; None if there is more to them than those."""
    if is_dataclass(kind):
        return None
    if not issubclass(kind, msgspec.Struct):
        return ()
    hints = hints_of(kind)
    found = [(each, hints.get(each)) for each in kind.__struct_fields__]
    plain = [(name, of) for name, of in found if isinstance(of, type) and _plain_fields(of) == ()]
    return tuple(plain) if len(plain) == len(found) else None


def _name_of_type(hint: object) -> str:
    if isinstance(hint, str):
        return hint
    if isinstance(hint, type) and not get_args(hint):
        return "None" if hint is type(None) else name_of(hint)
    return re.sub(r"[\w.]*<locals>\.|(?:\w+\.)+(?=\w)", "", repr(hint))


class _Search:
    """For what does not fit in one value; what is too far on in it is taken for right."""

    def __init__(self) -> None:
        self._left = _MOST

    def in_(self, value: object, hint: object) -> Iterator[Misfit]:
        """Find what does not fit a type, here or below."""
        origin = get_origin(hint)
        if origin is Annotated or isinstance(hint, NewType):
            inner = (
                get_args(hint)[0] if origin is Annotated else cast("NewType", hint).__supertype__
            )
            yield from self.in_(value, inner)
        elif origin in (Union, types.UnionType):
            if all(next(self.in_(value, each), None) for each in get_args(hint)):
                yield Misfit("", shown(value), _name_of_type(hint))
        elif not _is_of(value, hint, origin):
            yield Misfit("", shown(value), _name_of_type(hint))
        elif origin is None:
            yield from self._in_fields(value)
        elif getattr(origin, "__module__", None) in _PYTHONS_OWN:
            yield from self._in_elements(value, origin, get_args(hint))

    def _below(self, path: str, value: object, hint: object) -> Iterator[Misfit]:
        self._left -= 1
        if self._left >= 0:
            for found in self.in_(value, hint):
                yield found._replace(path=path + found.path)

    def _in_fields(self, value: object) -> Iterator[Misfit]:
        """In the fields of a struct or dataclass, but for those that have their defaults."""
        kind: type = type(value)
        hints = _plain_hints(kind)
        for name, default in _fields_of(value):
            if name in hints:
                part: object = getattr(value, name, default)
                if part is not default:
                    yield from self._below(f".{name}", part, hints[name])

    def _in_elements(
        self, value: object, origin: object, args: tuple[object, ...]
    ) -> Iterator[Misfit]:
        """In the elements of one of Python's containers; nothing is known of those derived."""
        kind: type = type(value)
        if origin is tuple and args[-1:] != (...,):
            if kind is tuple and args and not any(map(_is_unpacked, args)):
                yield from self._in_tuple(cast("tuple[object, ...]", value), args)
        elif isinstance(value, dict) and kind.__module__ in _PYTHONS_OWN and len(args) == 2:
            for key, each in islice(cast("dict[object, object]", value).items(), self._left):
                yield from self._below(f"the key {shown(key)}", key, args[0])
                yield from self._below(f"[{shown(key)}]", each, args[1])
        elif kind in _CONTAINERS and args:
            elements = cast("Iterable[object]", value)
            for at, each in enumerate(islice(elements, self._left)):
                where = "an element" if kind in (set, frozenset) else f"[{at}]"
                yield from self._below(where, each, args[0])

    def _in_tuple(self, parts: tuple[object, ...], hints: tuple[object, ...]) -> Iterator[Misfit]:
        if len(hints) != len(parts):
            yield Misfit("", shown(parts), f"tuple of {len(hints)}")
        for at, (each, hint) in enumerate(zip(parts, hints, strict=False)):
            yield from self._below(f"[{at}]", each, hint)


def _is_of(value: object, hint: object, origin: object) -> bool:
    """Whether it is of a type, as far as its class goes."""
    kind = hint if origin is None else origin
    if origin is Literal:
        fits = value in get_args(hint)
    elif kind in _WIDER:
        fits = isinstance(value, _WIDER[kind])
    elif kind is Any or not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return True
    elif is_typeddict(kind):
        fits = isinstance(value, dict)
    elif kind is type:
        fits = isinstance(value, type) or get_origin(value) is not None
    else:
        fits = isinstance(value, kind) or kind.__module__ in _FOR_CHECKERS
    return fits or _is_of_any_type(type(value)) or _is_twin(type(value), kind)


def _is_of_any_type(kind: type) -> bool:
    """Whether type checkers take its instances for whatever is wanted."""
    return any(each is Any or each.__module__ in _MOCKS for each in kind.__mro__)


def _is_twin(kind: type, wanted: object) -> bool:
    """Whether it is the class that is wanted, from a module that was loaded twice."""
    home, name = getattr(wanted, "__module__", None), getattr(wanted, "__qualname__", None)
    return any(each.__module__ == home and each.__qualname__ == name for each in kind.__mro__)


def _is_unpacked(hint: object) -> bool:
    return getattr(hint, "__unpacked__", False) or get_origin(hint) in _UNPACKED


@lru_cache(maxsize=256)
def _plain_hints(kind: type) -> Mapping[str, object]:
    """The types of those fields of a class that decide what is in them."""
    found = hints_of(kind).items()
    return {name: hint for name, hint in found if not _is_described(kind, name, hint)}


def _is_described(kind: type, name: str, hint: object) -> bool:
    """Whether a descriptor decides what a field has, and not its type."""
    if hasattr(hint, "__get__") or hasattr(hint, "__set__"):
        return True
    found: object = getattr_static(kind, name, None)
    return hasattr(found, "__get__") and not isinstance(found, types.MemberDescriptorType)


def _fields_of(value: object) -> Iterable[tuple[str, object]]:
    """The names of fields, with their defaults."""
    if isinstance(value, msgspec.Struct):
        names, ends = value.__struct_fields__, value.__struct_defaults__
        return zip(names, (*[MISSING] * (len(names) - len(ends)), *ends), strict=True)
    if is_dataclass(value) and not isinstance(value, type):
        return [(each.name, each.default) for each in fields(value)]
    return ()
