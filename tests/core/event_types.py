"""Event types for Hypothesis, each with its values and the way a form posts them."""

from __future__ import annotations

import base64
import datetime
import uuid
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Literal, NamedTuple

import msgspec
from hypothesis import strategies as st

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Event
from tests.core.declared import event_of

__all__ = ["Case", "Typed", "cases", "posted", "types"]


class Typed(NamedTuple):
    """A type and its values."""

    annotation: Any
    values: st.SearchStrategy[Any]


class Case(NamedTuple):
    """An event of one field, in a block of its own."""

    block: type[Spindle]
    event: Event


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 2


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
offsets = st.integers(-23 * 60, 23 * 60).map(
    lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
)
LEAVES: tuple[Typed, ...] = (
    Typed(str, texts),
    Typed(bool, st.booleans()),
    Typed(int, st.integers()),
    Typed(float, st.floats(allow_nan=False, allow_infinity=False)),
    Typed(Decimal, st.decimals(-1_000_000, 1_000_000)),
    Typed(datetime.date, st.dates()),
    Typed(datetime.time, st.times()),
    Typed(datetime.datetime, st.datetimes(timezones=st.none() | offsets)),
    Typed(datetime.timedelta, st.timedeltas()),
    Typed(uuid.UUID, st.uuids()),
    Typed(bytes, st.binary(max_size=8)),
    Typed(Color, st.sampled_from(Color)),
    Typed(Size, st.sampled_from(Size)),
    Typed(Literal["a", "b", 1], st.sampled_from(["a", "b", 1])),
)
leaves = st.sampled_from(LEAVES)


def lists(inner: Typed) -> Typed:
    return Typed(list[inner.annotation], st.lists(inner.values.filter(is_posted), max_size=4))


def tuples(inner: Typed) -> Typed:
    rows = st.lists(inner.values.filter(is_posted), max_size=4)
    return Typed(tuple[inner.annotation, ...], rows.map(tuple))


def pairs(each: tuple[Typed, Typed]) -> Typed:
    first, second = each
    values = st.tuples(first.values.filter(is_posted), second.values.filter(is_posted))
    return Typed(tuple[first.annotation, second.annotation], values)


def mappings(inner: Typed) -> Typed:
    keys = texts.filter(lambda key: "." not in key)
    values = st.dictionaries(keys, inner.values.filter(is_posted), max_size=3)
    return Typed(dict[str, inner.annotation], values)


def optionals(inner: Typed) -> Typed:
    return Typed(inner.annotation | None, st.none() | inner.values.filter(is_filled_in))


def structs(inner: list[Typed]) -> Typed:
    fields = [(f"field_{index}", each.annotation) for index, each in enumerate(inner)]
    struct = msgspec.defstruct("Record", fields, frozen=True)
    values = st.tuples(*(each.values for each in inner))
    return Typed(struct, values.map(lambda each: struct(*each)))


def sets() -> st.SearchStrategy[Typed]:
    return leaves.map(
        lambda leaf: Typed(frozenset[leaf.annotation], st.frozensets(leaf.values, max_size=4))
    )


def containers(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    return st.one_of(
        inner.map(lists),
        inner.map(tuples),
        st.tuples(inner, inner).map(pairs),
        inner.map(mappings),
        inner.map(optionals),
        st.lists(inner, max_size=3).map(structs),
    )


types = st.recursive(leaves | sets(), containers, max_leaves=5)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a block with one event, and a value of the event."""
    drawn = draw(types)
    block = event_of(drawn.annotation)
    event: type[Event] = block.Message  # type: ignore[attr-defined]  # event_of declares it
    return Case(block, event(draw(drawn.values)))


def posted(value: object, name: str = "", *, listed: bool = False) -> Iterator[tuple[str, str]]:
    """Return the names and texts that a form which shows `value` posts."""
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from posted(getattr(value, field), f"{name}.{field}" if name else field)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from posted(inner, f"{name}.{key}", listed=True)
    elif isinstance(value, Collection) and not isinstance(value, (str, bytes)):
        for index, item in enumerate(value):
            row = name if all(map(is_scalar, value)) else f"{name}.{index}"
            yield from posted(item, row, listed=True)
    elif value is not None and (listed or value is not False):
        yield name, spelled(value)


def spelled(value: object) -> str:
    """Return the text a form has for a single value."""
    match value:
        case bool():
            return "on" if value else "off"
        case Enum():
            return str(value.value)
        case bytes():
            return base64.b64encode(value).decode()
        case str():
            return value
        case _:
            return str(msgspec.to_builtins(value))


def is_scalar(value: object) -> bool:
    return isinstance(value, (str, bytes)) or not isinstance(value, (msgspec.Struct, Collection))


def is_posted(value: object) -> bool:
    """Say whether a form posts anything for the value: an empty list leaves no trace."""
    return any(posted(value, "x", listed=True))


def is_filled_in(value: object) -> bool:
    """Say whether a form posts more than empty texts, which stand for None."""
    return any(text.strip() for _, text in posted(value, "x"))
