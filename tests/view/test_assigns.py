from __future__ import annotations

import typing
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import pytest

from spindle.view import Markup, View, ViewError


class Page(View):
    products: tuple[str, ...] = ()
    total = 0
    rates: Mapping[str, int] = MappingProxyType({})
    COLUMNS: ClassVar[list[str]] = ["sku"]
    NAMES: typing.ClassVar[list[str]] = ["tea"]

    @property
    def first(self) -> str:
        return self.products[0]

    @first.setter
    def first(self, name: str) -> None:
        self.products = (name, *self.products[1:])

    def render(self) -> Markup:
        return Markup()


class SubPage(Page):
    panel: str = ""


def test_assigns_are_assigned_inherited_ones_and_the_title_too() -> None:
    view = SubPage()
    view.title = view.panel = view.first = "tea"
    view.total = 1
    view._anything = 2
    assert (view.title, view.panel, view.products, view.total) == ("tea", "tea", ("tea",), 1)


def test_a_typo_names_the_assign_that_was_meant() -> None:
    with pytest.raises(ViewError, match=r"SubPage has no assign 'prodcuts'.*'products'"):
        SubPage().prodcuts = ()


def test_an_undeclared_assign_is_refused_with_the_fix() -> None:
    with pytest.raises(ViewError, match="`zebra: str = ''`"):
        SubPage().zebra = 1


@pytest.mark.parametrize("name", ["render", "COLUMNS", "receive"])
def test_what_is_no_assign_cannot_be_assigned(name: str) -> None:
    with pytest.raises(ViewError, match=f"SubPage.{name} is not an assign"):
        setattr(SubPage(), name, None)


@pytest.mark.parametrize(
    ("default", "fix"),
    [
        ([], "a tuple, as in `things: tuple[...] = ()`"),
        ({}, "MappingProxyType({})"),
        (set[int](), "frozenset()"),
        (bytearray(), "a value that cannot change"),
        (([],), "a value that cannot change"),
    ],
)
def test_a_default_that_can_change_is_refused(default: object, fix: str) -> None:
    with pytest.raises(ViewError) as caught:
        type("Bad", (View,), {"__annotations__": {"things": "object"}, "things": default})
    assert f"Bad.things has a {type(default).__name__} as default" in str(caught.value)
    assert fix in str(caught.value)


def test_a_private_or_unannotated_default_that_can_change_is_refused_too() -> None:
    with pytest.raises(ViewError, match=r"Bad\._cache has a dict"):
        type("Bad", (View,), {"_cache": {}})


def test_an_assign_without_default_is_refused() -> None:
    with pytest.raises(ViewError, match=r"Bad\.total has no default"):

        class Bad(View):
            total: int


def test_an_assign_may_be_given_its_value_by_init() -> None:
    class Base(View):
        total: int

        def __init__(self) -> None:
            self.total = 3

    class Good(Base):
        count: int

    assert Good().total == 3


@pytest.mark.parametrize("name", ["render", "flash", "flashes", "receive"])
def test_an_assign_may_not_hide_what_the_page_needs(name: str) -> None:
    with pytest.raises(ViewError, match=f"Bad.{name} would hide View.{name}"):
        type("Bad", (View,), {name: ""})


def test_an_init_with_arguments_is_refused() -> None:
    with pytest.raises(ViewError, match=r"Bad.__init__ is called without arguments.*'sku'"):

        class Bad(View):
            def __init__(self, sku: str) -> None: ...


def test_an_async_render_is_refused() -> None:
    with pytest.raises(ViewError, match=r"Bad\.render is async"):

        class Bad(View):
            async def render(self) -> Markup:
                return Markup()
