"""What is marked goes on as it is, and begins anew as it is read back: so both have to be one."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from math import nan
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import msgspec
import pytest

from spindle import Coroutine, Errored, Log, Suspended, mark
from tests.core.replay.talkative import Main


class Load(msgspec.Struct, frozen=True):
    kilos: float
    labels: Sequence[str] = ()


@dataclass
class Row:
    price: float


class Speed(StrEnum):
    FAST = "fast"


BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def came_of(kind: object, value: object, *, json: bool) -> object:
    """What comes of a mark with a value, for a parameter of such a type."""

    async def spindle(it: object = None, *more: object) -> None:
        await mark(value, *more)
        await Main.Ask(0)

    spindle.__annotations__["it"] = kind
    return Coroutine(spindle, log=Log(json=json)).run()


@pytest.mark.parametrize("json", [False, True], ids=["msgpack", "json"])
@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (float, 3, "it = 3, which a log gives back as 3.0 (float for int): "),
        (Load, Load(3), "it.kilos = 3, which"),
        (
            Load,
            Load(3.0, ("a",)),
            "it.labels = ('a',), which a log gives back as ['a'] (list",
        ),
        (Row, Row(3), "it.price = 3, which"),
        (list[Row], [Row(1.0), Row(3)], "it[1].price = 3, which"),
        (Sequence[str], ("a",), "list for tuple"),
        (Any, ("a",), "list for tuple"),
        (Sequence[str], (), "now. Give it a list there, or declare a tuple"),
        (datetime, NOON.replace(fold=1), "Give it in UTC"),
        (time, time(12, tzinfo=BERLIN), "Give it in UTC"),
        (Any, Speed.FAST, "str for Speed"),
        (dict[str, int], Counter(a=1), "dict for Counter"),
        (Mapping[str, float], {"a": 1.0, "b": 3}, "it['b'] = 3, which"),
        (AbstractSet[float], {1.5, 3}, "it = 3, which"),
        (dict[float, str], {3: "a"}, "it = 3, which"),
        (datetime, NOON.astimezone(BERLIN), "Give it in UTC"),
        (list[datetime], [NOON, NOON.astimezone(BERLIN)], "it[1] = "),
        (time, time(12, tzinfo=timezone(timedelta(hours=1), "CET")), "Give it in UTC"),
    ],
    ids=str,
)
def test_D5_what_would_begin_anew_as_something_else_is_refused(
    kind: object, value: object, said: str, json: bool
) -> None:
    came = came_of(kind, value, json=json)
    assert isinstance(came, Errored)
    assert "mark() in spindle is given it" in str(came.error)
    assert said in str(came.error)


@pytest.mark.parametrize("json", [False, True], ids=["msgpack", "json"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (float, 3.0),
        (float | None, None),
        (Load, Load(3.0, ["a"])),
        (Row, Row(3.0)),
        (tuple[str, ...], ("a",)),
        (Any, ["a", {"a": 1, "b": 2.5}]),
        (Speed, Speed.FAST),
        (dict[str, float], {"a": 1.0, "b": 2.0}),
        (AbstractSet[int], {1, 2}),
        (frozenset[str], frozenset({"a"})),
        (datetime, NOON),
        (datetime, NOON.astimezone(ZoneInfo("UTC"))),
        (datetime, datetime(2026, 6, 1, 12)),
        (date, date(2026, 6, 1)),
        (time, time(12)),
        (Decimal, Decimal("1.50")),
    ],
    ids=str,
)
def test_D5_what_is_read_back_as_it_is_may_be_marked(
    kind: object, value: object, json: bool
) -> None:
    assert came_of(kind, value, json=json) == Suspended(Main.Ask(0))


def test_no_number_is_refused_for_not_being_one() -> None:
    assert came_of(float, nan, json=False) == Suspended(Main.Ask(0))


def test_what_is_marked_beyond_the_named_parameters_is_told_by_its_number() -> None:
    async def spindle(*weights: float) -> None:
        await mark(1.0, 2)
        await Main.Ask(0)

    came = Coroutine(spindle, log=Log()).run()
    assert isinstance(came, Errored)
    assert "*weights[1] = 2, which a log gives back as 2.0" in str(came.error)


def test_a_log_in_json_keeps_no_order_of_keys_so_another_is_refused() -> None:
    basket = {"tea": 1, "cup": 2}
    assert came_of(dict[str, int], basket, json=False) == Suspended(Main.Ask(0))
    came = came_of(dict[str, int], basket, json=True)
    assert isinstance(came, Errored)
    assert "it = {'tea': 1, 'cup': 2}, which a log gives back as {'cup'" in str(came.error)
    assert "give a list of its pairs" in str(came.error)


@dataclass
class Line:
    sku: str
    count: int = 1


@dataclass
class Order:
    lines: list[Line]
    chosen: Line | None = None


class Tray(msgspec.Struct):
    lines: tuple[Line, ...]
    by_sku: dict[str, Line]


@dataclass(unsafe_hash=True)
class Seat:
    row: int


class Picked(msgspec.Struct):
    seats: list[Seat]
    free: set[Seat]
    prices: dict[Seat, int]


ONES, SEAT = [1], Seat(1)
LINE, LINES = Line("tea"), [Line("tea"), Line("cup")]


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Order, Order(LINES, LINES[1]), "it.lines[1] and it.chosen, which are one Line"),
        (list[Line], [LINE, LINE], "it[0] and it[1], which"),
        (
            dict[str, list[int]],
            dict(zip("ab", [ONES] * 2, strict=True)),
            "it['a'] and it['b'], which are one list",
        ),
        (Tray, Tray((LINE,), {"tea": LINE}), "it.lines[0] and it.by_sku['tea'], which"),
        (Picked, Picked([SEAT], {SEAT}, {}), "it.seats[0] and a member of it.free, which"),
        (Picked, Picked([SEAT], set(), {SEAT: 1}), "it.seats[0] and a key of it.prices, which"),
    ],
    ids=str,
)
def test_D5_what_is_one_in_two_places_is_refused_for_two_would_be_read_back(
    kind: object, value: object, said: str
) -> None:
    came = came_of(kind, value, json=False)
    assert isinstance(came, Errored)
    assert f"mark() in spindle is given {said}" in str(came.error)
    assert "a log gives back two" in str(came.error)
    fixed = "take a tuple" if "one list" in said else "be frozen"
    assert str(came.error).endswith(fixed)


def test_D5_two_arguments_that_hold_one_thing_are_refused() -> None:
    async def spindle(lines: list[Line], chosen: Line | None = None) -> None:
        await mark(lines, lines[0])

    came = Coroutine(spindle, LINES, log=Log()).run()
    assert isinstance(came, Errored)
    assert "is given lines[0] and chosen, which are one Line" in str(came.error)


@dataclass(frozen=True)
class Piece:
    at: str


class Knight(Piece):
    """Moves in a way of its own."""


@attrs.frozen
class Firm:
    kilos: float


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (list[Firm], [Firm(1.0)] * 2),
        (list[Knight], [Knight("g1")] * 2),
        (list[tuple[int, ...]], [(1, 2)] * 2),
        (list[Speed], [Speed.FAST] * 2),
        (list[frozenset[int]], [frozenset({1})] * 2),
        (list[list[str]], [["a"], ["a"]]),
        (list[datetime], [NOON] * 2),
    ],
    ids=str,
)
def test_what_nobody_can_change_may_be_one_in_two_places(kind: object, value: object) -> None:
    assert came_of(kind, value, json=False) == Suspended(Main.Ask(0))


class Board:
    """Is no value."""


@dataclass
class Player:
    """Knows its game, and who plays it."""

    name: str
    game: Game
    others: list[Player]


@dataclass
class Game:
    moves: list[int]

    def __post_init__(self) -> None:
        self.players = [Player(each, self, []) for each in "abc"]
        for each in self.players:
            each.others += self.players
        self.ring: list[object] = []
        self.ring.append(self.ring)


def test_what_points_to_one_another_beside_the_fields_is_marked_in_no_time() -> None:
    game = Game([])
    game.moves.append(1)
    assert came_of(Game, game, json=False) == Suspended(Main.Ask(0))


@dataclass
class Shelf:
    names: list[str]

    def __post_init__(self) -> None:
        self._removed = 0
        self._lock = object()
        self._mean = nan
        self._latest = deque([1], 3)
        self._by_name = {each: place for place, each in enumerate(self.names)}
        self._boards = [Board()]
        self._actions = {"remove": self.remove, "none": lambda: None}

    def remove(self) -> None:
        self._removed += 1

    @cached_property
    def first(self) -> str:
        return self.names[0]


def test_D5_what_is_set_beside_the_fields_is_refused_if_it_would_be_another() -> None:
    shelf = Shelf(["a", "b"])
    assert shelf.first == "a"
    assert came_of(Shelf, shelf, json=False) == Suspended(Main.Ask(0))
    shelf.remove()
    came = came_of(list[Shelf], [shelf], json=False)
    assert isinstance(came, Errored)
    assert "is given it[0]._removed = 1, which a log gives back as 0: " in str(came.error)
    assert "It is no field of Shelf, so no log keeps it: declare it as one" in str(came.error)
    shelf = Shelf(["a", "b"])
    shelf._latest.append(2)
    came = came_of(Shelf, shelf, json=False)
    assert isinstance(came, Errored)
    assert "is given it._latest = deque([1, 2], maxlen=3), which" in str(came.error)
    shelf = Shelf(["a", "b"])
    shelf.note = "mine"  # type: ignore[attr-defined]
    came = came_of(Shelf, shelf, json=True)
    assert isinstance(came, Errored)
    assert "is given it.note = 'mine', which a log gives back as nothing: " in str(came.error)


@dataclass
class Tried(Shelf):
    removed: int = 0


def test_D5_it_may_be_marked_once_it_is_declared_as_that_says() -> None:
    shelf = Tried(["a"])
    shelf.removed += 1
    assert came_of(Tried, shelf, json=False) == Suspended(Main.Ask(0))


@dataclass
class Rounded:
    price: float

    def __post_init__(self) -> None:
        self.price = round(self.price, 1)


def test_what_its_class_makes_otherwise_is_told_so() -> None:
    price = Rounded(1.5)
    price.price = 1.55
    came = came_of(Rounded, price, json=False)
    assert isinstance(came, Errored)
    assert "would be read back as Rounded(price=1.6)" in str(came.error)
    assert "let `__post_init__` make the same of its own fields" in str(came.error)


def test_what_holds_itself_is_told_so() -> None:
    order = Order([])
    order.lines.append(order)  # type: ignore[arg-type]
    came = came_of(Order, order, json=False)
    assert isinstance(came, Errored)
    assert "(it holds itself, or is nested too deep)" in str(came.error)
