"""D3: functions under `@upcasts` that make no newer form: they are named, with what they made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from spindle import UsageError, upcasts
from spindle._core.replay.formats import Format
from spindle._core.replay.kept import keep
from spindle._core.replay.kept import read as read_back
from spindle._core.replay.mismatch import retyped

Fields = dict[str, object]
Made = Callable[[Fields], object]

MADE: list[Made] = []


class Price(msgspec.Struct):
    """Once `cents`."""

    amount: int


class Payer(msgspec.Struct):
    """Once `who`."""

    name: str


class Bill(msgspec.Struct):
    price: Price | None
    by: Payer


class Tea(msgspec.Struct, tag=True):
    """Once `leaf`."""

    name: str


class Cup(msgspec.Struct, tag=True):
    leaf: str


def was_cents(old: Fields) -> Any:
    return MADE[0](old)


upcasts(Price)(was_cents)


@upcasts(Payer)
def was_who(old: Fields) -> Fields:
    return {"name": old["who"]}


@upcasts(Tea)
def was_leaf(old: Fields) -> Fields:
    return {"name": old["leaf"]}


@pytest.fixture
def makes() -> Iterator[Callable[[Made], None]]:
    """Let the function of prices do that."""
    yield MADE.append
    MADE.clear()


def refused(old: object, kind: Any, form: Format = Format.JSON) -> msgspec.ValidationError:
    kept, _ = keep(old, Any, "it", form)
    with pytest.raises(msgspec.ValidationError) as caught:
        read_back(kept, kind, form)
    return caught.value


@pytest.mark.parametrize("form", list(Format), ids=lambda form: form.value)
@pytest.mark.parametrize("kind", [Price, Price | None, list[Price]])
@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda old: {"amuont": 3}, "returned {'amuont': 3}, which does not fit: Object missing"),
        (lambda old: {"amount": "3"}, "returned {'amount': '3'}, which does not fit: Expected"),
        (lambda old: old.update(amount=3), "returned None, and no mapping with the fields of the"),
        (lambda old: Price(3), "returned Price(amount=3), and no mapping with the fields of the n"),
        (lambda old: old["cent"], "raised KeyError('cent')"),
    ],
)
def test_D3_what_a_function_makes_that_is_wrong_is_told_and_what_helps(
    form: Format, kind: Any, made: Made, said: str, makes: Callable[[Made], None]
) -> None:
    makes(made)
    error = refused([{"cents": 3}] if kind == list[Price] else {"cents": 3}, kind, form)
    assert f"under `@upcasts`: was_cents {said}" in str(error)
    assert retyped(error).startswith("let the function that is named there make today's form")


def test_D3_a_function_that_is_not_to_blame_is_not_named(makes: Callable[[Made], None]) -> None:
    makes(lambda old: {"amount": old["cents"]})
    error = refused({"price": {"cents": 3}, "by": {"who": 3}}, Bill)
    assert "was_who returned {'name': 3}, which does not fit" in str(error)
    assert "was_cents" not in str(error)


def test_D3_nor_is_one_of_another_class() -> None:
    error = refused({"type": "Cup", "leaf": 3}, Tea | Cup)
    assert "was_leaf" not in str(error)
    assert retyped(error).startswith("make today's form of the older one in a function")
    assert "was_leaf returned" in str(refused({"type": "Tea", "leaf": 3}, Tea | Cup))


def test_D3_upcasts_takes_no_async_function() -> None:
    async def was_title(old: Fields) -> Fields:
        return old

    with pytest.raises(UsageError, match=r"plain function, and was_title is an `async def`"):
        upcasts(Payer)(was_title)  # type: ignore[type-var]
    assert "was_title" not in str(refused({"title": ""}, Payer))
