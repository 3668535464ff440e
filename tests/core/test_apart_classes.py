"""Classes whose objects are made anew in a way of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

import attrs
import pytest

from spindle._core.apart import apart
from tests.core.values import (
    Lock,
    Point,
    Service,
    Sheet,
    T,
)


@dataclass
class Page(Generic[T]):
    items: list[T]


def test_a_generic_one_made_with_its_parameter_is_a_value() -> None:
    for page in (Page[str](["a"]), Sheet[str](["a"]), Service([], list[int]), Service([], T)):
        made: Any = apart(page)
        assert made is not page
        assert made == page
        assert getattr(made, "__orig_class__", 0) == getattr(page, "__orig_class__", 0)


class Base:
    __slots__ = ("marks",)

    def __init__(self) -> None:
        self.marks = ["a"]


@dataclass(slots=True)
class Marked(Base):
    names: list[str]

    def __post_init__(self) -> None:
        Base.__init__(self)


def test_what_stands_in_slots_of_a_class_it_is_made_of_is_made_anew() -> None:
    value = Marked(["a"])
    made = apart(value)
    assert made.marks == ["a"]
    assert made.marks is not value.marks


@dataclass
class Discounted:
    basket: dict[str, int]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.basket, name)


@dataclass
class Itself:
    names: list[str]

    def __copy__(self) -> Itself:
        return self


@dataclass
class Only:
    names: list[str]

    def __new__(cls, *_: object) -> Only:
        return ONLY[0] if ONLY else object.__new__(cls)


ONLY: list[Only] = []


class Watched:
    """Does something else, too, when its size is set."""

    def __init__(self, names: list[str], size: int) -> None:
        self.names = names
        self.size = size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Watched) and self._size == other._size

    __hash__ = None  # type: ignore[assignment]

    @property
    def size(self) -> int:
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        self._size = size
        self.set = getattr(self, "set", 0) + 1

    __attrs_attrs__ = attrs.fields(attrs.make_class("Fields", ["names", "size"]))


def test_no_code_of_a_class_has_a_say_in_how_its_objects_are_made() -> None:
    ONLY.append(only := Only(["a"]))
    for value in (Discounted({"tea": 1}), Itself(["a"]), only, Watched(["a"], 3)):
        held: Any = next(iter(vars(value).values()))
        made: Any = apart(value)
        assert type(made) is type(value)
        assert made is not value
        assert vars(made) == vars(value)
        assert next(iter(vars(made).values())) is not held
        assert next(iter(vars(value).values())) is held


class Noted(Point):
    """Has attributes of its own."""


def test_a_named_tuple_that_has_attributes_is_handed_on() -> None:
    value = Noted(["a"], 1)  # type: ignore[arg-type]
    assert apart(value) is not value
    assert type(apart(value)) is Noted
    value.note = "mine"  # type: ignore[attr-defined]
    assert apart(value) is value


@pytest.mark.parametrize(
    "held",
    [[Lock()], {Lock()}, {"a": Lock()}, {Lock(): 1}, (Lock(), []), [[Lock()]], Lock()],
    ids=repr,
)
def test_who_holds_what_was_seen_to_hold_no_value_is_none_either(held: object) -> None:
    service = Service([], held)
    assert apart([held, service])[1] is service
    made = apart([service, held, service])
    assert made[0] is made[2] is service
