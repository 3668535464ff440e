"""Types are looked up as type checkers do; a class of the same name stands in the module."""

from __future__ import annotations

import io
from collections.abc import Callable
from enum import Enum
from types import SimpleNamespace
from typing import Any, Optional, TextIO, TypedDict, cast
from unittest.mock import Mock

import msgspec
import pytest

from spindle import Event, Port, Spindle, UsageError, Yield, perform, read
from spindle.testing import Fake, Transcript
from spindle.testing.fitting import misfit, misfit_returned


class Colour(Enum):
    RED = "red"


class Row(TypedDict):
    name: str


class Thing:
    pass


class Item(msgspec.Struct):
    module: int


Alias = int


class Stock(Port):
    Alias = str

    class Item(msgspec.Struct):
        sku: str

    @read
    async def item(self) -> Item: ...
    @read
    async def alias(self) -> Alias: ...
    @read
    async def pair(self) -> tuple[int, *tuple[str, ...]]: ...
    @read
    async def row(self) -> Row: ...
    @read
    async def log(self) -> TextIO: ...


class Order(msgspec.Struct):
    class Item(msgspec.Struct):
        sku: str

    items: list[Item]


def test_a_class_in_a_port_comes_before_one_of_the_module() -> None:
    assert misfit_returned(Stock.item, Stock.Item("tea")) is None
    assert misfit_returned(Stock.item, Item(1)) is not None
    assert misfit_returned(Stock.alias, "a") is None
    assert misfit_returned(Stock.alias, 1) is not None


def test_a_class_in_a_struct_comes_before_one_of_the_module() -> None:
    assert misfit(Order([Order.Item("tea")]), Order) is None
    assert misfit(Order([Item(1)]), Order) is not None  # type: ignore[list-item]


def test_what_a_function_makes_is_of_any_type() -> None:
    class Item(msgspec.Struct):
        mine: int

    class Local(Port):
        @read
        async def item(self) -> Item: ...
        @read
        async def count(self) -> int: ...
        @read
        async def colour(self) -> Colour: ...

    class Holding(msgspec.Struct):
        item: Item
        count: int = 0

    assert misfit_returned(Local.item, Item(1)) is None
    assert misfit_returned(Local.count, "a") is not None
    assert misfit_returned(Local.colour, "red") is not None
    assert misfit(Holding(Item(1)), Holding) is None
    assert misfit(Holding(Item(1), "a"), Holding) is not None  # type: ignore[arg-type]


def decorated(fn: Callable[[], object]) -> object:
    return fn()


@decorated
def made() -> type[Port]:
    class Item(msgspec.Struct):
        mine: int

    class Local(Port):
        given = Item

        @read
        async def item(self) -> Item: ...
        @read
        async def count(self) -> int: ...

    return Local


def test_what_a_function_makes_that_is_not_found_is_of_any_type() -> None:
    local: Any = made
    assert misfit_returned(local.item, local.given(1)) is None
    assert misfit_returned(local.count, "a") is not None


def test_stars_and_files_are_taken_where_they_are_declared() -> None:
    assert Fake(Stock).when(Stock.pair).returns((1, "a", "b"))
    assert Fake(Stock).when(Stock.row).returns(Mock())
    assert Fake(Stock).when(Stock.log).returns(io.StringIO())


async def fetch() -> Thing:
    raise NotImplementedError


async def fetches() -> Thing:
    return await perform(fetch)


def test_the_way_out_is_said_and_is_one() -> None:
    instead = cast("Any", SimpleNamespace(sku="tea"))
    with pytest.raises(UsageError, match=r"stands for that: does\(lambda \*args: \.\.\.\)$"):
        Fake(Stock).when(Stock.item).returns(instead)
    assert Fake(Stock).when(Stock.item).does(lambda *args: instead)
    run = Transcript(fetches, stub=[fetch])
    call = run.expect_perform(fetch)
    with pytest.raises(UsageError, match=r"a Mock, as in Mock\(name=value\)$"):
        call.returns(instead)
    call.returns(Mock(sku="tea"))
    assert cast("Any", run.result).sku == "tea"


class Asking(Spindle):
    class Told(Event):
        when: Optional[int] = None  # noqa: UP045
        amount: float = 0

    class Ask(Yield[Told]):
        pass


async def asks() -> float:
    return (await Asking.Ask()).amount


def test_an_answer_of_a_wider_type_is_taken() -> None:
    run = Transcript(asks)
    run.expect(Asking.Ask()).answer(Asking.Told(amount=3))
    run.expect_returned(3)
