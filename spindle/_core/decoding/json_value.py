"""Decoded JSON: what kind a value is, how deep it goes, whether its numbers are sound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeGuard

__all__ = ["LONGEST", "is_array", "is_object", "kind_of", "tag_of", "too_deep", "unsound"]

DEEPEST = 64
LONGEST = 400
"""Digits of a decimal number before its point, or zeros after it; a float has at most 324."""

_KINDS = ((bool, "bool"), (int, "int"), (float, "float"), (str, "str"), (type(None), "null"))


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Say whether the value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    """Say whether the value is a JSON array."""
    return isinstance(value, (list, tuple))


def kind_of(value: object) -> str:
    """Name the kind of a value the way msgspec does: object, array, str, int, ..."""
    if is_object(value):
        return "object"
    if is_array(value):
        return "array"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), type(value).__name__)


def tag_of(value: object, tag_field: str | None) -> object:
    """Return what says which of several tagged records a value is; None if nothing does."""
    if is_object(value):
        return value.get(tag_field or "")
    return value[0] if is_array(value) and value else None


def too_deep(value: object) -> bool:
    """Say whether a value is nested deeper than `DEEPEST`. Does not recurse itself."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        inside = (inner for outer in level for inner in _inside(outer))
        level = [inner for inner in inside if is_object(inner) or is_array(inner)]
        if not level:
            return False
    return True


def unsound(number: object) -> bool:
    """Say whether a value is a number, but not finite, or longer than anybody means."""
    if isinstance(number, float):
        return not math.isfinite(number)
    if isinstance(number, Decimal):
        return not number.is_finite() or abs(number.adjusted()) > LONGEST
    return False


def _inside(value: object) -> Iterable[object]:
    if is_object(value):
        return value.values()
    return value if is_array(value) else ()
