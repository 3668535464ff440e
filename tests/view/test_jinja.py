"""Jinja2 templates as views: what they may use, what they may not, and what errors say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest

from spindle._core.source import Source
from spindle._core.states import Yielded
from spindle.jinja import Templates
from spindle.view import Markup, Refused, View, ViewError, on, render_root
from tests.view.shop import Checkout, Search

CHECKOUT = Source(Checkout, None, 1)


def templates(**texts: str) -> Templates:
    return Templates(environment(texts))


def environment(texts: dict[str, str], **options: Any) -> jinja2.Environment:
    given = {"autoescape": True, "undefined": jinja2.StrictUndefined} | options
    named = {f"{name}.html": text for name, text in texts.items()}
    return jinja2.Environment(loader=jinja2.DictLoader(named), **given)


def rendered(text: str, **values: object) -> str:
    return templates(page=text).render("page.html", **values)


class CheckoutView(View):
    ask: Checkout.AskShipping | None = None
    templates = templates(
        page="""
        {%- set street = view.field(fields(Checkout.ShippingGiven).shipping.street) -%}
        <form {{ submit(Checkout.ShippingGiven, to=view.ask) }}>
        <label {{ street.label }}>Street</label><input {{ street.control }}>{{ street.message }}
        </form>
        <button {{ click(Search.BuyPressed(sku)) }}>Buy {{ sku }}</button>
        <input {{ typed(Search.QueryTyped) }} name="{{ fields(Search.QueryTyped).query }}">
        <p {{ pressed("Escape", Search.Cleared()) }}>
        <a {{ link("/buy/{sku}", sku=sku) }}>{{ sku }}</a>
        """
    )

    @on(Checkout.AskShipping)
    def ask_shipping(self, ask: Checkout.AskShipping) -> None:
        self.ask = ask

    def render(self) -> Markup:
        return self.templates.render(
            "page.html", view=self, Checkout=Checkout, Search=Search, sku="<tea>"
        )


def test_a_template_uses_the_helpers_of_views() -> None:
    view, ask = CheckoutView(), Checkout.AskShipping("tea")
    view.receive(CHECKOUT, Yielded(ask))
    view.refuse(Refused(Checkout.ShippingGiven, {"shipping.street": "Where <is> it?"}))
    html = render_root(view, [(CHECKOUT, ask)], "/shop")
    for part in (
        '<form data-sp-submit="Checkout.ShippingGiven" data-sp-to="1"',
        'name="shipping.street"',
        "Where &lt;is&gt; it?",
        'data-sp-value="{&quot;sku&quot;:&quot;&lt;tea&gt;&quot;}">Buy &lt;tea&gt;</button>',
        'data-sp-typed="Search.QueryTyped"',
        'name="query"',
        'data-sp-key="Escape"',
        '<a href="/shop/buy/%3Ctea%3E">',
    ):
        assert part in html


def test_helpers_are_there_in_macros_of_other_templates() -> None:
    found = templates(
        macros="{% macro to(path) %}<a {{ link(path) }}>{{ caller() }}</a>{% endmacro %}",
        page="{% from 'macros.html' import to %}{% call to('/') %}{{ text }}{% endcall %}",
    ).render("page.html", text="<b>")
    assert found == '<a href="/">&lt;b&gt;</a>'


def test_texts_are_escaped_and_markup_is_not() -> None:
    found = rendered("{{ a }}{{ b }}{{ '<c>' }}", a="<a>", b=Markup("<b>"))
    assert found == "&lt;a&gt;<b>&lt;c&gt;"


# --- escaping cannot be switched off -------------------------------------------------------------


@pytest.mark.parametrize(
    "autoescape", [False, jinja2.select_autoescape(), lambda name: True, None, 1]
)
def test_an_environment_that_might_not_escape_is_refused(autoescape: Any) -> None:
    with pytest.raises(ViewError, match=r"Write Environment\(autoescape=True, \.\.\.\)"):
        Templates(environment({}, autoescape=autoescape))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("\n{% autoescape false %}{{ x }}{% endautoescape %}", "{% autoescape %}"),
        ("\n{%- autoescape x %}{{ x }}{% endautoescape %}", "{% autoescape %}"),
        ("\n{{ x|safe }}", "|safe"),
        ("\n{{ x | upper | safe }}", "|safe"),
        ("\n{% set y = x|safe %}{{ y }}", "|safe"),
    ],
)
def test_a_template_that_switches_escaping_off_is_refused(text: str, what: str) -> None:
    with pytest.raises(ViewError) as refused:
        rendered(text, x="<b>")
    assert str(refused.value) == (
        f"template 'page.html', line 2: {what} is refused: escaping is always on. What is HTML "
        f"comes from Python as Markup, or as anything else with __html__"
    )


@pytest.mark.parametrize(
    "text", ["{% filter safe %}{{ x }}{% endfilter %}", "{{ [x]|map('safe')|join }}"]
)
def test_the_filter_is_refused_where_it_is_only_seen_when_it_runs(text: str) -> None:
    with pytest.raises(ViewError, match="the filter 'safe' is refused"):
        rendered(text, x="<b>")


def test_words_that_only_look_like_it_pass() -> None:
    found = rendered("{{ safe }} {{ x.safe }} {# |safe #} autoescape", safe="<", x={"safe": 1})
    assert found == "&lt; 1  autoescape"


def test_an_environment_stays_as_it_is_for_others() -> None:
    given = environment({"page": "{{ x|safe }}"})
    with pytest.raises(ViewError):
        Templates(given).render("page.html", x="<b>")
    assert given.get_template("page.html").render(x="<b>") == "<b>"
    assert "link" not in given.globals


def test_what_was_compiled_before_is_compiled_anew(tmp_path: Path) -> None:
    cache = jinja2.FileSystemBytecodeCache(str(tmp_path))
    given = environment({"page": "{{ x|safe }}"}, bytecode_cache=cache)
    given.get_template("page.html")
    with pytest.raises(ViewError, match="is refused"):
        Templates(given).render("page.html", x="<b>")


# --- what errors say -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["\n{{ nmae }}", "\n{% if nmae %}{% endif %}", "\n{% for x in nmae %}{% endfor %}"]
)
def test_a_name_that_is_not_there_is_an_error_wherever_it_stands(text: str) -> None:
    with pytest.raises(ViewError) as raised:
        rendered(text, name="tea")
    assert str(raised.value) == (
        "template 'page.html', line 2: 'nmae' is undefined. "
        "It was given: name, click, fields, link, pressed, submit, typed"
    )


def test_an_attribute_that_is_not_there_is_named() -> None:
    with pytest.raises(ViewError, match=r"line 1: .*CheckoutView.* has no attribute 'aks'"):
        rendered("{{ view.aks }}", view=CheckoutView())


def test_a_template_that_is_not_there_is_named_and_the_nearest_one() -> None:
    some = templates(cart="", page="\n\n{% include 'cat.html' %}")
    with pytest.raises(ViewError, match=r"^there is no template 'crat\.html': did you mean 'cart"):
        some.render("crat.html")
    with pytest.raises(
        ViewError, match=r"^template 'page\.html', line 3: there is no template 'cat"
    ):
        some.render("page.html")
    with pytest.raises(ViewError, match=r"^there is no template 'nothing like it'$"):
        some.render("nothing like it")


def test_a_template_that_cannot_be_read_says_where() -> None:
    with pytest.raises(ViewError, match=r"^template 'page\.html', line 3: Encountered unknown tag"):
        rendered("\n\n{% nonsense %}")


def test_an_error_of_the_values_own_code_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError):
        rendered("{{ x() }}", x=lambda: 1 // 0)
    with pytest.raises(ViewError, match="has no field 'stret'"):
        rendered("{{ fields(E).shipping.stret }}", E=Checkout.ShippingGiven)


def test_a_folder_of_templates(tmp_path: Path) -> None:
    (tmp_path / "cart.html").write_text("{% if x %}\n<p>{{ x }}</p>\n{% endif %}\n")
    assert Templates(tmp_path).render("cart.html", x="ä<") == "<p>ä&lt;</p>\n"
    with pytest.raises(ViewError, match=r"'cart\.html'"):
        Templates(str(tmp_path)).render("../cart.html", x=1)
    with pytest.raises(ViewError, match=r"there is no such folder.*with_name\('templates'\)"):
        Templates(tmp_path / "template")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"undefined": jinja2.Undefined}, r"Environment\(undefined=StrictUndefined"),
        ({"enable_async": True}, "Leave enable_async out"),
        ({"loader": None}, r"Environment\(loader="),
    ],
)
def test_an_environment_that_would_not_do_is_refused(options: dict[str, Any], said: str) -> None:
    given = {"autoescape": True, "undefined": jinja2.StrictUndefined} | options
    if "loader" not in options:
        given["loader"] = jinja2.DictLoader({})
    with pytest.raises(ViewError, match=said):
        Templates(jinja2.Environment(**given))


def test_without_the_extra_it_is_said_how_to_install_it() -> None:
    code = "import sys; sys.modules['jinja2'] = None; import spindle.jinja"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "spindle.jinja needs Jinja2: pip install 'trio-spindle[jinja2]'" in done.stderr
