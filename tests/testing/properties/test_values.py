"""Strategies from the types of fields: every value passes the project's own decoding."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from msgspec import Meta

from spindle import Event, Notify, Port, Spindle, UsageError, Yield, read
from spindle._core.decoding.decode import decode_event
from spindle.testing.properties import events, messages, returned_by, values
from tests.core.declared import event_of
from tests.core.event_types import Typed, types
from tests.store import CardRefused, Checkout, Inventory, Order, Orders, SoldOut, Store

NAME = "Checkout.Message"
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Line(msgspec.Struct, frozen=True):
    sku: Annotated[str, Meta(min_length=1)]
    count: Annotated[int, Meta(ge=1, le=9)] = 1


class Tagged(msgspec.Struct, frozen=True, tag=True):
    inner: Line


class Other(msgspec.Struct, frozen=True, tag=True, rename="camel"):
    some_name: str
    more: int | None = None


class Row(msgspec.Struct, frozen=True, array_like=True):
    first: int
    second: str = ""


class Tree(msgspec.Struct, frozen=True):
    left: Tree | None = None
    right: Tree | None = None
    rest: tuple[Tree, ...] = ()


class Even(msgspec.Struct, frozen=True):
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")


@dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.0


class Pair(NamedTuple):
    first: int
    second: str = ""


class Loose(TypedDict):
    name: str
    age: NotRequired[int]


FORMS: Mapping[str, Any] = {
    "gt and lt": Annotated[int, Meta(gt=2, lt=5)],
    "ge and le, below 0": Annotated[int, Meta(ge=-7, le=-5)],
    "ge alone, large": Annotated[int, Meta(ge=2**62)],
    "le alone, small": Annotated[int, Meta(le=-(2**62))],
    "multiple_of": Annotated[int, Meta(multiple_of=7, gt=10, le=50)],
    "multiple_of, negative": Annotated[int, Meta(multiple_of=7, ge=-50, lt=-7)],
    "float, gt and lt": Annotated[float, Meta(gt=0, lt=1)],
    "float, ge and le": Annotated[float, Meta(ge=-1.5, le=1.5)],
    "float, multiple_of": Annotated[float, Meta(multiple_of=0.1, ge=0)],
    "pattern": Annotated[str, Meta(pattern="^[a-z]+@[a-z]+$")],
    "pattern and lengths": Annotated[str, Meta(pattern="^[a-z]", min_length=2, max_length=9)],
    "pattern of one length": Annotated[str, Meta(pattern="^[0-9]+$", min_length=25, max_length=25)],
    "lengths": Annotated[str, Meta(min_length=3, max_length=5)],
    "long": Annotated[str, Meta(min_length=1000, max_length=1001)],
    "bytes": Annotated[bytes, Meta(min_length=2, max_length=3)],
    "aware": Annotated[datetime.datetime, Meta(tz=True)],
    "naive": Annotated[datetime.datetime, Meta(tz=False)],
    "aware time": Annotated[datetime.time, Meta(tz=True)],
    "naive time": Annotated[datetime.time, Meta(tz=False)],
    "list": Annotated[list[int], Meta(min_length=2, max_length=3)],
    "frozenset": Annotated[frozenset[Color], Meta(min_length=1)],
    "set": Annotated[set[int], Meta(max_length=2)],
    "dict": Annotated[dict[str, Line], Meta(min_length=1, max_length=2)],
    "keys": dict[Annotated[int, Meta(ge=0)], Color],
    "tuple": tuple[int, Annotated[str, Meta(max_length=1)], Line],
    "optional": Annotated[int, Meta(ge=1)] | None,
    "literal": Literal["a", 1, None],
    "union": int | str | bool | None | list[Line],
    "tagged": Tagged | Other,
    "array": Row,
    "dataclass": Point,
    "named tuple": Pair,
    "typed dict": Loose,
    "tree": Tree,
    "checked by itself": Even,
    "anything": Any,
    "object": list[object],
    "plain": tuple[datetime.date, datetime.timedelta, UUID, Decimal, float, bytes],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_every_event_passes_the_decoding_of_a_contract(form: Any) -> None:
    block = event_of(form)

    @many
    @given(events(block))
    def passes(event: Event) -> None:
        assert decode_event(block, NAME, msgspec.json.encode(event)) == event

    passes()


@many
@given(types, st.data())
def test_so_do_those_of_any_type(drawn: Typed, data: st.DataObject) -> None:
    block = event_of(drawn.annotation)
    event = data.draw(events(block))
    assert decode_event(block, NAME, msgspec.json.encode(event)) == event


EDGES: list[tuple[Any, object]] = [
    (Annotated[int, Meta(gt=2, lt=5_000_000)], 3),
    (Annotated[int, Meta(gt=2, lt=5_000_000)], 4_999_999),
    (Annotated[int, Meta(ge=-5, multiple_of=10_000)], 0),
    (Annotated[float, Meta(ge=0.25)], 0.25),
    (Annotated[float, Meta(lt=1, ge=0)], 0.9999999999999999),
    (Annotated[list[bool], Meta(min_length=2)], [False, False]),
    (datetime.date | None, None),
    (Color, Color.BLUE),
    (Annotated[str, Meta(max_length=300)], "0" * 300),
    (Annotated[bytes, Meta(max_length=3)], b"\0\0\0"),
]


@pytest.mark.parametrize(("form", "edge"), EDGES)
def test_the_edges_of_what_is_allowed_are_met(form: Any, edge: object) -> None:
    soon = settings(max_examples=300, database=None, derandomize=True)
    assert find(values(form), lambda value: value == edge, settings=soon) == edge


def test_texts_are_as_long_as_they_may_be() -> None:
    form: Any = Annotated[str, Meta(min_length=2, max_length=150)]
    soon = settings(max_examples=100, database=None, derandomize=True)
    assert len(find(values(form), lambda text: len(text) == 150, settings=soon)) == 150
    assert len(find(values(form), lambda text: True, settings=soon)) == 2
    with pytest.raises(NoSuchExample):
        find(values(form), lambda text: not 2 <= len(text) <= 150, settings=soon)


def test_an_optional_field_is_left_out_and_given() -> None:
    lines = values(Line)
    assert find(lines, lambda line: True) == Line("0")
    assert find(lines, lambda line: line.count == 9).count == 9


# --- which ----------------------------------------------------------------------------------------


def kinds(strategy: st.SearchStrategy[Any]) -> set[type]:
    seen: set[type] = set()

    @settings(max_examples=30, derandomize=True, database=None)
    @given(strategy)
    def sees(value: object) -> None:
        seen.add(type(value))

    sees()
    return seen


def test_those_of_a_contract_are_of_all_its_classes() -> None:
    assert kinds(events(Store)) == {
        Checkout.ShippingGiven, Checkout.PaymentGiven, Store.Browse.Left,
    }  # fmt: skip
    assert kinds(events(Checkout)) == {Checkout.ShippingGiven, Checkout.PaymentGiven}
    assert kinds(events(Checkout.PaymentGiven)) == {Checkout.PaymentGiven}


def test_yields_and_what_ports_return() -> None:
    assert isinstance(find(messages(Checkout.AskShipping), lambda ask: True).product.price, int)
    assert find(returned_by(Inventory.reserve), bool) is True
    assert find(returned_by(Inventory.release), lambda value: True) is None
    # Of structs without tags, which msgspec encodes and cannot decode.
    assert kinds(returned_by(Orders.place)) == {Order, CardRefused}


class Wide(Spindle[None]):
    class Result(Notify):
        outcome: Order | SoldOut | None
        also: int = 7


def test_a_notify_may_have_what_cannot_be_decoded() -> None:
    found = messages(Wide.Result)
    assert find(found, lambda each: isinstance(each.outcome, SoldOut)).also == 7
    assert find(found, lambda each: each.also != 7).also == 0


# --- overrides and slips --------------------------------------------------------------------------


class Custom:
    pass


class Handed(Spindle[None]):
    class Told(Event):
        line: Line
        more: tuple[Line, ...] = ()

    class Ask(Yield[Told]):
        by: Color


def test_a_strategy_of_its_own_for_a_class_or_a_place() -> None:
    line = Line("x", 2)
    for key in (Line, "Handed.Told.line"):
        assert find(events(Handed, overrides={key: st.just(line)}), lambda _: True).line == line
    told = events(Handed.Told, overrides={"Handed.Told.more[].sku": st.just("deep")})
    assert find(told, lambda event: len(event.more) > 0).more[0].sku == "deep"
    both = events(Handed, overrides={Line: st.just(line), "Handed.Told.line": st.just(Line("y"))})
    assert find(both, lambda _: True).line == Line("y"), "the place counts before the class"
    assert find(values(list[int], overrides={int: st.just(5)}), bool) == [5]


class Odd(Port):
    @read
    async def custom(self) -> list[Custom]: ...
    @read
    async def one(self) -> Custom: ...
    @read
    async def silent(self): ...  # type: ignore[no-untyped-def]


Odd.one.__annotations__["return"] = "Missing"


class Hard(Spindle[None]):
    class Above(Event):
        count: Annotated[int, Meta(ge=2**62)]
        text: Annotated[str, Meta(pattern=r"^(?=.{8}$)[a-z]+\d+$")]

    class Ask(Yield[Above]): ...


class Huge(msgspec.Struct):
    count: Annotated[int, Meta(ge=2**70)]


def test_a_strategy_of_its_own_for_what_cannot_be_made() -> None:
    eight = st.just("abcdefg1")
    assert find(events(Hard, overrides={"Hard.Above.text": eight}), bool).text == "abcdefg1"
    assert find(values(Huge, overrides={"Huge.count": st.just(2**71)}), bool).count == 2**71


@given(st.data())
def test_strategies_are_made_inside_of_a_test_too(data: st.DataObject) -> None:
    looked_around = values(Annotated[str, Meta(pattern=r"\A(?=a)[ab]+\Z")])  # type: ignore[arg-type, var-annotated]
    assert str(data.draw(looked_around)).startswith("a")


SLIPS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: events(Hard),
        r"no values can be made for Hard.Above.text: a text with pattern='.*' is not found by "
        r"trying, .*. Give it a strategy: overrides={'Hard.Above.text': ...}",
    ),
    (
        lambda: values(Annotated[str, Meta(pattern=r"\A[a-c]\Z", min_length=2)]),  # type: ignore[arg-type]
        "a text with min_length=2, pattern='.*' is not found by trying",
    ),
    (
        lambda: values(Annotated[set[bool], Meta(min_length=3)]),  # type: ignore[arg-type]
        "3 different items are not found by trying",
    ),
    (
        lambda: values(Huge),
        r"no values can be made for Huge.count: msgspec does not know it \(Integer bounds .* "
        r"Give it a strategy: overrides={'Huge.count': ...}",
    ),
    (
        lambda: returned_by(Odd.custom),
        r"no values can be made for Odd.custom\[\]: it is a Custom, which only you can make. Give "
        r"it a strategy: overrides={'Odd.custom\[\]': ...}, or its class as the key",
    ),
    (lambda: returned_by(Odd.one), "what Odd.one returns is not known: the name Missing is not"),
    (lambda: returned_by(Odd.silent), "Odd.silent is not annotated with what it returns"),
    (
        lambda: values(Annotated[int, Meta(gt=3, lt=4)]),  # type: ignore[arg-type]
        r"no whole number is within its limits \(gt=3, lt=4\)",
    ),
    (
        lambda: values(Annotated[float, Meta(gt=3, lt=2)]),  # type: ignore[arg-type]
        r"no number is within its limits",
    ),
    (
        lambda: values(Annotated[float, Meta(gt=3, lt=4, multiple_of=8)]),  # type: ignore[arg-type]
        r"no number is within its limits",
    ),
    (
        lambda: values(Annotated[str, Meta(min_length=3, max_length=2)]),  # type: ignore[arg-type]
        "no text is within its limits",
    ),
    (
        lambda: values(Annotated[list[int], Meta(min_length=3, max_length=2)]),  # type: ignore[arg-type]
        "it has 3 items or more and 2 or fewer",
    ),
    (
        lambda: values(Annotated[dict[bool, int], Meta(min_length=3)]),  # type: ignore[arg-type]
        "for Annotated: 3 different keys are not found by trying",
    ),
    (lambda: values(list[Color | Line | Tagged]), "msgspec does not know it"),
    (lambda: values(msgspec.Raw), "RawType has no form of its own"),
    (lambda: messages(Line), r"messages\(\) takes a class of messages, not <class.*see values\(\)"),
    (lambda: events(Wide), "Wide declares no events"),
    (lambda: events(Handed, overrides={3: st.none()}), "by class or by path, not by 3"),
    (
        lambda: events(Handed, overrides={Line: 4}),  # type: ignore[dict-item]
        r"gives Line 4, which is no strategy: use one .*, such as just\(4\)",
    ),
    (
        lambda: events(Handed, overrides={"Handed.Told.lines": st.none()}),
        "has no place for 'Handed.Told.lines'; did you mean 'Handed.Told.line'?",
    ),
    (lambda: events(Handed, overrides={Custom: st.none()}), "has no place for Custom"),
]


@pytest.mark.parametrize(("slip", "said"), SLIPS)
def test_slips_are_named(slip: Callable[[], object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        slip()
