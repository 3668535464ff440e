from __future__ import annotations

import enum
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest

from spindle.web.errors import BadParameter, PageDeclarationError
from spindle.web.http.parameters import Parameters
from spindle.web.http.route import Route


class Colour(enum.Enum):
    GREEN = "green"
    BLACK = "black"


class Unspellable:
    pass


async def mount(
    page: object,
    request: object,
    sku: str,
    count: int = 1,
    gift: bool = False,
    colour: Colour | None = None,
    size: Literal["s", "m"] = "s",
    tags: list[str] = [],  # noqa: B006 - a default is only handed on
    day: date | None = None,
    key: UUID | None = None,
    price: Annotated[float, msgspec.Meta(ge=0, extra={"unit": "euro"})] = 0.0,
    sizes: tuple[int | None, ...] | None = None,
    *,
    q: str = "",
) -> None: ...


def read(*query: tuple[str, str]) -> dict[str, object]:
    return Parameters(Route("/buy/{sku}"), mount).decode({"sku": "tea"}, query)


def test_P4_the_path_and_the_query_give_typed_values() -> None:
    assert read() == {"sku": "tea"}
    assert read(
        ("count", "3"),
        ("gift", "true"),
        ("colour", "green"),
        ("size", "m"),
        ("tags", "a"),
        ("tags", "b"),
        ("day", "2026-10-01"),
        ("key", "12345678-1234-5678-1234-567812345678"),
        ("price", "1.5"),
        ("sizes", "1"),
        ("q", ""),
        ("utm_source", "mail"),
        ("utm_source", "mail"),
    ) == {
        "sku": "tea",
        "count": 3,
        "gift": True,
        "colour": Colour.GREEN,
        "size": "m",
        "tags": ["a", "b"],
        "day": date(2026, 10, 1),
        "key": UUID("12345678-1234-5678-1234-567812345678"),
        "price": 1.5,
        "sizes": (1,),
        "q": "",
    }


def test_P4_an_empty_number_of_a_search_form_counts_as_absent() -> None:
    assert read(("count", ""), ("day", "")) == {"sku": "tea"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("count", "x"),
        ("count", "1e3x"),
        ("gift", "maybe"),
        ("colour", "red"),
        ("size", "xl"),
        ("day", "yesterday"),
        ("key", "12"),
        ("price", "-1"),
    ],
)
def test_P4_a_bad_value_names_the_parameter(name: str, text: str) -> None:
    with pytest.raises(BadParameter, match=f"^{name} cannot be '{text}'.$"):
        read((name, text))


def test_P4_one_value_is_not_two_and_a_long_one_is_cut() -> None:
    with pytest.raises(BadParameter, match="count is given 2 times"):
        read(("count", "1"), ("count", "1"))
    with pytest.raises(BadParameter, match=r"count cannot be '9{40}…'"):
        read(("count", "9" * 40 + "x" * 40))


def test_P4_what_has_no_default_must_be_there() -> None:
    async def needs(page: object, request: object, q: str, count: int) -> None: ...

    parameters = Parameters(Route("/"), needs)
    assert parameters.decode({}, (("q", ""), ("count", "1"))) == {"q": "", "count": 1}
    with pytest.raises(BadParameter, match="q is missing"):
        parameters.decode({}, (("count", "1"),))
    with pytest.raises(BadParameter, match="count cannot be ''"):
        parameters.decode({}, (("q", "x"), ("count", "")))


async def takes_nothing() -> None: ...
async def takes_unspellable(page: object, request: object, sku: Unspellable) -> None: ...
async def takes_odd(page: object, request: object, sku: Literal[1.5]) -> None: ...  # type: ignore[valid-type]
async def takes_nothing_at_all(page: object, request: object, sku: None) -> None: ...
async def takes_unspellables(page: object, request: object, sku: list[Unspellable]) -> None: ...
async def takes_mapping(page: object, request: object, sku: dict[str, str]) -> None: ...
async def takes_unknown(page: object, request: object, sku: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821
async def takes_keywords(page: object, request: object, **sku: str) -> None: ...
async def takes_untyped(page, request, sku) -> None: ...  # type: ignore[no-untyped-def]
async def takes_two(page: object, request: object) -> None: ...
async def takes_many(page: object, request: object, sku: list[str]) -> None: ...
def is_no_coroutine(page: object, request: object, sku: str) -> None: ...


def test_a_name_that_the_function_has_for_something_else_is_not_told_to_be_added() -> None:
    with pytest.raises(PageDeclarationError) as caught:
        Parameters(Route("/a/{page}"), takes_two)
    assert "the route names 'page', and that name is taken" in str(caught.value)
    assert "Write '{page_name}' in the route, and add 'page_name: str'" in str(caught.value)

    async def other_names(own: object, asked: object, page: str) -> None: ...

    assert Parameters(Route("/a/{page}"), other_names).names == ("page",)


@pytest.mark.parametrize(
    ("function", "what", "fix"),
    [
        (takes_nothing, "does not take the page", "async def mount(page, request, ...)"),
        (takes_unspellable, "'sku' is of type Unspellable", "Use str, int"),
        (takes_unspellables, "'sku' is of type list", "Use str, int"),
        (takes_odd, "'sku' is of type typing.Literal[1.5]", "Use str, int"),
        (takes_nothing_at_all, "'sku' is of type None", "Use str, int"),
        (takes_mapping, "'sku' is of type dict[str, str]", "Use str, int"),
        (takes_unknown, "name 'Nowhere' is not defined", "top of its module"),
        (takes_keywords, "**sku: str cannot be filled", "Name every parameter"),
        (takes_untyped, "'sku' has no type", "'sku: str'"),
        (takes_two, "has no parameter 'sku'", "Add 'sku: str'"),
        (takes_many, "'sku' takes several values", "out of the route"),
        (is_no_coroutine, "is not an async function", "async def"),
    ],
)
def test_a_mount_function_that_cannot_be_called_is_refused(
    function: object, what: str, fix: str
) -> None:
    with pytest.raises(PageDeclarationError) as caught:
        Parameters(Route("/buy/{sku}"), function)  # type: ignore[arg-type]
    assert what in str(caught.value)
    assert fix in str(caught.value)
    assert "page('/buy/{sku}')" in str(caught.value)
    assert function.__name__ in str(caught.value)  # type: ignore[attr-defined]
