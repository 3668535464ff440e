from __future__ import annotations

import pytest

from spindle.view import WENT_WRONG, View, ViewError, checksum, render_failed, render_root, submit
from tests.view.shop import CHECKOUT, Checkout


class Page(View):
    content: object = ""

    def render(self) -> object:
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


def page(content: object) -> Page:
    view = Page()
    view.content = content
    return view


def body(html: str) -> str:
    return html.removeprefix(render_root(page("")))


class Element:
    def __html__(self) -> str:
        return f"<p {submit(Checkout.ShippingGiven)}></p>"


def test_what_has_html_is_taken_as_it_is() -> None:
    assert body(render_root(page(Element()))).startswith("<p data-sp-submit")


def test_an_element_made_late_still_gets_its_ids() -> None:
    html = render_root(page(Element()), [(CHECKOUT, Checkout.AskShipping("tea"))])
    assert 'data-sp-to="0"' not in html
    assert 'data-sp-to="0"' in render_root(page(Element()))


def test_N8_text_is_escaped() -> None:
    assert body(render_root(page("<b>'\"&"))) == "&lt;b&gt;&#39;&#34;&amp;"


def test_a_forgotten_return_is_named() -> None:
    with pytest.raises(ViewError, match=r"Page.render\(\) returned None \(a missing `return`\?\)"):
        render_root(page(None))


def test_what_is_no_html_is_refused() -> None:
    with pytest.raises(ViewError, match=r"an object of list: expected HTML, as in `return Markup"):
        render_root(page(["<p>"]))


def test_a_view_without_render_is_refused() -> None:
    with pytest.raises(ViewError, match=r"Bare has no render\(\)"):
        render_root(type("Bare", (View,), {})())


def test_N5_an_exception_reaches_the_caller_who_shows_what_rendered_last() -> None:
    view = page("before")
    before = render_root(view)
    view.content = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        render_root(view)
    view.flash("error", WENT_WRONG)
    shown = render_failed(view)
    assert WENT_WRONG in shown
    assert shown.endswith(body(before))
    view.dismiss(1)
    assert render_failed(view) == before
    view.content = "after"
    assert "after" in render_root(view)


def test_N5_a_view_that_never_rendered_shows_its_messages_alone() -> None:
    view = page(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        render_root(view)
    view.flash("error", WENT_WRONG)
    assert WENT_WRONG in render_failed(view)


def test_N5_ids_do_not_leak_out_of_a_rendering_that_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        render_root(page(ZeroDivisionError()))
    assert "data-sp-to" not in submit(Checkout.ShippingGiven)


def test_what_utf8_cannot_encode_is_replaced() -> None:
    view = page("a\ud800b😀")
    view.flash("info", "\udc00")
    html = render_root(view)
    assert html.endswith("a\ufffdb😀")
    assert checksum(html) > 0
