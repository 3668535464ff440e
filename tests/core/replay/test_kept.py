"""What a log keeps, what it refuses, and that live code gets what will be read back."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import msgspec
import pytest

from spindle import (
    Completed,
    Coroutine,
    Errored,
    Log,
    UsageError,
    Yield,
    perform,
)

if TYPE_CHECKING:
    from fractions import Fraction


class Colour(enum.Enum):
    RED = "red"


class Word(enum.StrEnum):
    YES = "yes"


class Point(msgspec.Struct, frozen=True):
    x: int
    y: float = 0.0


class Far(Point, frozen=True):
    z: int = 9


@dataclass
class Parcel:
    to: Point
    notes: list[str]


class NoneLeft(Exception): ...


class Item(msgspec.Struct):
    """Has to be there, when it is made."""

    least: ClassVar = 1
    left: int

    def __post_init__(self) -> None:
        if self.left < self.least:
            raise NoneLeft("tea")


def sold_out() -> Item:
    item = Item(1)
    item.left -= 1
    return item


KEPT: list[tuple[object, object]] = [
    (None, None),
    (True, bool),
    (3, int),
    (3, float),
    (1.5, float),
    (float("nan"), float),
    ("ünï\0", str),
    (b"\xff\x00", bytes),
    ([1, 2], list[int]),
    ((1, "a"), tuple[int, str]),
    ((1, 2), Sequence[int]),
    ({1, 2}, set[int]),
    ({"a": 1}, dict[str, int]),
    ({1: "a"}, dict[int, str]),
    ({"a": 1}, Mapping[str, int]),
    (date(2026, 11, 26), date),
    (datetime(2026, 11, 26, 12, tzinfo=UTC), datetime),
    (timedelta(seconds=3), timedelta),
    (Decimal("1.10"), Decimal),
    (UUID(int=7), UUID),
    (Colour.RED, Colour),
    (Word.YES, Word),
    (Point(1, 2.5), Point),
    ([Point(1)], list[Point]),
    (Parcel(Point(1), ["a"]), Parcel),
    ({"a": [None, 1, "b"]}, Any),
    (Point(1), Point | None),
]


def returned(value: object, declared: object, *, as_json: bool) -> object:
    """What a spindle gets from a call that returns this, and again when it is resumed."""

    async def gives() -> object:
        return value

    gives.__annotations__ = {} if declared is Any else {"return": declared}

    async def takes() -> None:
        given.append(await perform(gives))

    given: list[object] = []
    log = Log(json=as_json)
    state = Coroutine(takes, log=log).run()
    if isinstance(state, Errored):
        raise state.error
    again = Coroutine.resume(takes, Log.load(log.dump()))
    assert again.state == Completed(None)
    first, second = given
    assert repr(first) == repr(second)
    assert type(first) is type(second)
    return first


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(("value", "declared"), KEPT)
def test_what_is_kept(value: object, declared: object, as_json: bool) -> None:
    if as_json and value != value:
        with pytest.raises(UsageError, match="cannot be kept"):
            returned(value, declared, as_json=True)
        return
    found = returned(value, declared, as_json=as_json)
    assert found == value or declared in (Sequence[int], float)
    if isinstance(value, (list, dict, set, Parcel)):
        assert found is not value


REFUSED: list[tuple[object, object, str]] = [
    (object(), Any, "A log keeps numbers, texts"),
    (lambda: 1, Any, "A log keeps numbers, texts"),
    (Point(1), Any, "for no type is declared. Declare the type of what it is"),
    ([Point(1)], Any, "for no type is declared"),
    ((1, 2), set[str], "cannot be kept"),
    (Far(1), Point, "would be read back as"),
    ("a", int, "Expected `int`, got `str`"),
    (Colour.RED, Any, "would be read back as 'red'"),
    (2**70, int, "A log keeps numbers, texts"),
    ({1: "a"}, dict[str, str], "Expected `str`, got `int`"),
    (sold_out(), Item, "(NoneLeft('tea'))"),
    (Decimal("sNaN"), Decimal, "InvalidOperation"),
]


@pytest.mark.parametrize(("value", "declared", "says"), REFUSED)
def test_what_is_refused_where_it_is_awaited(value: object, declared: object, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        returned(value, declared, as_json=False)
    assert "what test_what_is_refused" not in str(refused.value)
    assert "gives returned cannot be kept in the log" in str(refused.value)
    assert says in str(refused.value)


def test_a_type_that_is_not_there_at_run_time_is_as_none() -> None:
    async def gives() -> Fraction | int:
        return 3

    async def takes() -> object:
        return await perform(gives)

    assert Coroutine(takes, log=Log()).run() == Completed(3)


class Ask(Yield[list[int]]): ...


class AskAny(Yield[Any]): ...


async def asks(kind: str) -> object:
    return await (Ask() if kind == "list" else AskAny())


def test_an_answer_that_cannot_be_kept_is_refused_and_nothing_has_happened() -> None:
    log = Log()
    coroutine = Coroutine(asks, "any", log=log)
    coroutine.run()
    before = log.dump()
    with pytest.raises(UsageError, match="the answer of AskAny cannot be kept in the log: Point"):
        coroutine.run(Point(1))
    assert log.dump() == before
    assert coroutine.run([1, "a"]) == Completed([1, "a"])
    other = Coroutine(asks, "list", log=Log())
    other.run()
    with pytest.raises(UsageError, match=r"the answer of Ask cannot be kept in the log: \['a'\]"):
        other.run(["a"])
    assert other.run([1]) == Completed([1])


def test_an_argument_that_cannot_be_kept_is_refused_at_once() -> None:
    async def takes(point: Point, *others: int) -> tuple[object, ...]:
        return (point, *others)

    assert Coroutine(takes, Point(1), 2, 3, log=Log()).run() == Completed((Point(1), 2, 3))
    with pytest.raises(UsageError, match=r"an argument of .*takes cannot be kept in the log: 'a'"):
        Coroutine(takes, Point(1), "a", log=Log())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_declared_by_a_wrapper_it_is_found() -> None:
    import functools

    async def gives() -> Point:
        return Point(4)

    @functools.wraps(gives)
    def wrapped() -> Awaitable[Point]:
        return gives()

    async def takes() -> object:
        return await perform(wrapped)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    assert Coroutine(takes, log=Log()).run() == Completed(Point(4))


def test_of_a_function_that_shows_no_parameters_any_type_is_kept() -> None:
    class Shy:
        __signature__ = "none of your business"

        async def __call__(self, *names: str) -> str:
            return " and ".join(names)

    coroutine = Coroutine(Shy(), "Ada", "Bo", log=Log())
    assert coroutine.run() == Completed("Ada and Bo")


def test_a_call_may_take_what_cannot_be_written() -> None:
    async def doubles(number: int) -> float:
        return float(number * 2)

    async def calls() -> float:
        return await perform(doubles, 2**70)

    log = Log()
    assert Coroutine(calls, log=log).run() == Completed(2.0**71)
    assert Coroutine.resume(calls, log).state == Completed(2.0**71)
