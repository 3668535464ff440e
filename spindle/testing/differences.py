"""Where two values differ, down to the fields that do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Final, cast

import msgspec

from spindle._core.names import bounded, kind_of, name_of, shown

__all__ = ["differences"]

MOST: Final = 20
"""How many differences are shown."""

_AROUND: Final = 20
"""How much of a long text is shown before the place where it differs."""

_SHORT: Final = 60
"""Texts up to this length are shown whole."""


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


_NOTHING: Final = _Nothing()


def differences(expected: object, came: object) -> list[str]:
    """Say where two values differ: a line for each part, `shipping.city: expected ..., came ...`.

    Structs and dataclasses are compared by their fields, sequences by position, mappings by key,
    sets by what one of them lacks; long texts are shown from where they differ. Empty if they are
    equal; never fails, whatever methods the values have, and shows a bounded number of lines.
    """
    try:
        found = list(islice(_between("", expected, came), MOST + 1))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: ASYNC103 - of the values' own methods
        return [_line("", expected, came)]  # noqa: ASYNC104
    return found if len(found) <= MOST else [*found[:MOST], "... and more"]


def _between(path: str, expected: object, came: object) -> Iterator[str]:
    if expected is came or expected == came:
        return
    parts = _parts(expected, came)
    if parts is None:
        yield _line(path, expected, came)
        return
    told = False
    for name, one, other in parts:
        for line in _between(path + name, one, other):
            told = True
            yield line
    if not told:  # equal in all its parts, but not as a whole
        yield _line(path, expected, came)


def _parts(expected: object, came: object) -> Iterator[tuple[str, object, object]] | None:
    if type(expected) is type(came):
        names = _fields_of(expected)
        if names is not None:
            return _of_fields(names, expected, came)
        if isinstance(expected, (list, tuple)):
            return _of_sequences(cast("list[object]", expected), cast("list[object]", came))
    if isinstance(expected, Mapping) and isinstance(came, Mapping):
        return _of_mappings(
            cast("Mapping[object, object]", expected), cast("Mapping[object, object]", came)
        )
    if isinstance(expected, AbstractSet) and isinstance(came, AbstractSet):
        return _of_sets(cast("AbstractSet[object]", expected), cast("AbstractSet[object]", came))
    return None


def _fields_of(value: object) -> tuple[str, ...] | None:
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    if is_dataclass(value):
        return tuple(each.name for each in fields(value) if each.compare)
    of_named_tuple: tuple[str, ...] | None = getattr(value, "_fields", None)
    return of_named_tuple if isinstance(value, tuple) else None


def _of_fields(
    names: tuple[str, ...], expected: object, came: object
) -> Iterator[tuple[str, object, object]]:
    for name in names:
        yield f".{name}", getattr(expected, name, _NOTHING), getattr(came, name, _NOTHING)


def _of_mappings(
    expected: Mapping[object, object], came: Mapping[object, object]
) -> Iterator[tuple[str, object, object]]:
    for key in [*expected, *(key for key in came if key not in expected)]:
        yield f"[{shown(key, 40)}]", expected.get(key, _NOTHING), came.get(key, _NOTHING)


def _of_sets(
    expected: AbstractSet[object], came: AbstractSet[object]
) -> Iterator[tuple[str, object, object]]:
    for each in sorted(expected - came, key=shown):
        yield "{}", each, _NOTHING
    for each in sorted(came - expected, key=shown):
        yield "{}", _NOTHING, each


def _of_sequences(
    expected: list[object], came: list[object]
) -> Iterator[tuple[str, object, object]]:
    for at in range(max(len(expected), len(came))):
        one = expected[at] if at < len(expected) else _NOTHING
        yield f"[{at}]", one, came[at] if at < len(came) else _NOTHING


def _line(path: str, expected: object, came: object) -> str:
    where = path.removeprefix(".") or "as a whole"
    if isinstance(expected, str) and isinstance(came, str):
        one, other = _texts(expected, came)
    else:
        one, other = shown(expected), shown(came)
        if one == other and type(expected) is not type(came):
            one, other = f"{one}, a {kind_of(expected)}", f"{other}, a {kind_of(came)}"
        elif one == other and isinstance(expected, type):
            one, other = name_of(expected), name_of(came)
    return f"{where}: expected {one}, came {other}"


def _texts(expected: str, came: str) -> tuple[str, str]:
    """Two texts; of long ones the part in which they begin to differ."""
    if max(len(expected), len(came)) <= _SHORT:
        return repr(expected), repr(came)
    same = next(
        (at for at, (one, other) in enumerate(zip(expected, came, strict=False)) if one != other),
        min(len(expected), len(came)),
    )
    start = max(same - _AROUND, 0)
    place = f" (from character {start})" if start else ""
    return bounded(expected[start:], _SHORT) + place, bounded(came[start:], _SHORT) + place
