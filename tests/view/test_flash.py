from __future__ import annotations

import pytest

from spindle.view import Flash, Markup, View, ViewError, render_root
from tests.view.markup import Reader


class Page(View):
    def render(self) -> Markup:
        return Markup("<p>page</p>")


def texts(view: View) -> list[str]:
    return [flash.text for flash in view.flashes]


def test_N7_the_live_regions_are_there_before_there_is_a_message() -> None:
    tags = Reader(render_root(Page())).tags
    assert ("div", {"id": "spindle-flash"}) in tags
    regions = [attributes for _, attributes in tags if "role" in attributes]
    assert [(each["role"], each["aria-live"]) for each in regions] == [
        ("status", "polite"),
        ("alert", "assertive"),
    ]


def test_N7_errors_are_announced_at_once_and_the_rest_in_turn() -> None:
    view = Page()
    view.flash("info", "Saved")
    view.flash("error", "Refused")
    polite, assertive = render_root(view).split('role="alert"')
    assert ("Saved" in polite, "Refused" in polite) == (True, False)
    assert ("Saved" in assertive, "Refused" in assertive) == (False, True)


def test_N7_a_flash_is_shown_until_it_is_dismissed() -> None:
    view = Page()
    view.flash("info", "one")
    view.flash("info", "two")
    assert view.flashes == (Flash(1, "info", "one"), Flash(2, "info", "two"))
    view.dismiss(1)
    view.dismiss(99)
    assert texts(view) == ["two"]
    assert "two" in render_root(view)


def test_N7_a_flash_is_shown_until_the_visitors_next_event() -> None:
    view = Page()
    view.flash("info", "seen")
    assert "seen" in render_root(view)
    assert "seen" in render_root(view)
    view.flash("info", "not rendered yet")
    view.visitor_acted()
    assert texts(view) == ["not rendered yet"]
    view.visitor_acted()
    assert texts(view) == ["not rendered yet"]


def test_N7_each_dismiss_button_says_what_it_dismisses() -> None:
    view = Page()
    view.flash("info", 'say "hi"')
    button = next(each for tag, each in Reader(render_root(view)).tags if tag == "button")
    assert button == {
        "type": "button",
        "data-sp-dismiss": "1",
        "aria-label": 'Dismiss: say "hi"',
    }


def test_the_same_message_again_is_a_new_one_in_place_of_the_old() -> None:
    view = Page()
    for _ in range(3):
        view.flash("error", "Refused")
    assert view.flashes == (Flash(3, "error", "Refused"),)


def test_a_page_nobody_touches_does_not_collect_messages_for_ever() -> None:
    view = Page()
    for number in range(100):
        view.flash("info", f"{number}")
    assert texts(view) == [f"{number}" for number in range(80, 100)]


def test_a_flash_is_of_a_known_kind() -> None:
    with pytest.raises(ViewError, match="not 'warning'"):
        Page().flash("warning", "text")
