"""Where the pointer is becomes two fields of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

from .test_client_early import half_a_document

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import Server

pytestmark = pytest.mark.browser

POINTED = 'data-sp-pointed="Board.%s" data-sp-by="%s"'
CLICK, MENU, MOVE = (
    POINTED % each
    for each in (("Clicked", "click"), ("Asked", "contextmenu"), ("Moved", "pointermove"))
)
# Drawn at half its size: one unit of its own is half a pixel.
DRAWING = (
    f'<svg width="200" height="100" viewBox="0 0 400 200" {MOVE}><g {MENU}><g {CLICK}>'
    '<rect width="400" height="200" fill="white"></rect><circle cx="200" cy="100" r="20"></circle>'
    "</g></g></svg>"
)


def places(server: Server, name: str) -> list[tuple[float, ...]]:
    sent = [frame for frame in server.sent if frame["name"] == f"Board.{name}"]
    assert all([name for name, _ in frame["fields"]] == ["x", "y"] for frame in sent)
    return [tuple(round(float(text), 3) for _, text in frame["fields"]) for frame in sent]


def corner(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"], box["y"]


def test_a_click_on_a_drawing_has_its_place_in_the_drawings_units(server: Server) -> None:
    page = server.open(DRAWING)
    page.click("svg", position={"x": 10, "y": 20})
    page.click("circle")
    assert places(server, "Clicked") == [(20, 40), (200, 100)]
    assert places(server, "Asked") == []
    assert server.sent[-1]["t"] == "form"


def test_a_place_on_another_element_counts_from_its_corner(server: Server) -> None:
    page = server.open(f'<p>above</p><div {CLICK} data-sp-to="3" data-sp-instance="a">Here</div>')
    x, y = corner(page, "div[data-sp-by]")
    page.mouse.click(x + 7, y + 5)
    assert places(server, "Clicked") == [(7, 5)]
    assert (server.sent[0]["to"], server.sent[0]["instance"]) == (3, "a")


def test_a_place_is_right_when_the_page_is_scrolled(server: Server) -> None:
    page = server.open("<p>above</p>" * 100 + DRAWING)
    page.locator("svg").scroll_into_view_if_needed()
    page.click("svg", position={"x": 10, "y": 20})
    assert places(server, "Clicked") == [(20, 40)]


def test_the_other_button_has_its_place_and_no_menu_of_the_browser(server: Server) -> None:
    page = server.open(f"{DRAWING}<p>outside</p>")
    page.evaluate(
        "addEventListener('contextmenu', (event) => (window.prevented = event.defaultPrevented))"
    )
    page.click("svg", position={"x": 10, "y": 20}, button="right")
    assert page.evaluate("prevented")
    assert places(server, "Asked") == [(20, 40)]
    assert places(server, "Clicked") == []
    page.click("p", button="right")
    assert not page.evaluate("prevented")


def test_moves_are_sent_at_once_and_then_the_newest(server: Server) -> None:
    page = server.open(DRAWING)
    x, y = corner(page, "svg")
    page.clock.install(time=0)
    page.clock.pause_at(60)
    for step in range(1, 6):
        page.mouse.move(x + step, y)
    assert places(server, "Moved") == [(2, 0)]
    page.clock.run_for(1_000)
    assert places(server, "Moved") == [(2, 0), (10, 0)]


def test_what_was_pointed_at_before_a_click_is_sent_before_it(server: Server) -> None:
    page = server.open(DRAWING)
    x, y = corner(page, "svg")
    page.clock.install(time=0)
    page.clock.pause_at(60)
    for step in (1, 2):
        page.mouse.move(x + step, y)
    for _ in range(2):
        page.mouse.down()
        page.mouse.up()
    sent = [frame["name"] for frame in server.sent]
    assert sent == ["Board.Moved", "Board.Moved", "Board.Clicked", "Board.Clicked"]


def test_a_button_on_an_element_is_no_place_on_it(server: Server) -> None:
    page = server.open(
        f'<div {CLICK}><button data-sp-click="A.Pressed">Go</button>'
        f"<b {CLICK.replace('Clicked', 'Inner')}>Inner</b></div>"
    )
    page.click("button")
    page.click("b")
    assert [frame["name"] for frame in server.sent] == ["A.Pressed", "Board.Inner"]


def test_patch_while_it_is_pressed_does_not_move_what_is_clicked(server: Server) -> None:
    page = server.open(f"<p>1</p>{DRAWING}")
    page.hover("circle")
    page.mouse.down()
    server.show(
        f"<p>2</p>{DRAWING.replace('<circle', '<ellipse').replace('</circle', '</ellipse')}"
    )
    expect(page.locator("p")).to_have_text("1")
    page.mouse.up()
    expect(page.locator("p")).to_have_text("2")
    assert places(server, "Clicked") == [(200, 100)]


def test_an_early_click_keeps_its_place(server: Server) -> None:
    with half_a_document(server, DRAWING) as page:
        page.click("svg", position={"x": 10, "y": 20})
    assert places(server, "Clicked") == [(20, 40)]
