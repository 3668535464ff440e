"""Several values of a form: repeated names make lists, dotted names nest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, TypedDict, TypeVar

import msgspec
import pytest
from msgspec import Meta

from tests.core.forms import FILL_IN, STRAY, Address, Color, Line, Node, all_faults, read

T = TypeVar("T")


class Pair(NamedTuple):
    x: int
    y: str = ""


class Typed(TypedDict):
    x: int


@dataclass
class Data:
    x: int
    y: bool = True


class Box(msgspec.Struct, Generic[T]):
    held: T


class Yes(msgspec.Struct, frozen=True):
    said: bool = True


class Row(msgspec.Struct, array_like=True):
    sku: str


class Tea(msgspec.Struct, tag="tea"):
    grams: int


class Pot(msgspec.Struct, tag="pot"):
    litres: int


class Small(msgspec.Struct, tag=1):
    litres: int


class Large(msgspec.Struct, tag=2):
    litres: int


class Period(msgspec.Struct):
    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last == 13:
            raise TypeError("unlucky")
        if self.last == 14:
            raise ValueError
        if self.last < self.first:
            raise ValueError("The end lies before the start.")


@pytest.mark.parametrize(
    ("annotation", "texts", "value"),
    [
        (list[str], ["a", "", "a"], ["a", "", "a"]),
        (set[str], ["a", "b", "a"], {"a", "b"}),
        (frozenset[int], ["1", "2"], frozenset({1, 2})),
        (tuple[int, ...], ["1", "2"], (1, 2)),
        (tuple[int, str], ["1", "2"], (1, "2")),
        (list[int | None], ["1", ""], [1, None]),
        (list[int] | None, ["1"], [1]),
        (list[int] | None, [""], None),
        (int | list[int], ["1"], 1),
        (int | list[int], ["1", "2"], [1, 2]),
        (list[bool], ["on", "off"], [True, False]),
        (list[Color], ["red"], [Color.RED]),
        (Any, ["a", "b"], ["a", "b"]),
    ],
)
def test_C3_a_repeated_name_makes_a_list(
    annotation: object, texts: list[str], value: object
) -> None:
    assert read([("field", text) for text in texts], annotation) == value


@pytest.mark.parametrize(
    ("annotation", "pairs", "value"),
    [
        (list[int], {"1": "5", "0": "4", "12": "6"}, [4, 5, 6]),
        (tuple[int, str], {"7": "5", "9": "x"}, (5, "x")),
        (int | list[int], {"0": "4"}, [4]),
        (list[list[int]], {"0.0": "4", "1.0": "5"}, [[4], [5]]),
        (list[Line], {"0.sku": "tea"}, [Line("tea")]),
        (dict[str, int], {"tea": "4", "": "5"}, {"tea": 4, "": 5}),
        (dict[int, Line], {"7.sku": "tea"}, {7: Line("tea")}),
        (dict[str, int] | int, {"tea": "4"}, {"tea": 4}),
        (Pair, {"x": "1"}, Pair(1)),
        (Typed, {"x": "1"}, {"x": 1}),
        (Data, {"x": "1"}, Data(1, False)),
        (Box[int], {"held": "1"}, Box(1)),
        (Row, {"sku": "tea"}, Row("tea")),
        (list[Row], {"0.sku": "tea"}, [Row("tea")]),
        (Tea | Pot, {"type": "tea", "grams": "5"}, Tea(5)),
        (Tea | Pot, {"type": "pot", "litres": "1"}, Pot(1)),
        (Small | Large, {"type": "2", "litres": "1"}, Large(1)),
        (Tea, {"grams": "5"}, Tea(5)),
        (Tea, {"type": "tea", "grams": "5"}, Tea(5)),
        (Address | None, {"street": "", "city": "  "}, None),
        (Address | int, {"street": "a", "city": "b"}, Address("a", "b")),
        (
            Node,
            {"name": "a", "children.0.name": "b", "twin.name": "c", "twin.twin.name": ""},
            Node("a", [Node("b")], Node("c")),
        ),
    ],
)
def test_C3_dotted_names_nest(annotation: object, pairs: dict[str, str], value: object) -> None:
    assert read([(f"field.{name}", text) for name, text in pairs.items()], annotation) == value


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(list[int], []), (set[int], set()), (dict[str, int], {}), (Box[bool], Box(False))],
)
def test_C3_nothing_was_chosen(annotation: object, value: object) -> None:
    assert read([], annotation) == value


def test_C3_nothing_was_chosen_whatever_the_default() -> None:
    """As with a box that is not ticked."""
    assert read([], tuple[str, ...], ("a",)) == ()
    assert read([], tuple[str, ...] | None, ("a",)) == ("a",)
    assert read([], Address | None, None) is None
    assert read([], Yes, Yes()) == Yes()


@pytest.mark.parametrize(
    ("annotation", "pairs", "found"),
    [
        (Address, {"": "x"}, {"": STRAY, ".street": "Enter a street.", ".city": FILL_IN}),
        (list[Line], {"": "x"}, {"": STRAY, ".sku": FILL_IN}),
        (list[Line], {".0.sku": "x", ".a.sku": "y"}, {".a.sku": STRAY}),
        (
            list[int],
            {".0": "x", ".1": "y"},
            {".0": "Enter a whole number.", ".1": "Enter a whole number."},
        ),
        (list[int], {".-1": "1"}, {".-1": STRAY}),
        (list[int], {".1234567": "1"}, {".1234567": STRAY}),
        (list[int], {".٣": "1"}, {".٣": STRAY}),
        (tuple[int, int], {".0": "1", ".a": "2"}, {"": "Enter 2 values.", ".a": STRAY}),
        (tuple[int, int], {".0": "x", ".1": "2"}, {".0": "Enter a whole number."}),
        (int, {".a.b": "1"}, {"": FILL_IN, ".a.b": STRAY}),
        (int | float, {"": "1", ".a": "1"}, {".a": STRAY}),
        (Any, {".a": "1"}, {"": FILL_IN, ".a": STRAY}),
        (dict[str, int], {"": "1"}, {"": STRAY}),
        (dict[int, int], {".a": "1"}, {".a": "Enter a whole number."}),
        (dict[str, int], {".a": "x"}, {".a": "Enter a whole number."}),
        (Tea | Pot, {".grams": "5"}, {".type": "Choose one of the options."}),
        (Tea | Pot, {".type": "cup"}, {".type": "Choose one of the options."}),
        (Tea, {".type": "2", ".grams": "5"}, {".type": "Choose one of the options."}),
        (Annotated[list[int], Meta(min_length=1)], {}, {"": "Choose at least 1."}),
        (
            Annotated[set[int], Meta(max_length=1)],
            {".0": "1", ".1": "2"},
            {"": "Choose at most 1."},
        ),
        (
            Annotated[set[int], Meta(min_length=2)],
            {".0": "1", ".1": "1"},
            {"": "Choose at least 2."},
        ),
        (Annotated[dict[str, int], Meta(min_length=1)], {}, {"": "Choose at least 1."}),
        (Period, {".first": "2", ".last": "1"}, {"": "The end lies before the start."}),
        (Period, {".first": "2", ".last": "13"}, {"": "This value is not valid."}),
        (Period, {".first": "2", ".last": "14"}, {"": "This value is not valid."}),
        (list[Period], {".3.first": "2", ".3.last": "1"}, {".3": "The end lies before the start."}),
        (Period, {".first": "2", ".last": "x"}, {".last": "Enter a whole number."}),
        (Small | Large | None, {".litres": "x"}, {".type": "Choose one of the options."}),
    ],
)
def test_C2_faults_of_nested_fields(
    annotation: object, pairs: dict[str, str], found: dict[str, str]
) -> None:
    posted = [(f"field{name}", text) for name, text in pairs.items()]
    assert all_faults(posted, annotation) == {f"field{name}": said for name, said in found.items()}
