"""Answers made from types: every type has one, what cannot be made is named, and forms spell it."""

from __future__ import annotations

import datetime
import enum
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import Meta

from spindle import Event, UsageError, describe
from spindle._core.decoding.decode import decode_event
from spindle._core.decoding.forms import decode_form
from spindle.stress.making.errors import Unmakeable
from spindle.stress.making.form import form_of
from spindle.stress.making.maker import Maker
from spindle.stress.making.pattern import Pattern
from tests.core.declared import event_of
from tests.core.event_types import Case, cases


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Address(msgspec.Struct, frozen=True, rename="camel"):
    house_number: Annotated[int, Meta(ge=1, le=9)]
    street: Annotated[str, Meta(min_length=3, max_length=5)]
    floor: int | None = None


class Cat(msgspec.Struct, frozen=True, tag=True):
    lives: int


class Dog(msgspec.Struct, frozen=True, tag=True, array_like=True):
    name: str


class Bird(msgspec.Struct, frozen=True, tag=True):
    name: str


class Tree(msgspec.Struct, frozen=True):
    children: list[Tree]
    left: Tree | None = None


class Endless(msgspec.Struct, frozen=True):
    inner: Endless


@dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.0


class Pair(NamedTuple):
    first: int
    second: str


class Row(TypedDict):
    key: str


class Even(msgspec.Struct, frozen=True):
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


class Never(msgspec.Struct, frozen=True):
    number: int

    def __post_init__(self) -> None:
        raise ValueError("never")


def made(annotation: object, seed: int = 0) -> Any:
    """One value of a field of that type, in an event that came over the wire."""
    block = event_of(annotation)
    event = Maker(random.Random(seed), {}).event(describe(block).events[0])
    wired = decode_event(block, type(event).__wire__, msgspec.json.encode(event))
    assert wired == event
    return getattr(event, event.__struct_fields__[0])


TYPES: list[tuple[object, Callable[[Any], bool]]] = [
    (int, lambda value: type(value) is int),
    (float, lambda value: type(value) is float),
    (str, lambda value: type(value) is str),
    (bool, lambda value: type(value) is bool),
    (bytes, lambda value: type(value) is bytes),
    (Decimal, lambda value: type(value) is Decimal),
    (uuid.UUID, lambda value: type(value) is uuid.UUID),
    (datetime.date, lambda value: type(value) is datetime.date),
    (datetime.time, lambda value: type(value) is datetime.time),
    (datetime.datetime, lambda value: type(value) is datetime.datetime),
    (datetime.timedelta, lambda value: type(value) is datetime.timedelta),
    (Annotated[datetime.datetime, Meta(tz=True)], lambda value: value.tzinfo is not None),
    (Annotated[datetime.time, Meta(tz=False)], lambda value: value.tzinfo is None),
    (Color, lambda value: type(value) is Color),
    (Size, lambda value: type(value) is Size),
    (Literal["a", 1], lambda value: value in ("a", 1)),
    (None, lambda value: value is None),
    (str | None, lambda value: value is None or type(value) is str),
    (int | str | None, lambda value: value is None or type(value) in (int, str)),
    (Annotated[int, Meta(ge=3, le=4)], lambda value: 3 <= value <= 4),
    (Annotated[int, Meta(gt=3, lt=5)], lambda value: value == 4),
    (Annotated[int, Meta(ge=5000)], lambda value: value >= 5000),
    (Annotated[int, Meta(lt=-5000)], lambda value: value < -5000),
    (Annotated[int, Meta(gt=0, multiple_of=7)], lambda value: value > 0 and value % 7 == 0),
    (Annotated[float, Meta(gt=0, lt=0.001)], lambda value: 0 < value < 0.001),
    (Annotated[float, Meta(ge=5000)], lambda value: value >= 5000),
    (Annotated[float, Meta(le=-5000)], lambda value: value <= -5000),
    (Annotated[float, Meta(ge=0, le=2, multiple_of=0.5)], lambda value: value % 0.5 == 0),
    (Annotated[str, Meta(min_length=30)], lambda value: len(value) >= 30),
    (Annotated[str, Meta(max_length=2)], lambda value: len(value) <= 2),
    (Annotated[str, Meta(pattern="^[a-c]{2}$")], lambda value: re.search("^[a-c]{2}$", value)),
    (Annotated[bytes, Meta(min_length=3, max_length=3)], lambda value: len(value) == 3),
    (list[int], lambda value: type(value) is list),
    (Annotated[list[int], Meta(min_length=5)], lambda value: len(value) >= 5),
    (Annotated[list[int], Meta(max_length=1)], lambda value: len(value) <= 1),
    (tuple[int, ...], lambda value: type(value) is tuple),
    (tuple[int, str], lambda value: (type(value[0]), type(value[1])) == (int, str)),
    (Annotated[frozenset[int], Meta(min_length=2)], lambda value: len(value) >= 2),
    (set[Color], lambda value: type(value) is set),
    (dict[str, int], lambda value: type(value) is dict),
    (Annotated[dict[int, bool], Meta(min_length=2)], lambda value: len(value) >= 2),
    (Address, lambda value: 1 <= value.house_number <= 9 and 3 <= len(value.street) <= 5),
    (list[Address], lambda value: all(type(each) is Address for each in value)),
    (Cat | Bird, lambda value: type(value) in (Cat, Bird)),
    (Dog, lambda value: type(value) is Dog),
    (Tree, lambda value: type(value) is Tree),
    (Point, lambda value: type(value) is Point),
    (Pair, lambda value: type(value) is Pair),
    (Row, lambda value: type(value["key"]) is str),
    (Even, lambda value: value.number % 2 == 0),
    (Any, lambda value: True),
]


@pytest.mark.parametrize(("annotation", "fits"), TYPES, ids=[str(each) for each, _ in TYPES])
def test_every_type_has_values(annotation: object, fits: Callable[[Any], bool]) -> None:
    for seed in range(30):
        assert fits(made(annotation, seed))


def test_optionals_are_both_and_chance_decides() -> None:
    several = [made(int | None, seed) for seed in range(30)]
    assert None in several
    assert len(set(several)) > 5
    assert several == [made(int | None, seed) for seed in range(30)]


@given(cases())
@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
def test_every_event_can_be_made_and_a_form_spells_just_it_or_none(case: Case) -> None:
    for seed in range(3):
        event = Maker(random.Random(seed), {}).event(type(case.event))
        wire = type(event).__wire__
        assert decode_event(case.block, wire, msgspec.json.encode(event)) == event
        fields = form_of(case.block, event)
        assert fields is None or decode_form(case.block, wire, fields) == event


def test_a_form_of_texts_is_spelled() -> None:
    block = event_of(Address)
    event = Maker(random.Random(1), {}).event(describe(block).events[0])
    fields = form_of(block, event)
    assert fields is not None
    assert decode_form(block, type(event).__wire__, fields) == event


@pytest.mark.parametrize(
    ("annotation", "because"),
    [
        (Annotated[str, Meta(pattern="(?<=a)b")], "pattern '(?<=a)b' is not a simple one"),
        (Annotated[str, Meta(pattern="^a{9}$", max_length=3)], "no text was found that matches"),
        (Annotated[int, Meta(gt=3, lt=4)], "no whole number is within its bounds"),
        (Annotated[frozenset[bool], Meta(min_length=3)], "3 items that differ were not found"),
        (Annotated[dict[Color, int], Meta(min_length=3)], "3 keys that differ were not found"),
        (Endless, "its type holds itself without end"),
        (Never, "refuses what was made for it (never"),
    ],
)
def test_what_cannot_be_made_is_named_with_the_remedy(annotation: object, because: str) -> None:
    with pytest.raises(Unmakeable) as caught:
        made(annotation)
    name = describe(event_of(annotation)).events[0].__qualname__
    assert because in str(caught.value)
    assert f"PageLoad(..., values={{{name}: lambda draw: " in str(caught.value)


def test_a_function_of_the_users_makes_them_instead() -> None:
    event: type[Event] = describe(event_of(Never | None)).events[0]
    field = event.__struct_fields__[0]
    maker = Maker(random.Random(0), {event: lambda draw: event(**{field: None})})
    assert getattr(maker.event(event), field) is None
    wrong: Maker = Maker(random.Random(0), {event: lambda draw: None})  # type: ignore[dict-item,return-value]
    with pytest.raises(UsageError, match="gave None: it has to make a"):
        wrong.check([event])


@pytest.mark.parametrize(
    "expression",
    [
        r"\S",
        r"^\s*[0-9]{5}\s*$",
        r"^\s*([0-9][ -]?){15,19}\s*$",
        r"^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}$",
        r"^[^@\s]+@[\w.-]+\.(com|org)$",
        r"^(?P<year>\d{4})-\d\d$",
        r"\A[\d\-_]*?\.\w+\Z",
        r"^a|b$",
        r"^[]x]+$",
        r"^.{3}$",
        r"^\n?x{2,}$",
        r"",
    ],
)
def test_a_simple_pattern_is_matched(expression: str) -> None:
    pattern = Pattern(expression)
    for seed in range(50):
        assert re.search(expression, pattern.make(random.Random(seed)))


@pytest.mark.parametrize(
    "expression", ["(?=a)", r"(a)\1", "(?i)a", r"\bword", r"[^\x00-\U0010ffff]|[^\w\s\W]"]
)
def test_any_other_pattern_is_refused(expression: str) -> None:
    with pytest.raises(Unmakeable):
        Pattern(expression).make(random.Random(0))
