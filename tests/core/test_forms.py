"""Forms: a whole one becomes an event, or every fault of it is told."""

from __future__ import annotations

import msgspec
import pytest

from spindle._core.contracts.contract import Spindle
from spindle._core.decoding.decode import DecodeError
from spindle._core.decoding.forms import decode_form
from spindle._core.errors import ContractError
from spindle._core.messages import Event, Yield
from tests.core.forms import FILL_IN, STRAY, Address, Line, all_faults, read


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
