"""Decoded JSON: what kind a value is, how deep it goes, what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeGuard

__all__ = [
    "flaw", "flaw_anywhere", "is_array", "is_object", "is_unicode", "kind_of", "tag_of", "too_deep",
]  # fmt: skip

DEEPEST = 64
LONGEST = 400
"""Digits of a decimal number before its point, or zeros after it; a float has at most 324."""

_SURROGATE = re.compile("[\ud800-\udfff]")
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
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def flaw(value: object) -> str:
    """Say what is wrong with a single value that its type allows; empty if nothing is."""
    if isinstance(value, float):
        sound = math.isfinite(value)
    elif isinstance(value, Decimal):
        sound = value.is_finite() and abs(value.adjusted()) <= LONGEST
    elif isinstance(value, str):
        return "" if is_unicode(value) else "expected text without lone surrogates"
    else:
        return ""
    return "" if sound else f"expected a finite number of at most {LONGEST} digits"


def flaw_anywhere(value: object) -> str:
    """Say what is wrong with the first flawed value inside. The value is not too deep."""
    found = (flaw_anywhere(inner) for inner in _inside(value))
    return flaw(value) or next(filter(None, found), "")


def is_unicode(text: str) -> bool:
    """Say whether the text can be encoded."""
    return text.isascii() or not _SURROGATE.search(text)


def _inside(value: object) -> Iterable[object]:
    if is_object(value):
        return (*value, *value.values())
    return value if is_array(value) else ()
