"""What values are made of: those that have no parts, and the fields of those that have."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any, Final, cast
from uuid import UUID

import msgspec

__all__ = ["PLAIN", "attributes_of", "fields_of_value", "is_frozen"]

PLAIN: Final = frozenset(
    {
        *(NoneType, bool, int, float, complex, str, bytes),
        *(date, datetime, time, timedelta, Decimal, UUID),
    }
)
"""Whose values have no parts, and nobody can change."""


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


def attributes_of(value: object) -> dict[str, Any]:
    """What is set on an object by name; nothing if that cannot be done."""
    if not type(value).__dictoffset__:
        return {}
    return cast("dict[str, Any]", object.__getattribute__(value, "__dict__"))


def is_frozen(kind: Any) -> bool:
    """Whether a struct, dataclass or class of attrs was made such that its fields stay."""
    if issubclass(kind, msgspec.Struct):
        return bool(kind.__struct_config__.frozen)
    parameters: Any = getattr(kind, "__dataclass_params__", None)
    if parameters is not None:
        return bool(parameters.frozen)
    refuses: object = kind.__setattr__  # so it does in all versions of attrs
    return getattr(refuses, "__name__", "") == "_frozen_setattrs"
