"""What is under the visitor's pointer stays there from the press to the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import Server

pytestmark = pytest.mark.browser

BUTTON = '<button data-sp-click="A.Pressed"><b>Go</b></button>'


def press(page: Page, selector: str) -> None:
    page.hover(selector)
    page.mouse.down()


@pytest.mark.parametrize(
    "patched",
    [
        BUTTON.replace("b>", "i>"),
        f"<section>{BUTTON}</section>",
        f"<p>more</p><p>more</p>{BUTTON}",
        "<p>gone</p>",
    ],
)
def test_patch_between_press_and_release_does_not_take_the_click(
    server: Server, patched: str
) -> None:
    page = server.open(BUTTON)
    press(page, "b")
    server.show(patched)
    page.mouse.up()
    assert [frame["name"] for frame in server.sent] == ["A.Pressed"]
    server.settle(1)
    page.wait_for_function(
        "html => document.querySelector('#spindle').innerHTML === html", arg=patched
    )


def test_patches_while_something_is_pressed_are_shown_as_one(server: Server) -> None:
    page = server.open(f"<p>1</p>{BUTTON}")
    press(page, "b")
    server.show(f"<p>2</p>{BUTTON}")
    server.show(f"<p>3</p>{BUTTON}")
    assert page.inner_text("p") == "1"
    page.mouse.up()
    expect(page.locator("p")).to_have_text("3")


def test_press_that_becomes_no_click_ends_too(server: Server) -> None:
    page = server.open(f"<p>1</p>{BUTTON}")
    press(page, "b")
    server.show(f"<p>2</p>{BUTTON}")
    page.hover("#outside")
    page.mouse.up()
    expect(page.locator("p")).to_have_text("2")
    assert server.sent == []


def test_press_that_never_ends_holds_nothing_up_for_long(server: Server) -> None:
    page = server.open(f"<p>1</p>{BUTTON}")
    page.clock.install(time=0)
    page.clock.pause_at(60)
    press(page, "b")
    server.show(f"<p>2</p>{BUTTON}")
    page.clock.run_for(1_900)
    assert page.inner_text("p") == "1"
    page.clock.run_for(200)
    assert page.inner_text("p") == "2"


@pytest.mark.parametrize("pressed", ['<input type="range">', "<textarea></textarea>", "<em>x</em>"])
def test_drag_holds_nothing_up(server: Server, pressed: str) -> None:
    page = server.open(f"<p>1</p>{pressed}")
    press(page, "input, textarea, em")
    server.show(f"<p>2</p>{pressed}")
    assert page.inner_text("p") == "2"


def test_other_buttons_of_the_mouse_hold_nothing_up(server: Server) -> None:
    page = server.open(f"<p>1</p>{BUTTON}")
    page.hover("b")
    page.mouse.down(button="middle")
    server.show(f"<p>2</p>{BUTTON}")
    assert page.inner_text("p") == "2"
