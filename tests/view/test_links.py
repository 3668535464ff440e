from __future__ import annotations

from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.view import Attributes, Markup, View, ViewError, click, link, render_root, submit
from spindle.web.http.request import Request
from spindle.web.http.route import Route
from tests.view.shop import Checkout, Search


class Colour(Enum):
    GREEN = "grün"


class Page(View):
    def render(self) -> Markup:
        return Markup("<a {}>tea</a>").format(link("/buy/{sku}", sku="tea"))


@pytest.mark.parametrize(
    ("path", "values", "href"),
    [
        ("/", {}, "/"),
        ("/buy/tea", {}, "/buy/tea"),
        ("/buy/{sku}", {"sku": "tea"}, "/buy/tea"),
        ("/buy/{sku}", {"sku": "a/b?c#d e&f"}, "/buy/a%2Fb%3Fc%23d%20e%26f"),
        ("/buy/{sku}", {"sku": 7, "page": 2}, "/buy/7?page=2"),
        ("/{a}/{a}", {"a": "x"}, "/x/x"),
        ("/find", {"q": "grün & more"}, "/find?q=gr%C3%BCn+%26+more"),
        ("/find", {"colour": Colour.GREEN, "new": True}, "/find?colour=gr%C3%BCn&new=true"),
        ("/find", {"tag": ["a", "b"], "none": ()}, "/find?tag=a&tag=b"),
        ("/buy/{sku}", {"sku": "\ud800"}, "/buy/%3F"),
    ],
)
def test_a_link_fills_the_route_and_the_rest_is_the_query(
    path: str, values: dict[str, object], href: str
) -> None:
    assert link(path, **values).mapping == {"href": href}


def test_a_link_begins_with_what_the_app_is_mounted_at() -> None:
    assert '<a href="/buy/tea">' in render_root(Page())
    assert '<a href="/a%20shop/buy/tea">' in render_root(Page(), prefix="/a%20shop")
    assert link("/").mapping == {"href": "/"}


@pytest.mark.parametrize("path", ["", "buy", "//evil.example", "/\\evil.example", "https://x/"])
def test_a_link_stays_in_the_app(path: str) -> None:
    with pytest.raises(ViewError, match="expected a path from the root of the app"):
        link(path)


@pytest.mark.parametrize("sku", ["", ".", ".."])
def test_a_segment_that_browsers_would_take_for_a_step_is_refused(sku: str) -> None:
    with pytest.raises(ViewError, match="cannot be the segment 'sku'"):
        link("/buy/{sku}", sku=sku)


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(ViewError, match=r"give sku, as in sku=\.\.\."):
        link("/buy/{sku}", page=2)


@given(sku=st.text(min_size=1).filter(lambda text: text not in (".", "..")), q=st.text())
def test_the_page_gets_what_its_link_was_given(sku: str, q: str) -> None:
    sent = Request.of("GET", link("/buy/{sku}", sku=sku, q=q).mapping["href"])
    whole = [text.encode(errors="replace").decode() for text in (sku, q)]
    assert Route("/buy/{sku}").match(sent.path) == {"sku": whole[0]}
    assert sent.query == (("q", whole[1]),)


def test_attributes_are_a_text_or_values_by_name() -> None:
    found = click(Search.BuyPressed("<\"&'>"))
    assert isinstance(found, Attributes)
    assert found.mapping["data-sp-value"] == '{"sku":"<\\"&\'>"}'
    assert found.mapping["data-sp-click"] == "Search.BuyPressed"
    both = submit(Checkout.ShippingGiven) + Markup(' class="big"')
    assert both.mapping["class"] == "big"
    assert both.mapping["method"] == "post"
