"""N8 over the template engines that the docs show: Jinja2, htpy, and anything with `__html__`."""

from __future__ import annotations

import htpy as h
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.jinja import Templates
from spindle.view import HTML, Markup, View, click, fields, link, render_root, submit
from tests.view.markup import Reader
from tests.view.shop import Checkout, Search
from tests.view.test_hostile import TRICKS

hostile = st.lists(st.sampled_from(TRICKS) | st.text(max_size=5), max_size=4).map("".join)

PAGE = """
<h1 title="{{ text }}">{{ text }}</h1>
<form {{ submit(Checkout.ShippingGiven) }}>
<input {{ street.control }} value='{{ text }}'>{{ street.message }}
</form>
<ul>{% for each in [text, text] %}
<li><b>{{ each }}</b> {{ "%s!"|format(each) }}</li>
{% endfor %}</ul>
<button {{ click(Search.BuyPressed(text)) }}>{{ text ~ "<" }}</button>
<a {{ link("/buy/{sku}", sku="x" ~ text, more=text) }}>{{ text|upper|replace("A", "<") }}</a>
{% macro shown(it) %}<em {{ {"title": it}|xmlattr }}>{{ it }}{{ caller() }}</em>{% endmacro %}
{% call shown(text) %}{{ text }}{% endcall %}
{% set block %}<i>{{ text }}</i>{% endset %}{{ block }}{{ [text, block]|join(text) }}
"""


class ByJinja(View):
    text: str = ""
    templates = Templates(
        jinja2.Environment(
            loader=jinja2.DictLoader({"page.html": PAGE}),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        )
    )

    def render(self) -> HTML:
        return self.templates.render(
            "page.html",
            text=self.text,
            street=self.field(fields(Checkout.ShippingGiven).shipping.street),
            Checkout=Checkout,
            Search=Search,
        )


class ByHtpy(View):
    text: str = ""

    def render(self) -> HTML:
        street = self.field(fields(Checkout.ShippingGiven).shipping.street)
        return h.main(title=self.text)[
            h.h1[self.text],
            h.form(submit(Checkout.ShippingGiven).mapping)[
                h.input(street.control.mapping, value=self.text), street.message
            ],
            h.ul[(h.li[h.b[each], each] for each in (self.text, self.text))],
            h.button(click(Search.BuyPressed(self.text)).mapping)[self.text],
            h.a(link("/buy/{sku}", sku=f"x{self.text}", more=self.text).mapping)[self.text],
            Markup("<i>{}</i>").format(self.text),
        ]


class Badge:
    def __init__(self, text: str) -> None:
        self.text = text

    def __html__(self) -> str:
        return Markup('<b title="{0}">{0}</b>').format(self.text)


class ByHand(View):
    text: str = ""

    def render(self) -> HTML:
        return Markup("<p>{}{}</p>").format(Badge(self.text), self.text)


VIEWS = (ByJinja, ByHtpy, ByHand)


def shown(kind: type[View], text: str) -> Reader:
    view = kind()
    view.__dict__["text"] = text
    return Reader(render_root(view))


@pytest.mark.parametrize("kind", VIEWS)
@given(text=hostile)
def test_N8_hostile_text_leaves_the_structure_alone(kind: type[View], text: str) -> None:
    assert shown(kind, text).structure == shown(kind, "harmless").structure


@pytest.mark.parametrize("kind", VIEWS)
@given(text=hostile)
def test_N8_hostile_text_is_shown_as_it_is(kind: type[View], text: str) -> None:
    assert f"[{text}]" in shown(kind, f"[{text}]").text


@pytest.mark.mutant
def test_N8_one_place_that_is_not_escaped_is_found() -> None:
    class Careless(View):
        text: str = ""

        def render(self) -> HTML:
            return Markup(f"<p>{self.text}</p>")

    assert shown(Careless, "<b>").structure != shown(Careless, "harmless").structure
