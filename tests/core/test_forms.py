"""Events from forms: the table of rules, and what a visitor is told."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar

import msgspec
import pytest
from msgspec import Meta

from spindle._core.contracts.contract import Spindle
from spindle._core.decoding.decode import DecodeError
from spindle._core.decoding.forms import decode_form
from spindle._core.errors import ContractError
from spindle._core.messages import Event, Yield
from tests.core.declared import REQUIRED, event_of

FILL_IN = "Fill in this field."
STRAY = "There is no such field."
T = TypeVar("T")

Street = Annotated[str, Meta(min_length=1, max_length=20, extra={"message": "Enter a street."})]


class Address(msgspec.Struct, frozen=True):
    street: Street
    city: Annotated[str, Meta(min_length=1)]


class Line(msgspec.Struct, frozen=True):
    sku: str
    count: Annotated[int, Meta(ge=1)] = 1
    wrapped: bool = False


class Checkout(Spindle):
    class OrderGiven(Event):
        shipping: Address
        lines: tuple[Line, ...]
        tags: list[str]
        gift: bool
        floor: int | None
        note: str = ""

    class AskOrder(Yield[OrderGiven]): ...


ORDER = [
    ("shipping.street", " Main St "),
    ("shipping.city", "Ulm"),
    ("lines.0.sku", "tea"),
    ("lines.10.sku", "pot"),
    ("lines.2.sku", "cup"),
    ("lines.2.count", " 2 "),
    ("lines.2.wrapped", "on"),
    ("tags", "new"),
    ("tags", "dear"),
    ("gift", "on"),
    ("floor", "3"),
    ("note", "Ring\r\ntwice"),
]


def refused(pairs: list[tuple[str, str]]) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode_form(Checkout, "Checkout.OrderGiven", pairs)
    return caught.value


def faults(texts: str | list[str], annotation: object, default: object = REQUIRED) -> str:
    """Return what the visitor is told of the event's one field."""
    texts = [texts] if isinstance(texts, str) else texts
    found = all_faults([("field", text) for text in texts], annotation, default)
    assert set(found) == {"field"}
    return found["field"]


def all_faults(
    pairs: list[tuple[str, str]], annotation: object, default: object = REQUIRED
) -> dict[str, str]:
    with pytest.raises(DecodeError) as caught:
        decode_form(event_of(annotation, default), "Checkout.Message", pairs)
    return dict(caught.value.faults)


def read(pairs: list[tuple[str, str]], annotation: object, default: object = REQUIRED) -> object:
    event = decode_form(event_of(annotation, default), "Checkout.Message", pairs)
    return getattr(event, "field")  # noqa: B009 - declared by the test


def test_C3_a_form_becomes_the_typed_event() -> None:
    assert decode_form(Checkout, "Checkout.OrderGiven", ORDER) == Checkout.OrderGiven(
        shipping=Address(" Main St ", "Ulm"),
        lines=(Line("tea"), Line("cup", 2, wrapped=True), Line("pot")),
        tags=["new", "dear"],
        gift=True,
        floor=3,
        note="Ring\r\ntwice",
    )


def test_C3_what_a_browser_leaves_out() -> None:
    pairs = [("shipping.street", "Main St"), ("shipping.city", "Ulm"), ("floor", "")]
    assert decode_form(Checkout, "Checkout.OrderGiven", pairs) == Checkout.OrderGiven(
        shipping=Address("Main St", "Ulm"), lines=(), tags=[], gift=False, floor=None
    )


def test_C2_every_fault_of_a_form_is_reported() -> None:
    error = refused(
        [
            ("shipping.city", ""),
            ("lines.0.count", "none"),
            ("lines.1.sku", "tea"),
            ("lines.1.count", "0"),
            ("gift", "perhaps"),
            ("floor", "first"),
            ("price", "0.01"),
            ("shipping.zip.code", "89073"),
        ]
    )
    assert error.event is Checkout.OrderGiven
    assert error.faults == {
        "price": STRAY,
        "shipping.zip.code": STRAY,
        "shipping.street": "Enter a street.",
        "shipping.city": FILL_IN,
        "lines.0.sku": FILL_IN,
        "lines.0.count": "Enter a whole number, at least 1.",
        "lines.1.count": "Enter a whole number, at least 1.",
        "gift": "Choose yes or no.",
        "floor": "Enter a whole number.",
    }
    assert str(error).startswith("Checkout.OrderGiven at price: There is no such field.; at shipp")


def test_C2_an_unknown_event_of_a_form() -> None:
    with pytest.raises(DecodeError, match=r"^unknown event 'Checkout\.Paid', expected one of"):
        decode_form(Checkout, "Checkout.Paid", [])
    with pytest.raises(ContractError, match="a contract or a block is wanted"):
        decode_form(Address, "Checkout.Paid", [])  # type: ignore[arg-type]  # the mistake


def test_C3_what_a_browser_adds_is_left_out() -> None:
    added = [("_charset_", "UTF-8"), ("x", "17"), ("y", "4")]
    assert decode_form(Checkout, "Checkout.OrderGiven", ORDER + added)


def test_C3_a_field_may_have_a_name_that_browsers_add() -> None:
    class Map(Spindle):
        class Pressed(Event):
            x: int
            y: int

        class Ask(Yield[Pressed]): ...

    assert decode_form(Map, "Map.Pressed", [("x", "17"), ("y", "4")]) == Map.Pressed(17, 4)


def test_C3_fields_go_by_their_python_names() -> None:
    class Renamed(msgspec.Struct, rename="camel"):
        first_name: str

    assert read([("field.first_name", "Ada")], Renamed) == Renamed("Ada")
    assert all_faults([("field.firstName", "Ada")], Renamed) == {
        "field.firstName": STRAY,
        "field.first_name": FILL_IN,
    }


# ── Single values ────────────────────────────────────────────────────────────────────────────────


class Color(Enum):
    RED = "red"


class Size(IntEnum):
    SMALL = 1


UTC = datetime.UTC
ID = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (str, "", ""),
        (str, "  ", "  "),
        (str | None, " ", " "),
        (str | None, "", None),
        (int | None, " ", None),
        (int, " -7 ", -7),
        (int, "+7", 7),
        (int, "007", 7),
        (float, "1e3", 1000.0),
        (float, ".5", 0.5),
        (float, "5.", 5.0),
        (Decimal, "4.50", Decimal("4.50")),
        (Decimal, "1e400", Decimal("1e400")),
        (bool, "on", True),
        (bool, "true", True),
        (bool, "1", True),
        (bool, "off", False),
        (bool, "false", False),
        (bool, "0", False),
        (bool, "", False),
        (bool | None, "", None),
        (bool | None, "on", True),
        (Color, "red", Color.RED),
        (Color, " red ", Color.RED),
        (Size, "1", Size.SMALL),
        (Literal["a", 1, None], "1", 1),
        (Literal["a", 1, None], "", None),
        (None, "", None),
        (datetime.date, "2025-12-31", datetime.date(2025, 12, 31)),
        (datetime.time, "18:30", datetime.time(18, 30)),
        (datetime.time, "18:30:05", datetime.time(18, 30, 5)),
        (datetime.datetime, "2025-12-31T18:30", datetime.datetime(2025, 12, 31, 18, 30)),
        (datetime.datetime, "2025-12-31 18:30", datetime.datetime(2025, 12, 31, 18, 30)),
        (
            Annotated[datetime.datetime, Meta(tz=True)],
            "2025-12-31T18:30:00Z",
            datetime.datetime(2025, 12, 31, 18, 30, tzinfo=UTC),
        ),
        (datetime.timedelta, "PT1H", datetime.timedelta(hours=1)),
        (uuid.UUID, f" {ID} ", ID),
        (bytes, "aGk=", b"hi"),
        (int | str, "7", 7),
        (int | str, "seven", "seven"),
        (str | int, "7", 7),
        (Any, "7", "7"),
    ],
)
def test_C3_what_a_text_spells(annotation: object, text: str, value: object) -> None:
    found = read([("field", text)], annotation)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "said"),
    [
        (int, "", FILL_IN),
        (int, "  ", FILL_IN),
        (int, "1.0", "Enter a whole number."),
        (int, "1_000", "Enter a whole number."),
        (int, "٣", "Enter a whole number."),
        (int, "9" * 5_000, "Enter a whole number."),
        (int | None, "one", "Enter a whole number."),
        (Annotated[int, Meta(ge=1, le=9)], "10", "Enter a whole number from 1 to 9."),
        (Annotated[int, Meta(ge=1, le=9)], "one", "Enter a whole number from 1 to 9."),
        (Annotated[int, Meta(gt=0)], "0", "Enter a whole number, above 0."),
        (Annotated[float, Meta(lt=1.5)], "2", "Enter a number, below 1.5."),
        (Annotated[float, Meta(le=1e6)], "2e6", "Enter a number, at most 1e+06."),
        (
            Annotated[int, Meta(ge=0, le=9, multiple_of=3)],
            "4",
            "Enter a whole number, at least 0 and at most 9 and a multiple of 3.",
        ),
        (float, "", FILL_IN),
        (float, "nan", "Enter a number."),
        (float, "inf", "Enter a number."),
        (float, "1e999", "Enter a number."),
        (float, "0x10", "Enter a number."),
        (float, "4,50", "Enter a number."),
        (Decimal, "NaN", "Enter a number."),
        (Decimal, "1e401", "Enter a number."),
        (bool, "perhaps", "Choose yes or no."),
        (bool | None, "perhaps", "Choose yes or no."),
        (Color, "blue", "Choose one of the options."),
        (Color, "", "Choose one of the options."),
        (Literal["a", 1], "b", "Choose one of the options."),
        (datetime.date, "31.12.2025", "Enter a date."),
        (datetime.date, "2025-02-30", "Enter a date."),
        (datetime.date, "", FILL_IN),
        (datetime.time, "noon", "Enter a time."),
        (datetime.datetime, "2025-12-31", "Enter a date and time."),
        (
            Annotated[datetime.datetime, Meta(tz=True)],
            "2025-12-31T18:30",
            "Enter a date and time with its time zone.",
        ),
        (Annotated[datetime.time, Meta(tz=True)], "1", "Enter a time with its time zone."),
        (datetime.timedelta, "an hour", "Enter a duration."),
        (uuid.UUID, "7", "This value is not valid."),
        (bytes, "hi!", "This value is not valid."),
        (Annotated[str, Meta(min_length=2)], "", FILL_IN),
        (Annotated[str, Meta(min_length=2)], "a", "Enter at least 2 characters."),
        (Annotated[str, Meta(max_length=2)], "abc", "Enter at most 2 characters."),
        (Annotated[str, Meta(pattern="^[a-z]+$")], "A", "This does not have the expected form."),
        (Annotated[str, Meta(pattern="^[a-z]+$")], "", FILL_IN),
        (str, "\ud800", "Leave out characters that are not text."),
        (int | float, "", FILL_IN),
        (int | float, "x", "This value is not valid."),
        (None, "x", "This value is not valid."),
    ],
)
def test_C2_what_a_visitor_is_told(annotation: object, text: str, said: str) -> None:
    assert faults(text, annotation) == said


def test_C2_a_type_may_say_its_own_message() -> None:
    message = Meta(extra={"message": "Say how many."})
    assert faults("x", Annotated[int, message]) == "Say how many."
    assert all_faults([], Annotated[int, message]) == {"field": "Say how many."}
    assert faults("x", Annotated[int, message] | None) == "Say how many."
    assert faults("x", Annotated[int | None, message]) == "Say how many."
    assert faults("x", Annotated[int | float | None, message]) == "Say how many."
    assert all_faults([], Annotated[int | float, message]) == {"field": "Say how many."}
    assert faults("x", list[Annotated[int, message]]) == "Say how many."
    assert faults("x", Annotated[list[int], message]) == "Say how many."
    assert faults("1", Annotated[list[int], Meta(min_length=2), message]) == "Say how many."
    assert faults("1", Annotated[tuple[int, int], message]) == "Say how many."
    assert faults("x", Annotated[Annotated[int, message], Meta(extra={"other": 1})]) == (
        "Say how many."
    )
    assert faults("x", Annotated[int, Meta(extra={"message": 1})]) == "Enter a whole number."
    told = all_faults([("field.x", "1")], dict[Annotated[int, message], int])
    assert told == {"field.x": "Say how many."}
    several = Annotated[Annotated[int | bool, message] | float, Meta(extra={})]
    assert faults("x", several) == "Say how many."


def test_C2_a_field_that_was_not_posted() -> None:
    for annotation in (int, str, Color, Any, int | float, tuple[int, str], Address | int):
        if annotation == tuple[int, str]:
            assert all_faults([], annotation) == {"field": "Enter 2 values."}
        else:
            assert all_faults([], annotation) == {"field": FILL_IN}


@pytest.mark.parametrize(
    ("annotation", "default", "nothing", "blank"),
    [
        (int, 5, 5, 5),
        (str, "x", "x", ""),
        (Color, Color.RED, Color.RED, Color.RED),
        (Literal["", "a"], "a", "a", ""),
        (bool, True, False, False),
        (int | None, 5, 5, None),
        (bool | None, True, True, None),
        (Any, 5, 5, ""),
    ],
)
def test_C3_a_default_stands_for_what_was_left_alone(
    annotation: object, default: object, nothing: object, blank: object
) -> None:
    assert read([], annotation, default) == nothing
    assert read([("field", "")], annotation, default) == blank


def test_C3_an_unticked_box_says_no_whatever_the_default() -> None:
    """A browser leaves an unticked box out: the default would tick it again."""
    assert read([], bool, True) is False
    assert read([("field", "off"), ("field", "on")], bool) is True  # the hidden-input idiom


def test_C2_one_value_only() -> None:
    assert faults(["1", "2"], int) == "Enter one value only."
    assert faults(["1", "2"], int | str) == "Enter one value only."
    assert faults(["", ""], str) == "Enter one value only."


# ── Several values ───────────────────────────────────────────────────────────────────────────────


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


class Node(msgspec.Struct):
    name: str
    children: list[Node] = []
    twin: Node | None = None


AtMostOne = Annotated[set[int], Meta(max_length=1)]
AtLeastTwo = Annotated[set[int], Meta(min_length=2)]


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


class Stay(Spindle):
    class Booked(Event):
        first: int
        last: int

        def __post_init__(self) -> None:
            if self.last < self.first:
                raise ValueError("The end lies before the start.")

    class Ask(Yield[Booked]): ...


def test_C2_a_fault_of_the_form_as_a_whole() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_form(Stay, "Stay.Booked", [("first", "2"), ("last", "1")])
    assert caught.value.faults == {"": "The end lies before the start."}
    assert str(caught.value) == "Stay.Booked The end lies before the start."


# ── Hostile forms ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    ["", ".", "..field", "field.", ".field", "__class__", "field.__class__", "\x00", "<script>"],
)
def test_N8_a_name_that_no_field_has(name: str) -> None:
    found = all_faults([("field", "1"), (name, "x")], int)
    assert found == {name: STRAY}


def test_N8_a_name_that_is_no_text_is_shown_escaped() -> None:
    assert all_faults([("field", "1"), ("\ud800", "x")], int) == {"\\ud800": STRAY}


def test_P6_a_long_name_is_cut() -> None:
    assert all_faults([("field", "1"), ("x" * 10_000, "x")], int) == {"x" * 199 + "…": STRAY}


def test_P6_names_nest_32_deep_at_most() -> None:
    deepest = "field" + ".twin" * 30 + ".name"
    assert set(all_faults([(deepest, "x")], Node)) == {
        "field" + ".twin" * depth + ".name" for depth in range(30)
    }
    found = all_faults([("field.name", "x"), ("field" + ".twin" * 31 + ".name", "x")], Node)
    assert list(found.values()) == [STRAY]
    found = all_faults([("field.name", "x"), (".".join("a" * 100_000), "x")], Node)
    assert list(found.values()) == [STRAY]


def test_P6_a_type_that_cannot_be_made_is_a_decode_error() -> None:
    assert set(all_faults([], Endless)) == {""}


class Endless(msgspec.Struct):
    again: Endless


def test_P6_many_fields_take_linear_time() -> None:
    pairs = [("field", "1")] + [(f"field.{index}.x", "1") for index in range(20_000)]
    assert len(all_faults(pairs, int)) == 1_000
    assert len(read([("field", "1")] * 20_000, list[int])) == 20_000  # type: ignore[arg-type]
