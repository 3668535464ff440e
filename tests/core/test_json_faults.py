"""What is wrong with a JSON payload, type by type."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import msgspec
import pytest

from spindle._core.decoding.decode import DecodeError, JSONText, decode_event
from tests.core.declared import REQUIRED, event_of


def faults(payload: JSONText, annotation: object, default: object = REQUIRED) -> dict[str, str]:
    """Return what is wrong with the payload for an event whose one field is so annotated."""
    block = event_of(annotation, default)
    with pytest.raises(DecodeError) as caught:
        decode_event(block, "Checkout.Message", payload)
    return dict(caught.value.faults)


def decoded(payload: JSONText, annotation: object, default: object = REQUIRED) -> object:
    event = decode_event(event_of(annotation, default), "Checkout.Message", payload)
    return getattr(event, "field")  # noqa: B009 - declared by the test


class Color(Enum):
    RED = "red"


class Tea(msgspec.Struct, tag="tea"):
    grams: int


class Pot(msgspec.Struct, tag="pot"):
    litres: int


class TeaRow(msgspec.Struct, tag="tea", array_like=True):
    grams: int


class PotRow(msgspec.Struct, tag="pot", array_like=True):
    litres: int
    lid: bool = True


class Row(msgspec.Struct, array_like=True):
    sku: str
    count: int = 1


class Pair(NamedTuple):
    x: int
    y: Decimal


class Typed(TypedDict):
    x: int


@dataclass
class Data:
    x: int


class Renamed(msgspec.Struct, rename="camel"):
    first_name: str


class Node(msgspec.Struct):
    children: list[Node] = []


class Loose(msgspec.Struct):
    nothing: None
    anything: Any
    whatever: Any | None
    row: Row | None
    number: int


class Period(msgspec.Struct):
    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("the end lies before the start")


class Periods(msgspec.Struct):
    """Checks itself too, once its parts are right."""

    each: list[Period]

    def __post_init__(self) -> None:
        if not self.each:
            raise ValueError("no period")


Small = Annotated[int, msgspec.Meta(ge=1, le=9)]


@pytest.mark.parametrize(
    ("annotation", "value", "found"),
    [
        (Small, 0, {"": "expected int >= 1"}),
        (
            Annotated[str, msgspec.Meta(pattern="^a$")],
            "b",
            {"": "expected str matching regex '^a$'"},
        ),
        (Color, "blue", {"": "invalid enum value 'blue'"}),
        (Literal["a", 1], "b", {"": "invalid enum value 'b'"}),
        (datetime.date, "soon", {"": "invalid RFC3339 encoded date"}),
        (uuid.UUID, "soon", {"": "invalid UUID"}),
        (bytes, "soon!", {"": "invalid base64 encoded string"}),
        (None, 1, {"": "expected null, got int"}),
        (list[int], 1, {"": "expected array, got int"}),
        (
            list[int],
            [1, "2", None],
            {"[1]": "expected int, got str", "[2]": "expected int, got null"},
        ),
        (
            Annotated[list[int], msgspec.Meta(min_length=2)],
            [1],
            {"": "expected at least 2 items, got 1"},
        ),
        (
            Annotated[set[int], msgspec.Meta(max_length=1)],
            [1, 2],
            {"": "expected at most 1 items, got 2"},
        ),
        (
            Annotated[set[int], msgspec.Meta(min_length=2)],
            [1, 1],
            {"": "expected array of length >= 2"},
        ),
        (tuple[int, str], [1], {"": "expected array of length 2, got 1"}),
        (tuple[int, str], ["1", "2"], {"[0]": "expected int, got str"}),
        (tuple[int, str], "12", {"": "expected array, got str"}),
        (
            dict[str, int],
            {"a": "b", "c d": None},
            {".a": "expected int, got str", "['c d']": "expected int, got null"},
        ),
        (dict[int, int], {"a": 1}, {"": "expected int, got str"}),
        (dict[str, int], [], {"": "expected object, got array"}),
        (
            Annotated[dict[str, int], msgspec.Meta(min_length=1)],
            {},
            {"": "expected at least 1 items, got 0"},
        ),
        (Data, {"x": 1, "y": 2}, {".y": "unknown field, expected one of x"}),
        (Typed, {"x": 1, "y": 2}, {".y": "unknown field, expected one of x"}),
        (
            Renamed,
            {"first_name": "a"},
            {
                ".first_name": "unknown field, expected one of firstName",
                ".firstName": "missing, expected str",
            },
        ),
        (
            Loose,
            {"anything": [], "row": None, "number": "1"},
            {
                ".nothing": "missing, expected null",
                ".whatever": "missing, expected any value",
                ".number": "expected int, got str",
            },
        ),
        (
            Loose,
            {"nothing": None, "row": None, "number": 1},
            {
                ".anything": "missing, expected any value",
                ".whatever": "missing, expected any value",
            },
        ),
        (dict[Small | Color, int], {"0": 1}, {"": "expected int >= 1"}),
        (Row, {"sku": "a"}, {"": "expected array, got object"}),
        (Row, [1], {"[0]": "expected str, got int"}),
        (Row, [], {"[0]": "missing, expected str"}),
        (Row, ["a", 1, 2], {"": "expected array of length 2, got 3"}),
        (Pair, [1], {"[1]": "missing, expected decimal"}),
        (Pair, [1, "NaN"], {"[1]": "expected a finite number of at most 400 digits"}),
        (Tea | Pot, {"type": "cup"}, {".type": "expected 'tea' or 'pot', got 'cup'"}),
        (Tea | Pot, {"grams": 1}, {".type": "expected 'tea' or 'pot', got 'None'"}),
        (
            Tea | Pot,
            {"type": "pot", "grams": 1},
            {".grams": "unknown field, expected one of litres", ".litres": "missing, expected int"},
        ),
        (
            Tea | Pot,
            {"type": "pot", "litres": 1, "grams": 1},
            {".grams": "unknown field, expected one of litres"},
        ),
        (Tea, {"type": "pot", "grams": 1}, {".type": "expected 'tea', got 'pot'"}),
        (TeaRow | PotRow, ["cup"], {"[0]": "expected 'tea' or 'pot', got 'cup'"}),
        (TeaRow | PotRow, [], {"[0]": "expected 'tea' or 'pot', got 'None'"}),
        (TeaRow | PotRow, ["pot", "1"], {"[1]": "expected int, got str"}),
        (TeaRow | PotRow, ["pot", 1, True, 3], {"": "expected array of length 3, got 4"}),
        (TeaRow, ["pot", 1], {"[0]": "expected 'tea', got 'pot'"}),
        (int | str | None, [], {"": "expected int | str | null, got array"}),
        (int | bool, "1", {"": "expected bool | int, got str"}),
        (int | list[int], ["1"], {"[0]": "expected int, got str"}),
        (int | dict[str, int], {"a": "1"}, {".a": "expected int, got str"}),
        (Data | None, 3, {"": "expected object | null, got int"}),
        (Data | None, {"x": ""}, {".x": "expected int, got str"}),
        (Data | list[int] | None, "", {"": "expected object | array | null, got str"}),
        (float | Decimal, "1e401", {"": "expected a finite number of at most 400 digits"}),
        (Decimal, "-Infinity", {"": "expected a finite number of at most 400 digits"}),
        (dict[Decimal, int], {"NaN": 1}, {"": "expected a finite number of at most 400 digits"}),
        (dict[float, int], {"nan": 1}, {"": "expected a finite number of at most 400 digits"}),
        (Period, {"first": 2, "last": 1}, {"": "the end lies before the start"}),
        (Periods, {"each": []}, {"": "no period"}),
        (
            Periods,
            {"each": [{"first": 2, "last": 1}, {"first": 1}]},
            {".each[0]": "the end lies before the start", ".each[1].last": "missing, expected int"},
        ),
    ],
)
def test_C2_faults_by_type(annotation: object, value: object, found: dict[str, str]) -> None:
    expected = {f"$.field{place}": said for place, said in found.items()}
    assert faults(msgspec.json.encode({"field": value}), annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Decimal, b"0.12345678901234567890", Decimal("0.12345678901234567890")),
        (Decimal, b'"1e400"', Decimal("1e400")),
        (float, b"1", 1.0),
        (dict[int, int], b'{"1":2}', {1: 2}),
        (dict[float, Decimal], b'{"1.5":"2"}', {1.5: Decimal(2)}),
        (Row, b'["a"]', Row("a")),
        (Pair, b'[1,"2"]', Pair(1, Decimal(2))),
        (Tea | Pot, b'{"type":"pot","litres":2}', Pot(2)),
        (Tea, b'{"grams":2}', Tea(2)),
        (TeaRow | PotRow, b'["tea",2]', TeaRow(2)),
        (Data | None, b"null", None),
        (Row | None, b"null", None),
        (dict[Annotated[Color, "x"] | int, int], b'{"red":1,"7":2}', {Color.RED: 1, 7: 2}),
        (int | list[Decimal], b"3", 3),
        (int | list[Decimal], b'["3"]', [Decimal(3)]),
        (int | dict[str, Data], b'{"a":{"x":1}}', {"a": Data(1)}),
        (tuple[Decimal, int], b'["1",2]', (Decimal(1), 2)),
        (Any, b'{"a":[1,2.5,null]}', {"a": [1, 2.5, None]}),
        (Node, b'{"children":[{},{"children":[{}]}]}', Node([Node(), Node([Node()])])),
        (Typed, b'{"x":1}', {"x": 1}),
    ],
)
def test_what_is_right_is_decoded(annotation: object, text: bytes, value: object) -> None:
    assert decoded(b'{"field":' + text + b"}", annotation) == value


def test_a_default_stands_for_a_missing_field() -> None:
    assert decoded(b"{}", int, 3) == 3


def test_P6_a_recursive_type_is_nested_64_deep_at_most() -> None:
    def nested(levels: int) -> bytes:
        return b'{"field":' + b'{"children":[' * levels + b"]}" * levels + b"}"

    assert decoded(nested(31), Node)
    for payload in (nested(32), nested(5_000)):
        assert faults(payload, Node) == {"$": "nested too deeply, expected at most 64 levels"}
    assert faults(b'{"field":' + b"[" * 64 + b"]" * 64 + b"}", Any) == {
        "$": "nested too deeply, expected at most 64 levels"
    }


def test_C2_an_unknown_field_in_a_recursive_type() -> None:
    assert faults(b'{"field":{"children":[{"children":[{"x":1}]}]}}', Node) == {
        "$.field.children[0].children[0].x": "unknown field, expected one of children"
    }


def test_an_error_in_the_users_own_check_is_not_the_senders() -> None:
    with pytest.raises(ZeroDivisionError):
        decoded(b'{"field":{"parts":0}}', Shared)


class Shared(msgspec.Struct):
    parts: int

    def __post_init__(self) -> None:
        assert 1 / self.parts
