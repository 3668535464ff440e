"""Fields that cannot cross the edge of a page are found where the message is defined."""

from __future__ import annotations

import datetime
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypedDict

import msgspec
import pytest

from spindle._core.contracts.contract import Spindle, describe
from spindle._core.errors import ContractError
from spindle._core.messages import Event, Notify, Yield
from tests.core.declared import block_of

if TYPE_CHECKING:
    from fractions import Fraction


class Point:
    """Something msgspec does not know."""


class Plain(msgspec.Struct):
    x: int


class Other(msgspec.Struct):
    y: int


class Frozen(msgspec.Struct, frozen=True):
    x: int


class FrozenAroundAList(msgspec.Struct, frozen=True):
    xs: list[int]


class SameOnlyIfItself(msgspec.Struct, eq=False):
    x: int


@dataclass(frozen=True)
class FrozenData:
    x: int


@dataclass
class Data:
    x: int


class Pair(NamedTuple):
    x: int
    y: Frozen


class Typed(TypedDict):
    x: int


class Located(msgspec.Struct):
    points: dict[str, list[Point | None]]


class Undecided(msgspec.Struct):
    panel: Plain | Other
    within: Undecided | None = None


class Mixed(enum.Enum):
    A = "a"
    B = 2


def of_event(annotation: object) -> str:
    with pytest.raises(ContractError) as caught:
        block_of(Event, annotation)
    return str(caught.value)


def of_notify(annotation: object) -> str:
    with pytest.raises(ContractError) as caught:
        block_of(Notify, annotation)
    return str(caught.value)


CARRIED = (
    "Use what JSON carries: a msgspec.Struct, a dataclass, an enum, str, int, bool, "
    "a list of these ..."
)


def test_C1_a_field_that_msgspec_cannot_decode() -> None:
    assert of_event(Point) == f"Checkout.Message.field: msgspec cannot decode Point. {CARRIED}"


def test_C1_a_field_that_msgspec_cannot_decode_at_any_depth() -> None:
    assert of_event(Located) == (
        f"Checkout.Message.field.points[][]: msgspec cannot decode Point. {CARRIED}"
    )
    assert of_event(tuple[int, Point]).startswith(
        "Checkout.Message.field[1]: msgspec cannot decode"
    )
    assert of_event(Annotated[set[Point], msgspec.Meta(min_length=1)]).startswith(
        "Checkout.Message.field[]: msgspec cannot decode Point"
    )


def test_C1_a_field_that_is_never_decoded() -> None:
    assert of_event(msgspec.Raw) == (
        f"Checkout.Message.field: what a visitor sends has to be decoded. {CARRIED}"
    )
    assert of_event(msgspec.msgpack.Ext).startswith("Checkout.Message.field: what a visitor")


def test_C1_a_field_that_msgspec_refuses() -> None:
    assert of_event(Plain | Other).startswith(
        "Checkout.Message.field: msgspec refuses it: If a type union contains multiple Struct "
        "types, all Struct types must be tagged"
    )
    assert of_event(Mixed).startswith(
        "Checkout.Message.field: msgspec refuses it: Enums must contain either all str or all int"
    )
    assert of_event(Undecided).startswith("Checkout.Message.field: msgspec refuses it: If a type")


@pytest.mark.parametrize(
    "item", [Plain, FrozenAroundAList, list[int], dict[str, int], Typed, Data, Any, Plain | None]
)
def test_C1_a_set_of_what_cannot_be_hashed(item: object) -> None:
    assert of_event(set[item]) == (  # type: ignore[valid-type]
        "Checkout.Message.field: the items of a set have to be hashable. "
        "Use frozen=True for them, or a tuple."
    )
    assert "the items of a set" in of_event(frozenset[item])  # type: ignore[valid-type]


@pytest.mark.parametrize(
    "item", [str, Frozen, FrozenData, SameOnlyIfItself, Pair, tuple[int, ...], frozenset[str]]
)
def test_a_set_of_what_can_be_hashed(item: object) -> None:
    assert describe(block_of(Event, set[item])).events  # type: ignore[valid-type]


@pytest.mark.parametrize("key", [tuple[int, int], Frozen, Pair, frozenset[str], bool, Plain])
def test_C1_a_mapping_whose_keys_are_no_text(key: object) -> None:
    assert of_event(dict[key, int]) == (  # type: ignore[valid-type]
        "Checkout.Message.field: the keys of a JSON object are text. "
        "Use str, int or an enum as their type."
    )


@pytest.mark.parametrize("key", [str, int, datetime.date, Literal["a"]])
def test_a_mapping_whose_keys_are_text(key: object) -> None:
    assert describe(block_of(Event, dict[key, int])).events  # type: ignore[valid-type]


def test_C1_a_field_that_msgspec_cannot_encode() -> None:
    assert of_notify(Point) == (
        "Checkout.Message.field: msgspec cannot encode Point. "
        "Use a msgspec.Struct, a dataclass, an enum, str, int, bool, a list of these ..."
    )
    assert of_notify(Located).startswith("Checkout.Message.field.points[][]: msgspec cannot encode")
    assert of_notify(list[Plain | Other | Point]).startswith(
        "Checkout.Message.field: msgspec cannot encode Point"
    )
    assert of_notify(Annotated[Plain | Other | Point, "x"]).startswith(
        "Checkout.Message.field: msgs"
    )
    assert of_notify(Annotated[Plain | Other | Point, msgspec.Meta(extra={})]).endswith("...")
    assert of_notify(Mixed).startswith("Checkout.Message.field: msgspec refuses it: Enums must")


def test_C1_a_yield_is_looked_at_like_a_notify() -> None:
    class Given(Event): ...

    def declare() -> None:
        class Checkout(Spindle):
            Given_ = Given

            class Ask(Yield[Given]):
                at: Point

    with pytest.raises(ContractError, match=r"^Checkout\.Ask\.at: msgspec cannot encode Point\."):
        declare()


@pytest.mark.parametrize(
    "annotation",
    [
        Plain | Other,
        Undecided,
        tuple[Plain | Other, ...],
        dict[str, Plain | Other],
        Annotated[Plain | Other, "x"],
        set[Plain],
        msgspec.Raw,
        object,
        Any,
        Literal["a", "b"] | None,
    ],
)
def test_what_goes_out_need_not_be_decodable(annotation: object) -> None:
    assert describe(block_of(Notify, annotation)).notifies


def test_C1_an_event_may_leave_a_field_to_itself() -> None:
    assert describe(block_of(Event, Any)).events
    assert describe(block_of(Event, object)).events


def test_C1_a_name_that_is_not_in_the_module() -> None:
    def declare() -> None:
        class Checkout(Spindle):
            class Address(msgspec.Struct):
                street: str

            class ShippingGiven(Event):
                amount: int
                shipping: Address  # type: ignore[name-defined]  # noqa: F821

            class AskShipping(Yield[ShippingGiven]): ...

    with pytest.raises(ContractError) as caught:
        declare()
    assert str(caught.value) == (
        "Checkout.ShippingGiven.shipping: the name Address is not found. Types of fields are "
        "looked up in the module when the class is defined: define Address at module level, not "
        "beside the message in its block or in a function, and import it outside "
        "`if TYPE_CHECKING`."
    )


def test_C1_a_name_that_is_not_in_the_module_deeper_down() -> None:
    class Inner(msgspec.Struct):
        price: Fraction

    with pytest.raises(ContractError, match=r"^Checkout\.Message\.field: the name Fraction is"):
        block_of(Event, Inner)


def test_C1_a_name_that_is_not_in_the_module_in_a_notify() -> None:
    with pytest.raises(ContractError, match=r"^Checkout\.Message\.field: the name Fraction is not"):
        block_of(Notify, "list[Fraction]")


def test_a_free_yield_may_carry_what_it_likes() -> None:
    class AskPlace(Yield[str]):
        near: Point

    assert AskPlace.__answers__ == {str}
    point = Point()
    assert AskPlace(point).near is point


def test_C1_a_name_that_a_base_of_the_message_uses() -> None:
    class Base(Event):
        price: Fraction

    def declare() -> None:
        class Checkout(Spindle):
            class Given(Base): ...

            class Ask(Yield[Given]): ...

    with pytest.raises(ContractError, match=r"^Checkout\.Given: the name Fraction is not found"):
        declare()
