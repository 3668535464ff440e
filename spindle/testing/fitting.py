"""Whether a value is of the type that was declared for it, as far as that can be seen at run time.

Type checkers see all of it. This is for those who run none, and for where checkers cannot see: so
whatever is not plainly wrong is right. Types that cannot be looked up (behind `TYPE_CHECKING`, or
in a function), protocols, type variables and mocks are taken for right.
"""

from __future__ import annotations

import re
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from inspect import iscoroutinefunction
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
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import msgspec

from spindle._core.names import name_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Misfit", "misfit", "misfit_returned"]

_MOST: Final = 1_000
"""How many elements of a container are looked at."""

_WIDER: Final[Mapping[object, tuple[type, ...]]] = {
    float: (float, int),
    complex: (complex, float, int),
    bytes: (bytes, bytearray, memoryview),
    None: (type(None),),
}
"""What type checkers take for these, too."""

_CONTAINERS: Final = (list, tuple, set, frozenset, deque)
_PYTHONS_OWN: Final = ("builtins", "collections", "collections.abc")


class Misfit(NamedTuple):
    """A part of a value that is not of the type that was declared for it."""

    path: str
    """Where it stands: `[0].price`; empty if it is the value itself."""
    came: str
    wanted: str


def misfit(value: object, hint: object) -> Misfit | None:
    """The first part of a value that does not fit a type."""
    try:
        return None if _is_plainly_of(value, hint) else next(_misfits(value, hint), None)
    except Exception:
        return None  # of the values' own methods, or of types that cannot be asked


def misfit_returned(fn: Callable[..., object], value: object) -> tuple[Misfit, str] | None:
    """The first part that does not fit what an async function returns, and what that is."""
    hint, written = _returned(fn)
    found = misfit(value, hint)
    return None if found is None else (found, written)


@lru_cache(maxsize=256)
def _returned(fn: Callable[..., object]) -> tuple[object, str]:
    """What an async function declares that it returns, and as what that is written."""
    given = getattr(fn, "__annotations__", {})
    if "return" not in given or not iscoroutinefunction(fn) or hasattr(fn, "__wrapped__"):
        return Any, ""
    alone = types.SimpleNamespace(__annotations__={"return": given["return"]})
    try:
        hint = get_type_hints(alone, getattr(fn, "__globals__", {}))["return"]
    except Exception:
        return Any, ""
    return hint, _name_of_type(given["return"])


@lru_cache(maxsize=256)
def _hints_of(kind: type) -> Mapping[str, object]:
    """The types of a class's fields; none if they cannot be looked up."""
    try:
        return get_type_hints(kind)
    except Exception:
        return {}


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
    hints = _hints_of(kind)
    found = [(each, hints.get(each)) for each in kind.__struct_fields__]
    plain = [(name, of) for name, of in found if isinstance(of, type) and _plain_fields(of) == ()]
    return tuple(plain) if len(plain) == len(found) else None


def _name_of_type(hint: object) -> str:
    if isinstance(hint, str):
        return hint
    if isinstance(hint, type) and not get_args(hint):
        return "None" if hint is type(None) else name_of(hint)
    return re.sub(r"[\w.]*<locals>\.|(?:\w+\.)+(?=\w)", "", repr(hint))


def _misfits(value: object, hint: object) -> Iterator[Misfit]:
    origin = get_origin(hint)
    if origin is Annotated or isinstance(hint, NewType):
        inner = get_args(hint)[0] if origin is Annotated else cast("NewType", hint).__supertype__
        yield from _misfits(value, inner)
    elif origin in (Union, types.UnionType):
        if all(next(_misfits(value, each), None) for each in get_args(hint)):
            yield Misfit("", shown(value), _name_of_type(hint))
    elif origin is Literal:
        if value not in get_args(hint):
            yield Misfit("", shown(value), _name_of_type(hint))
    elif not _is_of(value, hint if origin is None else origin):
        yield Misfit("", shown(value), _name_of_type(hint))
    elif origin is None:
        yield from _in_fields(value)
    elif getattr(origin, "__module__", None) in _PYTHONS_OWN:
        yield from _in_elements(value, origin, get_args(hint))


def _is_of(value: object, kind: object) -> bool:
    if kind in _WIDER:
        return isinstance(value, _WIDER[kind]) or _is_mock(value)
    if kind is Any or not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return True
    if is_typeddict(kind):
        return isinstance(value, dict)
    return isinstance(value, kind) or _is_mock(value)


def _is_mock(value: object) -> bool:
    return any(each.__module__ == "unittest.mock" for each in type(value).__mro__)


def _in_fields(value: object) -> Iterator[Misfit]:
    """In the fields of a struct or dataclass, but for those that have their defaults."""
    kind: type = type(value)
    hints = _hints_of(kind)
    for name, default in _fields_of(value):
        part: object = getattr(value, name, default)
        if name in hints and part is not default:
            yield from _below(f".{name}", part, hints[name])


def _fields_of(value: object) -> Iterable[tuple[str, object]]:
    """The names of fields, with their defaults."""
    if isinstance(value, msgspec.Struct):
        names, ends = value.__struct_fields__, value.__struct_defaults__
        return zip(names, (*[MISSING] * (len(names) - len(ends)), *ends), strict=True)
    if is_dataclass(value) and not isinstance(value, type):
        return [(each.name, each.default) for each in fields(value)]
    return ()


def _in_elements(value: object, origin: object, args: tuple[object, ...]) -> Iterator[Misfit]:
    """In the elements of one of Python's containers."""
    kind: type = type(value)
    if origin is tuple and args[-1:] != (...,):
        parts = cast("tuple[object, ...]", value)
        if len(args) != len(parts):
            yield Misfit("", shown(value), f"tuple of {len(args)}")
        for at, (each, hint) in enumerate(zip(parts, args, strict=False)):
            yield from _below(f"[{at}]", each, hint)
    elif isinstance(value, dict) and len(args) == 2:
        for key, each in islice(cast("dict[object, object]", value).items(), _MOST):
            yield from _below(f"the key {shown(key)}", key, args[0])
            yield from _below(f"[{shown(key)}]", each, args[1])
    elif kind in _CONTAINERS and args:
        elements = cast("Iterable[object]", value)
        for at, each in enumerate(islice(elements, _MOST)):
            where = "an element" if kind in (set, frozenset) else f"[{at}]"
            yield from _below(where, each, args[0])


def _below(path: str, value: object, hint: object) -> Iterator[Misfit]:
    for found in _misfits(value, hint):
        yield found._replace(path=path + found.path)
