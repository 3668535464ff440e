"""Where two values differ."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.testing.differences import MOST, differences
from tests.store import HOME, TEA, Address, Checkout, Product


class Parcel(msgspec.Struct, frozen=True):
    to: Address
    what: tuple[Product, ...]
    notes: dict[str, object]


@dataclass
class Line:
    sku: str
    seen: int = field(compare=False, default=0)


Point = namedtuple("Point", ["x", "y"])

PARCEL = Parcel(HOME, (TEA,), {"gift": True})


@pytest.mark.parametrize(
    ("expected", "came", "lines"),
    [
        (PARCEL, PARCEL, []),
        (1, 1.0, []),
        (
            PARCEL,
            Parcel(Address("Main St 1", "Bonn"), (TEA,), {"gift": True}),
            ["to.city: expected 'Ulm', came 'Bonn'"],
        ),
        (
            PARCEL,
            Parcel(HOME, (Product("tea", 5), TEA), {"fragile": 1}),
            [
                "what[0].price: expected 4, came 5",
                "what[1]: expected nothing, came Product(sku='tea', price=4)",
                "notes['gift']: expected True, came nothing",
                "notes['fragile']: expected nothing, came 1",
            ],
        ),
        (Line("a", 1), Line("b", 2), ["sku: expected 'a', came 'b'"]),
        (Point(1, 2), Point(1, 3), ["y: expected 2, came 3"]),
        ([1, 2], [1], ["[1]: expected 2, came nothing"]),
        ([1], (1,), ["as a whole: expected [1], came (1,)"]),
        ({1, 2}, {2, 3}, ["{}: expected 1, came nothing", "{}: expected nothing, came 3"]),
        (None, TEA, ["as a whole: expected None, came Product(sku='tea', price=4)"]),
        (
            Checkout.AskShipping(TEA),
            Checkout.AskPayment(4),
            [
                "as a whole: expected AskShipping(product=Product(sku='tea', price=4)), "
                "came AskPayment(total=4)"
            ],
        ),
    ],
)
def test_only_what_differs_is_told(expected: object, came: object, lines: list[str]) -> None:
    assert differences(expected, came) == lines


def test_long_texts_are_shown_from_where_they_differ() -> None:
    (line,) = differences({"t": "a" * 1000 + "b"}, {"t": "a" * 1000 + "c"})
    same = "a" * 20
    at = "(from character 980)"
    assert line == f"['t']: expected '{same}b' {at}, came '{same}c' {at}"
    (line,) = differences("x" * 500, "x" * 400)
    assert f"came '{'x' * 20}' (from character 380)" in line
    (line,) = differences("a" + "x" * 500, "b" + "x" * 500)
    assert line.startswith("as a whole: expected 'axxx")
    assert len(line) < 200


def test_no_more_than_a_bounded_number_of_lines() -> None:
    lines = differences(list(range(1000)), list(range(1, 1001)))
    assert len(lines) == MOST + 1
    assert lines[-1] == "... and more"


def test_what_is_equal_in_its_parts_but_not_as_a_whole() -> None:
    @dataclass(eq=False)
    class Same:
        sku: str

    (line,) = differences(Same("a"), Same("a"))
    assert line.startswith("as a whole: expected ")


def test_values_of_one_look_are_told_apart() -> None:
    class Look:
        def __repr__(self) -> str:
            return "look"

    class Other(Look): ...

    assert differences(Look(), Other()) == ["as a whole: expected look, a Look, came look, a Other"]


def test_hostile_values_do_not_hide_the_rest() -> None:
    class Unequal:
        def __eq__(self, other: object) -> bool:
            raise ValueError("no equality")

        __hash__ = None  # type: ignore[assignment]

        def __repr__(self) -> str:
            raise ValueError("no repr")

    (line,) = differences([Unequal()], [3])
    assert line.startswith("as a whole: expected <list, whose repr fails>, came [3]")
    ring: list[object] = []
    ring.append(ring)
    assert differences(ring, [[1]]) == ["[0][0]: expected [[...]], came 1"]
    other: list[object] = []
    other.append(other)
    assert differences(ring, other) == ["as a whole: expected [[...]], came [[...]]"]


PLAIN = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.frozensets(st.text()),
    max_leaves=6,
)


@given(PLAIN, PLAIN)
def test_there_are_differences_just_where_values_are_not_equal(one: object, other: object) -> None:
    assert bool(differences(one, other)) == (one != other)
