"""Values that are plainly of another type than was declared are refused; no others are."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    Protocol,
    TypedDict,
    TypeVar,
)
from unittest.mock import ANY, MagicMock, Mock

import msgspec
import pytest

from spindle import Port, UsageError, perform, read, use
from spindle.testing import Fake, Transcript
from spindle.testing.fitting import Misfit, misfit, misfit_returned
from tests.talk import Clerk, Desk, ask_once

if TYPE_CHECKING:
    from tests.nowhere import Elsewhere  # type: ignore[import-not-found]

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")
Sku = NewType("Sku", str)


class Colour(Enum):
    RED = "red"


class Item(msgspec.Struct):
    sku: str
    count: int = 0
    tags: list[str] = []


class Keyed(msgspec.Struct, kw_only=True):
    sku: str = "tea"
    count: int


@dataclass
class Box:
    items: list[Item]
    label: str = None  # type: ignore[assignment]
    inner: Box | None = None
    tags: tuple[str, ...] = field(default_factory=tuple)


class Page(msgspec.Struct, Generic[T]):
    rows: list[T]


class Point(NamedTuple):
    x: int
    y: int


class Named(Protocol):
    name: str


class Options(TypedDict):
    sku: str


class Numbers(dict[str, T]):
    """A container of somebody's own, of which nothing is known."""


class Index(dict[V, K], Generic[K, V]):
    """Another, whose parameters stand the other way round."""


class Broken:
    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        raise RuntimeError


FIT: list[tuple[object, object]] = [
    (3, int),
    (True, int),
    (3, float),
    (2, complex),
    (bytearray(b"a"), bytes),
    (None, None),
    (None, str | None),
    (Decimal(3), Decimal),
    (datetime(2026, 1, 1), date),
    (Colour.RED, Colour),
    ("a", Sku),
    ("a", Annotated[str, "anything"]),
    ("a", Literal["a", "b"]),
    (object(), Any),
    (object(), object),
    (object(), T),
    (object(), Named),
    (object(), "a text"),
    ({"sku": 3}, Options),
    (("a", 1), tuple[str, int]),
    ((), tuple[()]),
    ((1, 2, 3), tuple[int, ...]),
    ((1, 2), Sequence[int]),
    ("ab", Sequence[str]),
    ([], list[int]),
    ({1, 2}, set[int]),
    (deque([1]), deque[int]),
    ({"a": 1}, Mapping[str, int]),
    (OrderedDict(a=1), dict[str, int]),
    (Numbers(a=3), Numbers[str]),
    (Index({1: "a"}), Index[str, int]),
    (Point(1, 2), Point),
    (Point(1, 2), tuple[int, ...]),
    (iter([1]), Iterator[str]),
    (len, Callable[[str], int]),
    (int, type[int]),
    (Item("a", 1), Item),
    (Item("a"), Item),
    (Keyed(count=1), Keyed),
    (Box([Item("a")]), Box),
    (Page([1]), Page[int]),
    (Page([1]), Page[str]),
    ([Item("a"), Item("b")], list[Item] | None),
    (Mock(), int),
    (Mock(), float),
    (MagicMock(), list[int]),
    (ANY, str),
    ([1] * 1_000 + ["a"], list[int]),
]


@pytest.mark.parametrize(("value", "hint"), FIT)
def test_it_fits(value: object, hint: object) -> None:
    assert misfit(value, hint) is None


UNFIT: list[tuple[object, object, tuple[str, str, str]]] = [
    ("a", int, ("", "'a'", "int")),
    (1, bool, ("", "1", "bool")),
    (1.5, int, ("", "1.5", "int")),
    (None, str, ("", "None", "str")),
    (0, None, ("", "0", "None")),
    (3, str | None, ("", "3", "str | None")),
    ("red", Colour, ("", "'red'", "Colour")),
    ("c", Literal["a", "b"], ("", "'c'", "Literal['a', 'b']")),
    (3, Sku, ("", "3", "str")),
    (3, Annotated[str, "anything"], ("", "3", "str")),
    ([("sku", 3)], Options, ("", "[('sku', 3)]", "Options")),
    (["a"], tuple[str, ...], ("", "['a']", "tuple[str, ...]")),
    (("a", 3), tuple[str, ...], ("[1]", "3", "str")),
    (("a", "b"), tuple[str, int], ("[1]", "'b'", "int")),
    (("a",), tuple[str, int], ("", "('a',)", "tuple of 2")),
    ([1, "b"], list[int], ("[1]", "'b'", "int")),
    ((1, "b"), Sequence[int], ("[1]", "'b'", "int")),
    ({"b"}, set[int], ("an element", "'b'", "int")),
    ({"a": "b"}, Mapping[str, int], ("['a']", "'b'", "int")),
    ({1: 1}, dict[str, int], ("the key 1", "1", "str")),
    ({"sku": "a"}, Item, ("", "{'sku': 'a'}", "Item")),
    (Item(3), Item, (".sku", "3", "str")),  # type: ignore[arg-type]
    (Item("a", tags=["b", 3]), Item, (".tags[1]", "3", "str")),  # type: ignore[list-item]
    (Keyed(count="a"), Keyed, (".count", "'a'", "int")),  # type: ignore[arg-type]
    (Box([Item("a", "b")]), Box, (".items[0].count", "'b'", "int")),  # type: ignore[arg-type]
    (Box([], inner=Box([3])), Box, (".inner", "Box(", "Box | None")),  # type: ignore[list-item]
    (Item("a"), Page[int], ("", "Item(", "Page[int]")),
    ([1], Iterator[int], ("", "[1]", "Iterator[int]")),
]


@pytest.mark.parametrize(("value", "hint", "found"), UNFIT)
def test_it_does_not_fit(value: object, hint: object, found: tuple[str, str, str]) -> None:
    part = misfit(value, hint)
    assert part is not None
    assert (part.path, part.wanted) == (found[0], found[2])
    assert part.came.startswith(found[1])


def test_what_contains_itself_is_taken_for_right() -> None:
    box = Box([])
    box.inner = box
    assert misfit(box, Box) is None


def test_what_cannot_be_asked_is_taken_for_right() -> None:
    assert misfit(Broken(), int) is None


async def counts() -> list[int]:
    raise NotImplementedError


async def says_nothing():  # type: ignore[no-untyped-def]
    raise NotImplementedError


async def is_elsewhere() -> Elsewhere:
    raise NotImplementedError


def makes() -> Awaitable[int]:
    raise NotImplementedError


@wraps(counts)
async def wrapped() -> str:
    raise NotImplementedError


def test_what_a_function_returns_is_what_it_declares() -> None:
    assert misfit_returned(counts, [1]) is None
    assert misfit_returned(counts, ["a"]) == (Misfit("[0]", "'a'", "int"), "list[int]")

    async def of_types() -> dict[str, Item]:
        raise NotImplementedError

    of_types.__annotations__["return"] = dict[str, Item]  # as without `from __future__`
    assert misfit_returned(of_types, 3) == (
        Misfit("", "3", "dict[str, Item]"),
        "dict[str, Item]",
    )


@pytest.mark.parametrize("fn", [says_nothing, is_elsewhere, makes, wrapped, len])
def test_what_is_not_known_is_taken_for_right(fn: Callable[..., object]) -> None:
    assert misfit_returned(fn, "anything") is None


class Stock(Port):
    @read
    async def left(self, sku: str) -> int: ...
    @read
    async def items(self) -> tuple[Item, ...]: ...


async def looks() -> object:
    stock = await use(Stock)
    return await stock.left("a"), await stock.items()


def refused(step: Callable[[], object]) -> str:
    with pytest.raises(UsageError) as slip:
        step()
    return str(slip.value)


def test_a_call_that_is_played_returns_what_it_declares() -> None:
    run = Transcript(looks)
    call = run.expect_call(Stock.left)
    assert refused(lambda: call.returns("4")) == (  # type: ignore[arg-type]
        "returns() takes what Stock.left returns, int, not '4'. "
        "What only stands for that: a Mock, as in Mock(name=value)"
    )
    call.returns(4)
    items = run.expect_call(Stock.items)
    assert refused(lambda: items.returns((Item("a"), Item(3)))) == (  # type: ignore[arg-type]
        "returns() takes what Stock.items returns, tuple[Item, ...]: here [1].sku is 3, no str. "
        "What only stands for that: a Mock, as in Mock(name=value)"
    )
    items.returns(())
    run.expect_returned((4, ()))


def test_what_is_performed_returns_what_it_declares() -> None:
    async def performs() -> object:
        return await perform(counts)

    run = Transcript(performs, stub=[counts])
    call = run.expect_perform(counts)
    assert refused(lambda: call.returns((1,))) == (  # type: ignore[arg-type]
        "returns() takes what counts returns, list[int], not (1,). "
        "What only stands for that: a Mock, as in Mock(name=value)"
    )
    call.returns([1])
    run.expect_returned([1])


def test_a_fake_returns_what_its_port_declares() -> None:
    """In the short form, too, where type checkers cannot see it."""
    said = (
        "returns() takes what Stock.left returns, int, not None. "
        "What only stands for that: does(lambda *args: ...)"
    )
    assert refused(lambda: Fake(Stock).when(Stock.left).returns(1, None)) == said  # type: ignore[arg-type]
    assert refused(lambda: Fake(Stock).returns(Stock.left, None)) == said


def test_an_answer_is_one_that_a_view_could_send() -> None:
    run = Transcript(ask_once)
    asked = run.expect(Desk.Ask())
    assert refused(lambda: asked.answer(Desk.Told(3))) == (  # type: ignore[arg-type]
        "answer() was given Talk.Desk.Told with word 3, no str: a view could not send that"
    )
    asked.answer(Desk.Told("tea"))
    run.expect_returned("tea")


def test_what_was_refused_has_not_been_scripted() -> None:
    clerk = Fake(Clerk).when(Clerk.look).returns("seen")
    assert "not 3" in refused(lambda: clerk.returns(Clerk.look, "again", 3))

    async def look() -> list[str]:
        port = await use(Clerk)
        return [await port.look("a"), await port.look("b")]

    assert Transcript(look, provide={Clerk: clerk}).result == ["seen", "seen"]
