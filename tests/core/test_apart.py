"""Values made anew, so that who is given them may change them."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle._core.apart import apart, call_apart, fields_of_value
from spindle._core.operations.port import Call, Repeat


class Fixed(msgspec.Struct, frozen=True):
    names: list[str]
    size: int = 0


class Loose(msgspec.Struct):
    names: list[str] = msgspec.field(default_factory=list[str])


@dataclass(frozen=True)
class Row:
    names: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Cart:
    names: list[str] = field(default_factory=list[str])


@attrs.define
class Parcel:
    names: list[str] = attrs.Factory(list[str])


class Pair(NamedTuple):
    names: list[str]
    size: int


class Point(NamedTuple):
    x: int
    y: int


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


class Sku(str):
    __slots__ = ()


class Lock:
    """Is no value."""


@dataclass
class Service:
    rows: list[object]
    lock: object


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


async def method(*_: object, **__: object) -> None:
    """Of a port."""


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


def test_each_part_is_made_anew_once() -> None:
    """On each of all ways to it, it would take for ever."""

    @dataclass
    class Box:
        inner: object
        other: object

    for pair in (Box, lambda a, b: [a, b], lambda a, b: (a, b), lambda a, b: {"a": a, "b": b}):
        for first in (["a"], "a", Lock()):
            value: Any = first
            for _ in range(60):
                value = pair(value, value)
            made: Any = apart(value)
            assert type(made) is type(value)
            assert (made is value) is (type(value) is tuple and first != ["a"]) or pair is Box


@dataclass
class Line:
    sku: str
    count: int = 1


@dataclass
class Basket:
    lines: list[Line]

    def __post_init__(self) -> None:
        self._by_sku = {each.sku: each for each in self.lines}

    @cached_property
    def first(self) -> Line:
        return self.lines[0]

    def add(self, sku: str) -> None:
        self._by_sku[sku].count += 1


def test_what_is_one_and_the_same_within_a_value_is_so_in_the_other() -> None:
    basket = Basket([Line("tea"), Line("jam")])
    assert basket.first.count == 1
    made = apart(basket)
    made.add("tea")
    made.first.count += 1
    assert [each.count for each in made.lines] == [3, 1]
    assert [each.count for each in basket.lines] == [1, 1]


def test_what_arguments_hold_in_common_theirs_do_too() -> None:
    lines = [Line("tea")]
    call = Call[Any]("Port.method", method, (lines, lines[0]), {"of": lines}, Repeat.READ)
    made = call_apart(call)
    all_lines: Any = made.args[0]
    first: Any = made.args[1]
    assert first is all_lines[0]
    assert all_lines is made.keywords["of"]
    assert first is not lines[0]
    plain = Call[Any]("Port.method", method, ("a", (1,)), {"of": None}, Repeat.READ)
    assert call_apart(plain) is plain


T = TypeVar("T")


@dataclass
class Page(Generic[T]):
    items: list[T]


class Sheet(msgspec.Struct, Generic[T], dict=True):
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


@dataclass(unsafe_hash=True)
class Seat:
    row: int


class Node(msgspec.Struct, eq=False):
    names: list[str]


@dataclass(frozen=True)
class Near:
    row: int


class Nearer(Near):
    """May be given attributes."""


@pytest.mark.parametrize("seat", [Seat(1), Node(["a"])], ids=["by value", "by itself"])
def test_members_and_keys_are_made_anew_as_they_are_elsewhere(seat: Any) -> None:
    seats, pair = [seat], (seat, 1)
    counts, order = Counter({seat: 2}), OrderedDict({pair: seats})
    made: Any = apart([seats, {seat}, frozenset({pair}), {seat: 1}, counts, order, Fixed(seats)])
    first = made[0][0]
    assert first is not seat
    assert all(each[0] is first for each in map(list, (*made[:2], *made[3:5])))
    assert next(iter(made[2]))[0] is first
    assert [*made[5].items()] == [((first, 1), [first])]
    assert (made[3][first], made[4][first], made[6].names[0]) == (1, 2, first)
    assert [type(each) for each in made[3:6]] == [dict, Counter, OrderedDict]


def test_who_is_made_of_a_frozen_one_may_be_changed() -> None:
    near = Nearer(1)
    assert apart(near) is not near
    assert apart(Near(1)) is not apart(Near(1))


def test_a_board_of_places_that_nobody_can_change_stays_one() -> None:
    board = {(x, y): "" for x in range(3) for y in range(3)}
    made = apart(board)
    assert made == board
    assert all(new is old for new, old in zip(made, board, strict=True))
    places = frozenset({((1, 2), 3)})
    assert apart(places) is places


@dataclass(frozen=True)
class Mate:
    name: str
    team: Any = field(compare=False, repr=False)


@dataclass(unsafe_hash=True)
class Guest:
    """Its name is known after its friends are."""

    friends: Any = field(compare=False, repr=False)
    sizes: tuple[int, ...]


def test_members_that_hold_what_they_are_members_of_are_made_anew() -> None:
    team: set[Mate] = set()
    team.update([Mate("a", team), Mate("b", team)])
    friends: dict[Guest, set[Guest]] = {}
    guests: set[Guest] = set()
    guests.update([Guest(guests, (1,)), Guest(friends, (2,))])
    friends.update(dict.fromkeys(guests, guests))
    for whole in ([team, guests, friends], [friends, *guests, *team]):
        made: Any = apart(whole)
        assert all(new is not old for new, old in zip(made, whole, strict=True))
        assert not {*map(id, graph_within(whole))} & {*map(id, graph_within(made))}
        assert len([*graph_within(made)]) == len([*graph_within(whole)])


def graph_within(whole: list[Any]) -> list[Any]:
    """All that can be changed, and who may hold it."""
    seen: dict[int, Any] = {}
    todo = [*whole]
    while todo:
        each = todo.pop()
        if id(each) not in seen and not isinstance(each, (str, tuple)):
            seen[id(each)] = each
            if isinstance(each, (set, dict, list)):
                todo += [*each, *(each.values() if isinstance(each, dict) else ())]
            else:
                todo += vars(each).values()
    return [*seen.values()]


class Shown(tuple[Any, ...]):
    """Shows others than it holds."""

    def __iter__(self) -> Iterator[Any]:
        return iter([["shown"], ["shown"]])


def test_of_a_tuple_that_shows_others_what_it_holds_is_made_anew() -> None:
    names = ["a"]
    made = apart(Shown((names, names)))
    assert tuple.__len__(made) == 2
    assert made[0] is made[1]
    assert made[0] == names
    assert made[0] is not names


MAKERS: list[Callable[[list[Any]], Any]] = [
    list,
    deque,
    tuple,
    lambda parts: {str(place): each for place, each in enumerate(parts)},
    lambda parts: Service(parts, None),
    lambda parts: Loose(parts),
    lambda parts: Fixed(parts),
    lambda parts: Row(parts),
    lambda parts: Cart(parts),
    lambda parts: Parcel(parts),
    lambda parts: Pair(parts, 1),
    lambda parts: Sheet[Any](parts),
    lambda parts: bytearray(b"a"),
    lambda parts: {"a", 1},
    lambda parts: "a",
]
SEEDS = st.lists(
    st.tuples(st.integers(0, len(MAKERS) - 1), st.lists(st.integers(0, 40), max_size=4)),
    min_size=1,
    max_size=12,
)


def graph_of(seeds: list[tuple[int, list[int]]]) -> list[Any]:
    """Objects that hold those made before, and some that hold later ones or themselves, too."""
    made: list[Any] = []
    for maker, parts in seeds:
        made.append(MAKERS[maker]([made[each % len(made)] for each in parts if made]))
    for each, (_, parts) in zip(made, seeds, strict=True):
        later = made[parts[0] % len(made)] if parts else None
        if type(each) is list:
            each.append(later)
        elif type(each) is dict:
            each["later"] = later
        elif type(each) is Service:
            each.lock = later
    return made


def parts_of(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple, deque)):
        return [*value]
    if isinstance(value, dict):
        return [*value.values()]
    names = fields_of_value(value)
    return [] if names is None else [getattr(value, each) for each in names]


def check_is_like(value: Any, made: Any) -> None:
    """Of one shape, in what is shared, too; and nothing that can be changed is in both."""
    seen: dict[int, Any] = {}
    todo = [(value, made)]
    while todo:
        old, new = todo.pop()
        assert type(old) is type(new)
        if id(old) in seen:
            assert seen[id(old)] is new
            continue
        seen[id(old)] = new
        if isinstance(old, (list, deque, dict, set, bytearray, Service, Loose, Cart, Parcel)):
            assert old is not new
        if isinstance(old, (set, bytearray, str, int)):
            assert old == new
        todo += zip(parts_of(old), parts_of(new), strict=True)
    assert len({id(each) for each in seen.values()}) == len(seen)


@given(SEEDS)
def test_whatever_holds_whatever_is_made_anew_in_its_shape(
    seeds: list[tuple[int, list[int]]],
) -> None:
    made = graph_of(seeds)
    check_is_like(made, apart(made))
    check_is_like(made[-1], apart(made[-1]))
