"""Values made anew, so that who is given them may change them."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from spindle._core.apart import apart, call_apart
from spindle._core.operations.port import Call, Repeat
from tests.core.values import (
    Cart,
    Fixed,
    Lock,
    Loose,
    Pair,
    Parcel,
    Point,
    Row,
    Service,
    method,
)


class Size(Enum):
    SMALL = 1


class Names(list[str]):
    pass


class Open(msgspec.Struct, dict=True):
    names: list[str]


class Numbered(tuple[Any, ...]):
    @property
    def first(self) -> object:
        return self[0]


@dataclass
class Unset:
    names: list[str]
    size: int = field(init=False)


@pytest.mark.parametrize(
    "value",
    [
        ["a"],
        {"a": 1},
        {"a"},
        bytearray(b"a"),
        Counter("a"),
        deque(["a"], 3),
        defaultdict(list, a=["b"]),
        Loose(["a"]),
        Cart(["a"]),
        Parcel(["a"]),
        Fixed(["a"]),
        Row(["a"]),
        Pair(["a"], 1),
        (1, ["a"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_can_be_changed_is_made_anew(value: Any) -> None:
    made = apart(value)
    assert made == value
    assert type(made) is type(value)
    assert made is not value
    for outer in ([value], (value,), {"a": value}, Row([value])):
        assert apart(outer) == outer
    for inner in ("names", "default_factory"):
        if hasattr(value, inner) and isinstance(getattr(value, inner), list):
            assert getattr(made, inner) is not getattr(value, inner)


def test_what_is_within_is_made_anew() -> None:
    lines = [{"a": ["b"]}]
    made = apart((lines, 1))
    made[0][0]["a"].append("c")
    assert lines == [{"a": ["b"]}]


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "a",
        (1, ("a", frozenset({2}))),
        datetime(2026, 1, 1, tzinfo=UTC),
        Size.SMALL,
        Loose,
        Row,
        object(),
        Numbered(("a",)),
        Point(1, 2),
        attrs.make_class("Firm", ["name"], frozen=True)("a"),
        Fixed([]).size,
    ],
    ids=repr,
)
def test_what_cannot_be_changed_is_handed_on(value: object) -> None:
    assert apart(value) is value


def test_a_frozen_struct_is_made_anew_for_what_it_holds_only() -> None:
    class Message(msgspec.Struct, frozen=True):
        text: str

    message = Message("a")
    assert apart(message) is message
    assert apart(Row()) is not Row()


def test_what_holds_itself_is_made_anew_and_holds_that() -> None:
    ring: list[Any] = [["a"]]
    ring.append(ring)
    pair: tuple[Any, ...] = (ring, {"ring": ring})
    for made in (apart(ring), apart(pair)[0], apart({1: ring})[1]):
        assert made is not ring
        assert made[1] is made
        assert made[0] == ["a"]
        assert made[0] is not ring[0]
    held = apart(Row([pair]))  # type: ignore[list-item]
    assert held.names[0][0] is held.names[0][1]["ring"]  # type: ignore[index]
    around: list[Any] = []
    around.append((around,))
    assert apart(around[0])[0][0] is not around[0]


def test_what_refuses_to_be_copied_is_handed_on_and_what_is_beside_it_made_anew() -> None:
    class Stubborn(dict[str, list[str]]):
        def __copy__(self) -> Stubborn:
            raise RuntimeError("no")

    stubborn, names = Stubborn(a=["b"]), ["a"]
    made = apart([stubborn, names])
    assert made[0] is stubborn
    assert made[1] == names
    assert made[1] is not names


def test_what_stands_beside_the_fields_of_a_struct_is_kept() -> None:
    value = Open(["a"])
    value.size = 3  # type: ignore[attr-defined]
    made: Any = apart(value)
    assert (made.names, made.size) == (["a"], 3)


@dataclass(slots=True)
class UnsetSlot:
    names: list[str]
    size: int = field(init=False)


@pytest.mark.parametrize("kind", [Unset, UnsetSlot])
def test_a_field_that_is_not_set_is_none_in_the_other(kind: type[Unset]) -> None:
    value = kind(["a"])
    made = apart(value)
    assert made.names == ["a"]
    assert made.names is not value.names
    assert not hasattr(made, "size")


def test_a_struct_whose_field_is_not_set_is_handed_on() -> None:
    value = Fixed(["a"])
    vars(Fixed)["size"].__delete__(value)
    assert apart(value) is value


class Sku(str):
    __slots__ = ()


@dataclass(eq=False)
class Known:
    rows: list[str]


@dataclass
class Gone:
    rows: list[str]

    def __del__(self) -> None:
        """Gives something back."""


@dataclass
class Metered:
    rows: list[str]

    def __post_init__(self) -> None:
        self._lock = Lock()


class Written(dict[str, Any]):
    """Is written somewhere else, too."""

    def __setitem__(self, key: str, value: object) -> None:
        raise AssertionError


@dataclass
class Failed(Exception):
    rows: list[str]


@pytest.mark.parametrize(
    "value",
    [
        Service([], Lock()),
        Service([Lock()], None),
        Service([{"a": (Lock(), 1)}], None),
        Service([], Service([], Lock())),
        attrs.make_class("Held", ["lock"])(Lock()),
        msgspec.defstruct("Held", [("rows", list), ("lock", object)])([], Lock()),
        Known(["a"]),
        Gone(["a"]),
        Metered(["a"]),
        Failed(["a"]),
        Service([], Known(["a"])),
        Service([{Lock()}], None),
        Service([{Lock(): 1}], None),
        Pair([Lock()], 1),  # type: ignore[list-item]
        Names("a"),
        Written(a=["b"]),
    ],
    ids="abcdefghijklmnop",
)
def test_what_is_known_by_itself_or_holds_such_is_handed_on_whole(value: Any) -> None:
    assert apart(value) is value
    made = apart([["a"], value])
    assert made[1] is value
    assert apart((["a"], value))[1] is value


def test_values_of_classes_of_ones_own_are_values() -> None:
    parts = [Sku("a"), Size.SMALL, msgspec.UNSET, Path("a"), Fraction(1, 2), range(3), UTC, Sku]
    value = Service([*parts, frozenset({1}), {Sku("a"): [1]}], (Sku("b"), None))
    made = apart(value)
    assert made == value
    assert made.rows is not value.rows


def test_what_is_nested_too_deep_hinders_no_other() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    names = ["a"]
    made: Any = call_apart(Call("Port.method", method, (names, deep), {}, Repeat.READ))
    assert made.args[0] == names
    assert made.args[0] is not names
    assert made.args[1] is deep
    assert apart(deep) is deep


@dataclass
class Sorted:
    names: list[str]

    def __post_init__(self) -> None:
        self.ordered = sorted(self.names)


def test_what_a_dataclass_has_beside_its_fields_is_made_anew() -> None:
    value = Sorted(["b", "a"])
    made = apart(value)
    made.ordered.clear()
    assert value.ordered == ["a", "b"]


def test_a_class_that_cannot_be_hashed_hinders_nobody() -> None:
    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            return cls is other

        __hash__ = None  # type: ignore[assignment]

    class Odd(metaclass=Meta):
        pass

    odd = Odd()
    assert apart(odd) is odd
    assert apart((odd,))[0] is odd
