"""What a form tells a visitor: short, plain, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import inspect as mi

__all__ = ["advice", "exactly", "too_few", "too_many"]

CHOOSE = "Choose one of the options."
FILL_IN = "Fill in this field."
NOT_VALID = "This value is not valid."
NO_SUCH_FIELD = "There is no such field."
NOT_TEXT = "Leave out characters that are not text."
ONE_ONLY = "Enter one value only."

_WANTED: Mapping[type[mi.Type], str] = {
    mi.IntType: "a whole number",
    mi.FloatType: "a number",
    mi.DecimalType: "a number",
    mi.DateType: "a date",
    mi.TimeType: "a time",
    mi.DateTimeType: "a date and time",
    mi.TimeDeltaType: "a duration",
}


def advice(node: mi.Type, typed: str) -> str:
    """Say what to enter instead of `typed`."""
    match node:
        case mi.EnumType() | mi.LiteralType():
            return CHOOSE
        case mi.BoolType():
            return "Choose yes or no."
        case mi.StrType():
            return _text_advice(node, typed)
        case _ if not typed:
            return FILL_IN
        case mi.IntType() | mi.FloatType():
            return f"Enter {_WANTED[type(node)]}{_bounds(node)}."
        case mi.DateTimeType(True) | mi.TimeType(True):
            return f"Enter {_WANTED[type(node)]} with its time zone."
        case _:
            wanted = _WANTED.get(type(node))
            return f"Enter {wanted}." if wanted else NOT_VALID


def too_few(least: int) -> str:
    """Say that more items are wanted."""
    return f"Choose at least {least}."


def too_many(most: int) -> str:
    """Say that fewer items are wanted."""
    return f"Choose at most {most}."


def exactly(count: int) -> str:
    """Say how many items are wanted."""
    return f"Enter {count} values."


def _text_advice(node: mi.StrType, typed: str) -> str:
    if not typed:
        return FILL_IN
    if node.min_length is not None and len(typed) < node.min_length:
        return f"Enter at least {node.min_length} characters."
    if node.max_length is not None and len(typed) > node.max_length:
        return f"Enter at most {node.max_length} characters."
    return "This does not have the expected form."


def _bounds(node: mi.IntType | mi.FloatType) -> str:
    if node.ge is not None and node.le is not None and node.multiple_of is None:
        return f" from {_plain(node.ge)} to {_plain(node.le)}"
    bounds = " and ".join(_each_bound(node))
    return f", {bounds}" if bounds else ""


def _each_bound(node: mi.IntType | mi.FloatType) -> Iterator[str]:
    if node.gt is not None:
        yield f"above {_plain(node.gt)}"
    if node.ge is not None:
        yield f"at least {_plain(node.ge)}"
    if node.lt is not None:
        yield f"below {_plain(node.lt)}"
    if node.le is not None:
        yield f"at most {_plain(node.le)}"
    if node.multiple_of is not None:
        yield f"a multiple of {_plain(node.multiple_of)}"


def _plain(limit: float) -> str:
    return f"{limit:g}" if isinstance(limit, float) else str(limit)
