"""Values as Python source, so that what a search has found can be pasted into a test.

The names that a source uses are those of `names_in`: pairs of a module and what to import from it,
as in `from module import name`. A class that stands in others is written from the innermost of them
that its module has a name for: `Checkout.AskShipping(...)` after `Checkout = Store.Checkout`, else
`Store.Checkout.AskShipping(...)`. What stands in a function has its name, and cannot be imported.
Two things of one name, from two modules, are not told apart.
"""

from __future__ import annotations

import datetime as clock
import sys
from collections import deque
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum, Flag
from fractions import Fraction
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from spindle._core.names import name_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["as_source", "names_in"]

_LONGEST: Final = 10_000
"""How many characters of a `repr` are taken where there is no other source."""


def as_source(value: object) -> str:
    """Write an expression that makes an equal value.

    Messages, structs, dataclasses, named tuples and errors are written as calls; enums, classes and
    functions by their names; containers, numbers, texts, dates, times and identifiers as literals
    or calls. Of anything else, and of what contains itself, it is the `repr`, which need not be an
    expression; it never fails.
    """
    return _Source().of(value)


def names_in(value: object) -> list[tuple[str, str]]:
    """Name what the source of `value` needs: pairs of a module and a name in it, in order."""
    source = _Source()
    source.of(value)
    return sorted(source.names)


class _Source:
    """Writes values, and keeps the names that this takes."""

    def __init__(self) -> None:
        self.names: set[tuple[str, str]] = set()

    def of(self, value: object) -> str:
        """Write a value; its `repr` if it has no end."""
        try:
            return self.part(value)
        except RecursionError:
            return shown(value, _LONGEST)

    def part(self, value: object) -> str:
        """Write a value that stands in another one; its `repr` if its own methods fail."""
        try:
            return self._written(value)
        except (KeyboardInterrupt, RecursionError):
            raise
        except BaseException:  # noqa: ASYNC103 - no method of an async function
            return shown(value, _LONGEST)  # noqa: ASYNC104

    def _written(self, value: object) -> str:
        write = _WRITERS.get(type(value))
        if write is not None:
            return write(self, value)
        if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
            return self._name(value)
        if isinstance(value, Enum):
            return self._member(value)
        parts = _parts_of(value)
        return repr(value) if parts is None else self._call(type(value), *parts)

    def _call(
        self, kind: type, args: Iterable[object] = (), keywords: Mapping[str, object] | None = None
    ) -> str:
        given = [self.part(each) for each in args]
        given += [f"{key}={self.part(each)}" for key, each in (keywords or {}).items()]
        return f"{self._name(kind)}({', '.join(given)})"

    def _name(self, known: type | FunctionType | BuiltinFunctionType) -> str:
        module, path = known.__module__, known.__qualname__.split(".")
        if module == "builtins":
            return known.__qualname__
        for start in range(len(path) - 1, -1, -1):
            if _found(module, path[start:]) is known:
                self.names.add((module, path[start]))
                return ".".join(path[start:])
        return name_of(known)

    def _member(self, value: Enum) -> str:
        kind = type(value)
        if value.name in kind.__members__:
            return f"{self._name(kind)}.{value.name}"
        if isinstance(value, Flag) and list(value):
            return " | ".join(self._member(each) for each in value)
        return f"{self._name(kind)}({value.value!r})"

    def listed(self, values: Iterable[object]) -> str:
        return ", ".join(map(self.part, values))

    def set_of(self, value: object) -> str:
        # In the order of their sources: that of a set is another one in each process.
        items = ", ".join(sorted(map(self.part, cast("set[object]", value))))
        if type(value) is set:
            return f"{{{items}}}" if items else "set()"
        return f"frozenset({{{items}}})" if items else "frozenset()"

    def tuple_of(self, value: object) -> str:
        items = cast("tuple[object, ...]", value)
        return f"({self.listed(items)},)" if len(items) == 1 else f"({self.listed(items)})"

    def dict_of(self, value: object) -> str:
        items = cast("dict[object, object]", value).items()
        return f"{{{', '.join(f'{self.part(k)}: {self.part(v)}' for k, v in items)}}}"

    def deque_of(self, value: object) -> str:
        items = cast("deque[object]", value)
        return self._call(deque, [list(items), *([] if items.maxlen is None else [items.maxlen])])

    def moment_of(self, value: object) -> str:
        at = cast("clock.datetime | clock.time", value)
        parts = ("hour", "minute", "second", "microsecond")
        args = [getattr(at, part) for part in parts]
        while args and not args[-1]:
            args.pop()
        if isinstance(at, clock.datetime):
            args = [at.year, at.month, at.day, *args]
        zone = {} if at.tzinfo is None else {"tzinfo": at.tzinfo}
        return self._call(type(at), args, zone | ({"fold": 1} if at.fold else {}))

    def span_of(self, value: object) -> str:
        span = cast("clock.timedelta", value)
        parts = {part: getattr(span, part) for part in ("days", "seconds", "microseconds")}
        return self._call(clock.timedelta, (), {key: parts[key] for key in parts if parts[key]})

    def zone_of(self, value: object) -> str:
        if value is clock.UTC:
            self.names.add(("datetime", "UTC"))
            return "UTC"
        zone = cast("clock.timezone", value)
        offset, name = zone.utcoffset(None), zone.tzname(None)
        plain = clock.timezone(offset).tzname(None) == name
        return self._call(clock.timezone, (offset,) if plain else (offset, name))

    def unset(self, value: object) -> str:
        self.names.add(("msgspec", "UNSET"))
        return "UNSET"

    def called_with(self, args: Callable[[Any], Iterable[object]], value: object) -> str:
        return self._call(type(value), args(value))


def _found(module: str, path: list[str]) -> object:
    """What a module has under a dotted name, if it has that; nothing of it is run."""
    found: object = sys.modules.get(module)
    for name in path:
        found = getattr(found, "__dict__", {}).get(name)
    return found


def _parts_of(value: object) -> tuple[Iterable[object], Mapping[str, object]] | None:
    """What a value is made of, by position and by name; None if that is not known."""
    kind = type(value)
    if isinstance(value, msgspec.Struct):
        return (), {name: getattr(value, name) for name in value.__struct_fields__}
    if is_dataclass(value):
        return (), {each.name: getattr(value, each.name) for each in fields(value) if each.init}
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return (), cast("Any", value)._asdict()
    if isinstance(value, BaseException) and not _is_made_otherwise(kind):
        return value.args, {}
    return None


def _is_made_otherwise(kind: type) -> bool:
    """Whether an error takes other arguments than those it keeps."""
    own = [vars(base) for base in kind.__mro__ if base.__module__ != "builtins"]
    return any("__init__" in members or "__new__" in members for members in own)


def _text(source: _Source, value: object) -> str:
    text = repr(value)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text


def _float(source: _Source, value: object) -> str:
    text = repr(value)
    return text if text[-1].isdigit() else f'float("{text}")'


def _plain(source: _Source, value: object) -> str:
    return repr(value)


def _by(args: Callable[[Any], Iterable[object]]) -> Callable[[_Source, object], str]:
    return lambda source, value: source.called_with(args, value)


_WRITERS: Final[dict[type, Callable[[_Source, object], str]]] = {
    **dict.fromkeys((type(None), bool, int, complex, bytes, range), _plain),
    type(...): lambda source, value: "...",
    str: _text,
    float: _float,
    list: lambda source, value: f"[{source.listed(cast('list[object]', value))}]",
    tuple: _Source.tuple_of,
    set: _Source.set_of,
    frozenset: _Source.set_of,
    dict: _Source.dict_of,
    deque: _Source.deque_of,
    bytearray: _by(lambda value: (bytes(value),)),
    Decimal: _by(lambda value: (str(value),)),
    Fraction: _by(lambda value: (value.numerator, value.denominator)),
    UUID: _by(lambda value: (str(value),)),
    ZoneInfo: _by(lambda value: (value.key,)),
    clock.date: _by(lambda value: (value.year, value.month, value.day)),
    clock.datetime: _Source.moment_of,
    clock.time: _Source.moment_of,
    clock.timedelta: _Source.span_of,
    clock.timezone: _Source.zone_of,
    type(msgspec.UNSET): _Source.unset,
}
