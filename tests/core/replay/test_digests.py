"""What tells the arguments of a call from others."""

from __future__ import annotations

from dataclasses import dataclass, field

import attrs
import msgspec
import pytest

from spindle._core.replay.formats import digest_of


class Point(msgspec.Struct):
    x: int
    y: float


@dataclass
class Parcel:
    weights: dict[int, float]


class Shelf(msgspec.Struct):
    parcels: dict[tuple[int, int], Parcel]


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (3, 3.0),
        ([0, {"a": (1, 2)}], [-0.0, {"a": [1.0, 2]}]),
        ({1.0: 2, 3: 4}, {3: 4, 1: 2.0}),
        ({(1.0, 2): 3}, {(1, 2.0): 3}),
        ((Point(1, 2),), [{"x": 1, "y": 2.0}]),
        ({3: {1, 2.0, "a"}}, {3: {"a", 2, 1}}),
        (Shelf({(1, 2): Parcel({3: 4})}), Shelf({(1, 2): Parcel({3: 4.0})})),
        (2**62, 2.0**62),
    ],
)
def test_an_integer_where_a_float_is_declared_is_no_other_argument(
    value: object, same: object
) -> None:
    assert digest_of(value) == digest_of(same)


@pytest.mark.parametrize(
    "values",
    [
        [{1: 2}, {1: 3}, {2: 2}, {1: "2"}, {"1": 2}],
        [{1: {1, 2}}, {1: {1, 3}}, {1: {1, 2, 3}}],
        [Shelf({}), Shelf({(1, 2): Parcel({})}), Shelf({(1, 2): Parcel({3: 4})})],
        [{1: Point}, {1: object}],
    ],
)
def test_they_are_told_apart_whatever_the_keys_of_a_mapping_are(values: list[object]) -> None:
    assert len({digest_of([each, {}]) for each in values}) == len(values)


def test_other_arguments_are_told_apart() -> None:
    others = [3, 3.5, 2.0**63, 2.0**64, float("inf"), float("nan"), "\xcb", b"\xcb", [3], True]
    assert len({digest_of(each) for each in others}) == len(others)
    assert digest_of({3.0: [object()]}) == digest_of({3: [object()]})


def grown(*members: object) -> set[object]:
    """A set that held more before: its members come in another order."""
    made: set[object] = {*members, *range(1000)}
    for each in range(1000):
        made.discard(each)
    return made


PAIRS = [frozenset({number, number + 1}) for number in range(0, 40, 2)]


@pytest.mark.parametrize(
    "members",
    [
        PAIRS,
        [(each, 1) for each in PAIRS],
        [frozenset({each}) for each in PAIRS],
        [f"n{each}" for each in range(20)],
    ],
    ids=["sets", "tuples with sets", "sets of sets", "texts"],
)
def test_the_order_of_a_set_has_no_say_whatever_is_in_it(members: list[object]) -> None:
    one, other = set(members), grown(*members)
    assert one == other
    assert list(one) != list(other)
    assert digest_of([one, {}]) == digest_of([other, {}])
    assert digest_of([{"a": [one]}, {}]) == digest_of([{"a": [other]}, {}])
    assert digest_of([one, {}]) != digest_of([{*members[1:]}, {}])


@attrs.frozen
class Group:
    names: frozenset[frozenset[int]]


@dataclass
class Unset:
    name: str
    size: int = field(init=False)


def test_of_classes_of_attrs_too() -> None:
    one, other = frozenset(PAIRS), frozenset(grown(*PAIRS))
    assert digest_of([Group(one), {}]) == digest_of([Group(other), {}])
    groups = [Group(frozenset({each})) for each in PAIRS]
    assert list(set(groups)) != list(grown(*groups))
    assert digest_of([set(groups), {}]) == digest_of([grown(*groups), {}])
    assert digest_of([Group(one), {}]) != digest_of([Group(frozenset()), {}])


@pytest.mark.parametrize("beside", [Parcel, Point, Group, Unset("a"), object()], ids="abcde")
def test_what_is_odd_hides_nothing_that_is_beside_it(beside: object) -> None:
    assert digest_of([(beside, 1), {}]) != digest_of([(beside, 2), {}])


def test_what_holds_itself_hides_nothing_that_is_beside_it() -> None:
    ring: list[object] = []
    ring.append(ring)
    assert digest_of([(["a"], ring), {}]) != digest_of([(["b"], ring), {}])
    assert digest_of([(ring, 1), {"a": ring}]) == digest_of([(ring, 1), {"a": ring}])
    named = digest_of([(), {"a": ring, "b": 1}])
    assert named == digest_of([(), {"b": 1, "a": ring}])
    assert named != digest_of([(), {"c": ring, "b": 1}])
    assert named != digest_of([(), {"a": ring, "b": 2}])


@attrs.define
class Private:
    name: str
    _secret: int = 0


def test_private_fields_of_attrs_do_not_count_in_a_set_either() -> None:
    pairs = frozenset({frozenset({1})})
    one, other = Private("a", 1), Private("a", 2)
    assert digest_of([one, {}]) == digest_of([other, {}])
    assert digest_of([(one, {pairs}), {}]) == digest_of([(other, {pairs}), {}])
