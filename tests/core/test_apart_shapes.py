"""What is one and the same within a value is so in the one that is made anew."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle._core.apart import apart, call_apart
from spindle._core.fields import fields_of_value
from spindle._core.operations.port import Call, Repeat
from tests.core.values import (
    Basket,
    Cart,
    Fixed,
    Line,
    Lock,
    Loose,
    Pair,
    Parcel,
    Row,
    Service,
    Sheet,
    method,
)


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
