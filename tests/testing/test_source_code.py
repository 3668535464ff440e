"""Values as the Python source that makes them."""

from __future__ import annotations

import datetime
from collections import deque, namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, Flag, IntEnum, auto
from fractions import Fraction
from importlib import import_module
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.testing.source_code import as_source, names_in
from tests.store import HOME, SHIPPING, TEA, Checkout, Store
from tests.talk import Desk, Talk, ask_once


class Color(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Right(Flag):
    READ = auto()
    WRITE = auto()


@dataclass
class Line:
    sku: str
    count: int = 1
    total: int = field(init=False, default=0)


Point = namedtuple("Point", ["x", "y"])


class Gone(LookupError):
    pass


class Holder:
    class Inner(msgspec.Struct, frozen=True):
        color: Color


def back(value: object) -> object:
    """What the source makes where only what it names is imported."""
    names = {name: getattr(import_module(module), name) for module, name in names_in(value)}
    return eval(as_source(value), names)


NOON = datetime.datetime(2024, 2, 29, 12, 30, 0, 5, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)

VALUES: Mapping[str, object] = {
    "None": None,
    "True": True,
    "-3": -3,
    "1.5": 1.5,
    'float("-inf")': float("-inf"),
    "1e+16": 1e16,
    "b'x'": b"x",
    'bytearray(b"x")'.replace('"', "'"): bytearray(b"x"),
    "...": ...,
    "range(1, 3)": range(1, 3),
    '"tea"': "tea",
    '''"it's"''': "it's",
    """'say "a"'""": 'say "a"',
    r'"\n\\"': "\n\\",
    "[1, [2]]": [1, [2]],
    "(1,)": (1,),
    "()": (),
    "(1, 2)": (1, 2),
    "set()": set(),
    '{"a", "b"}': {"b", "a"},
    "frozenset()": frozenset(),
    "frozenset({1, 2})": frozenset({2, 1}),
    '{"a": {1: None}}': {"a": {1: None}},
    "deque([1], 3)": deque([1], 3),
    "deque([1])": deque([1]),
    'Decimal("1.20")': Decimal("1.20"),
    "Fraction(1, 3)": Fraction(1, 3),
    'UUID("12345678-1234-5678-1234-567812345678")': UUID("12345678-1234-5678-1234-567812345678"),
    "date(2024, 2, 29)": datetime.date(2024, 2, 29),
    "datetime(2024, 2, 29)": datetime.datetime(2024, 2, 29),
    "datetime(2024, 2, 29, 12, 30, 0, 5, tzinfo=UTC)": NOON,
    "time()": datetime.time(),
    "time(1, fold=1)": datetime.time(1, fold=1),
    "time(1, 0, 2, tzinfo=UTC)": datetime.time(1, 0, 2, tzinfo=datetime.UTC),
    "timedelta(seconds=3600)": HOUR,
    "timedelta()": datetime.timedelta(),
    "timezone(timedelta(seconds=3600))": datetime.timezone(HOUR),
    'timezone(timedelta(seconds=3600), "here")': datetime.timezone(HOUR, "here"),
    "UNSET": msgspec.UNSET,
    "Color.RED": Color.RED,
    "Level.HIGH": Level.HIGH,
    "Right.READ | Right.WRITE": Right.READ | Right.WRITE,
    "Right(0)": Right(0),
    'Line(sku="tea", count=2)': Line("tea", 2),
    "Point(x=1, y=(2,))": Point(1, (2,)),
    "Holder.Inner(color=Color.RED)": Holder.Inner(Color.RED),
    'Checkout.AskShipping(product=Product(sku="tea", price=4))': Checkout.AskShipping(TEA),
    'Checkout.ShippingGiven(shipping=Address(street="Main St 1", city="Ulm"))': SHIPPING,
    "[Store, Checkout, Checkout.AskShipping]": [Store, Checkout, Checkout.AskShipping],
    "ask_once": ask_once,
    "len": len,
    "int": int,
}


@pytest.mark.parametrize("source", VALUES)
def test_a_source_makes_the_value_again(source: str) -> None:
    value = VALUES[source]
    assert as_source(value) == source
    again = back(value)
    assert again == value
    assert type(again) is type(value)
    assert as_source(again) == source


def test_a_zone_is_written_by_its_key() -> None:
    try:
        berlin = ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        pytest.skip("this machine has no time zones")
    noon = datetime.datetime(2024, 2, 29, 12, tzinfo=berlin)
    assert as_source(noon) == 'datetime(2024, 2, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))'
    assert back(noon) == noon
    assert ("zoneinfo", "ZoneInfo") in names_in(noon)


def test_an_error_is_written_as_it_was_made() -> None:
    assert as_source(Gone("tea", 3)) == 'Gone("tea", 3)'
    assert as_source(KeyError(TEA)) == 'KeyError(Product(sku="tea", price=4))'
    assert isinstance(back(Gone("tea")), Gone)


def test_an_error_that_takes_other_arguments_is_its_repr() -> None:
    class Refused(Exception):
        def __init__(self, card: str, *, why: str) -> None:
            super().__init__(f"{card}: {why}")

    assert as_source(Refused("tok", why="not covered")) == "Refused('tok: not covered')"


def test_the_names_are_those_that_the_source_needs() -> None:
    value = {"at": NOON, "asked": [Checkout.AskShipping(TEA), Talk.Desk.Ask(1)], "n": 3}
    assert names_in(value) == [
        ("datetime", "UTC"),
        ("datetime", "datetime"),
        ("tests.store", "Checkout"),
        ("tests.store", "Product"),
        ("tests.talk", "Desk"),
    ]
    assert names_in(["a", 1, None, len]) == []
    assert as_source(Desk.Ask(1)) == "Desk.Ask(number=1)"


def test_a_class_of_a_function_has_its_name_and_is_not_imported() -> None:
    class Local(msgspec.Struct):
        home: object

    local = Local(HOME)
    assert as_source(local) == 'Local(home=Address(street="Main St 1", city="Ulm"))'
    assert names_in(local) == [("tests.store", "Address")]


def test_what_has_no_source_is_its_repr_and_the_rest_is_written() -> None:
    class Odd:
        def __repr__(self) -> str:
            return "<odd>"

    class Mute:
        def __repr__(self) -> str:
            raise ValueError("no repr")

    assert as_source([Odd(), TEA]) == '[<odd>, Product(sku="tea", price=4)]'
    assert as_source((Mute(), 1)) == "(<Mute, whose repr fails>, 1)"
    assert as_source(Point) == "Point"


def test_a_struct_that_is_not_whole_is_its_repr() -> None:
    class Half(msgspec.Struct):
        sku: str

    half = Half("tea")
    del half.sku
    assert as_source([half, 1]).endswith("Half, whose repr fails>, 1]")


def test_what_contains_itself_is_its_repr() -> None:
    ring: list[object] = [1]
    ring.append(ring)
    assert as_source(ring) == "[1, [...]]"


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.datetimes(timezones=st.none() | st.just(datetime.UTC))
    | st.timedeltas()
    | st.times()
    | st.uuids(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=8,
)


@given(PLAIN)
def test_any_plain_value_is_made_again(value: object) -> None:
    assert back(value) == value
