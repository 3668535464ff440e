"""A visitor without a mouse can always go on from where the page put them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from .conftest import Server

pytestmark = pytest.mark.browser

STEP = """<header><h1 tabindex="-1">Shop</h1></header>
<main>%s<form data-sp-submit="Flow.%s" data-sp-to="1"><input name="a"><button>Go</button></form>
</main>"""


def test_next_step_takes_the_focus_to_its_heading(server: Server) -> None:
    page = server.open(STEP % ('<h2 tabindex="-1">One</h2>', "One"))
    page.press("input", "Enter")
    server.show(STEP % ('<h2 tabindex="-1">Two</h2>', "Two"))
    expect(page.locator("h2")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("input")).to_be_focused()


def test_heading_further_out_is_better_than_none(server: Server) -> None:
    page = server.open(STEP % ("", "One"))
    page.press("input", "Enter")
    server.show(STEP % ("", "Two"))
    expect(page.locator("h1")).to_be_focused()


def test_next_step_takes_the_focus_to_the_field_made_for_it(server: Server) -> None:
    page = server.open(STEP % ('<h2 tabindex="-1">One</h2>', "One"))
    page.press("input", "Enter")
    server.show(
        STEP.replace("<input", "<input name='b'><input autofocus")
        % ('<h2 tabindex="-1">Two</h2>', "Two")
    )
    expect(page.locator("[autofocus]")).to_be_focused()


def test_root_takes_the_focus_where_nothing_else_does(server: Server) -> None:
    page = server.open('<p><button data-sp-click="A.B">One</button></p>')
    page.click("button")
    server.show('<div><a href="#">Two</a></div>')
    expect(page.locator("#spindle")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("a")).to_be_focused()
    assert page.locator("#spindle").get_attribute("tabindex") is None


def test_heading_that_comes_later_takes_the_focus_from_the_root(server: Server) -> None:
    page = server.open('<form data-sp-submit="A.B"><button>Pay</button></form>')
    page.click("button")
    server.show("<p>Placing your order</p>")
    expect(page.locator("#spindle")).to_be_focused()
    server.show('<h1 tabindex="-1">Thank you</h1>')
    expect(page.locator("h1")).to_be_focused()


def test_focus_stays_where_it_is_while_that_is_there(server: Server) -> None:
    text = '<h1 tabindex="-1">%s</h1><button data-sp-click="A.B">One</button>%s'
    page = server.open(text % (1, ""))
    page.click("button")
    server.show(text % (2, "<p>more</p>"))
    expect(page.locator("button")).to_be_focused()


def test_focus_outside_of_the_page_is_not_taken(server: Server) -> None:
    page = server.open(STEP % ("", "One"))
    page.focus("#outside")
    server.show(STEP % ("", "Two"))
    expect(page.locator("#outside")).to_be_focused()


def test_autofocus_of_what_comes_new_is_honoured(server: Server) -> None:
    button = '<button data-sp-click="A.Edit">Edit</button>'
    page = server.open(button)
    page.click("button")
    server.show(button + "<p><input autofocus></p>")
    expect(page.locator("input")).to_be_focused()
    page.focus("button")
    server.show(button + "<p><input autofocus> changed</p>")
    expect(page.locator("button")).to_be_focused()


def test_autofocus_does_not_take_the_focus_from_a_field_in_use(server: Server) -> None:
    field = '<input name="a">'
    page = server.open(field)
    page.focus("[name=a]")
    server.show(field + "<input autofocus>")
    expect(page.locator("[name=a]")).to_be_focused()


def test_dismissed_flash_leaves_the_focus_in_the_page(server: Server) -> None:
    region = '<div role="status">%s</div><main><h1 tabindex="-1">Shop</h1></main>'
    page = server.open(region % '<p>Saved <button data-sp-dismiss="1">x</button></p>')
    page.click("button")
    server.show(region % "")
    assert _is_within_root(page)


def _is_within_root(page: Page) -> bool:
    return bool(
        page.evaluate("document.getElementById('spindle').contains(document.activeElement)")
    )
