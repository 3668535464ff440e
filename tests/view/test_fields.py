from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Annotated

import msgspec
import pytest

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Event, Yield
from spindle.view import Markup, ViewError, fields
from tests.view.shop import Checkout, Search


class Renamed(msgspec.Struct, rename="camel"):
    first_name: str


@dataclass
class Point:
    x: int


class Form(Spindle):
    class Given(Event):
        renamed: Renamed
        point: Point | None
        pair: tuple[Renamed, Point]
        noted: Annotated[Renamed, msgspec.Meta(extra={"message": "Fill this in."})]

    class Ask(Yield[Given]): ...


SHIPPING = fields(Checkout.ShippingGiven)


def test_a_field_is_its_dotted_name_as_text_and_in_formats() -> None:
    street = SHIPPING.shipping.street
    assert str(street) == "shipping.street"
    assert f"{street}" == "shipping.street"
    assert f"{street:>16}" == " shipping.street"
    assert Markup('<input name="{}">').format(street) == '<input name="shipping.street">'


def test_items_of_lists_are_numbered() -> None:
    assert str(SHIPPING.lines[0].sku) == "lines.0.sku"
    assert str(SHIPPING.lines[12].count) == "lines.12.count"
    assert str(SHIPPING.tags) == "tags"


def test_fields_of_dataclasses_optionals_and_tuples_have_names_too() -> None:
    given = fields(Form.Given)
    assert str(given.point.x) == "point.x"
    assert str(given.pair[1].x) == "pair.1.x"
    assert str(given.noted.first_name) == "noted.firstName"


def test_a_renamed_field_has_the_name_it_is_decoded_by() -> None:
    assert str(fields(Form.Given).renamed.first_name) == "renamed.firstName"


def test_the_event_itself_has_the_empty_name() -> None:
    assert str(SHIPPING) == ""


def test_paths_are_equal_by_event_and_name() -> None:
    again = fields(Checkout.ShippingGiven)
    assert SHIPPING.shipping == again.shipping
    assert hash(SHIPPING.shipping) == hash(again.shipping)
    assert SHIPPING.note != SHIPPING.shipping
    assert fields(Search.QueryTyped) != fields(Search.BuyPressed)
    assert copy.copy(SHIPPING.note) == SHIPPING.note
    assert repr(SHIPPING.shipping.street) == "<field Shop.Checkout.ShippingGiven.shipping.street>"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shiping", "has no field 'shiping': did you mean 'shipping'?"),
        ("zebra", "has no field 'zebra': it has shipping, note, lines, tags"),
        ("delivery", "has no field 'delivery'"),
    ],
)
def test_a_field_that_is_not_there_is_refused(name: str, said: str) -> None:
    with pytest.raises(ViewError) as caught:
        getattr(SHIPPING, name)
    assert f"Shop.Checkout.ShippingGiven {said}" in str(caught.value)


def test_a_single_value_has_no_fields() -> None:
    with pytest.raises(ViewError, match=r"shipping\.street has no fields of its own"):
        SHIPPING.shipping.street.upper()


def test_what_is_no_list_has_no_items() -> None:
    with pytest.raises(ViewError, match="has no item 0"):
        SHIPPING.shipping[0]
    with pytest.raises(ViewError, match="has no item -1"):
        SHIPPING.lines[-1]
    with pytest.raises(ViewError, match="has no item 2"):
        fields(Form.Given).pair[2]


def test_a_path_cannot_be_looped_over() -> None:
    with pytest.raises(ViewError, match="holds no items"):
        list(SHIPPING.lines)


@pytest.mark.parametrize("wrong", [Checkout.AskShipping, Checkout.PaymentGiven("x"), "name", []])
def test_fields_takes_the_class_of_an_event(wrong: object) -> None:
    with pytest.raises(ViewError, match="expected the class of an event"):
        fields(wrong)
