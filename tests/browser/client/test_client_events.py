"""What the visitor does becomes a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from .conftest import Server

pytestmark = pytest.mark.browser

FORM = """
<form id="form" method="post" novalidate data-sp-submit="Checkout.ShippingGiven" data-sp-to="3"
      data-sp-instance="left">
  <input name="shipping.street" value="Main St"><input type="hidden" name="sku" value="tea">
  <input type="checkbox" name="gift" value="on" checked><input type="checkbox" name="fragile">
  <input type="radio" name="speed" value="slow">
  <input type="radio" name="speed" value="fast" checked>
  <select name="size" multiple><option selected>S<option>M<option selected>L</select>
  <input name="tag" value="a"><input name="tag" value="b"><input name="off" value="1" disabled>
  <textarea name="note">two
lines</textarea>
  <input type="file" name="picture"><input value="nameless">
  <button name="way" value="post">Post</button><button name="way" value="fetch">Fetch</button>
</form>"""
FIELDS = [
    ["shipping.street", "Main St"],
    ["sku", "tea"],
    ["gift", "on"],
    ["speed", "fast"],
    ["size", "S"],
    ["size", "L"],
    ["tag", "a"],
    ["tag", "b"],
    ["note", "two\nlines"],
]
TO_LEFT = {"to": 3, "instance": "left"}


# --- forms ----------------------------------------------------------------------------------------


def test_submit_sends_the_fields_in_document_order_and_its_button(server: Server) -> None:
    page = server.open(FORM)
    page.click("text=Fetch")
    assert server.sent == [
        {
            "t": "form",
            "seq": 1,
            "name": "Checkout.ShippingGiven",
            **TO_LEFT,
            "fields": [*FIELDS, ["way", "fetch"]],
        }
    ]


def test_submit_by_the_enter_key_names_the_first_button_as_browsers_do(server: Server) -> None:
    page = server.open(FORM)
    page.press("[name='shipping.street']", "Enter")
    assert server.sent[0]["fields"] == [*FIELDS, ["way", "post"]]


def test_files_are_left_out(server: Server) -> None:
    page = server.open(FORM)
    page.set_input_files(
        "[name=picture]", {"name": "a.png", "mimeType": "image/png", "buffer": b""}
    )
    page.click("text=Post")
    assert server.sent[0]["fields"] == [*FIELDS, ["way", "post"]]


def test_fields_named_like_properties_of_a_form_do_no_harm(server: Server) -> None:
    names = ("id", "name", "action", "method", "elements", "target", "submit", "title", "length")
    inputs = "".join(f'<input name="{name}" value="1">' for name in names)
    form = f'<form data-sp-submit="A.B">{inputs}<p>%s</p><button>Go</button></form>'
    page = server.open(form % "old")
    page.click("text=Go")
    server.show(form % "new")
    assert server.sent[0]["fields"] == [[name, "1"] for name in names]
    expect(page.locator("form p")).to_have_text("new")
    server.settle(1)
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")


def test_form_of_the_page_itself_is_left_to_the_browser(server: Server) -> None:
    page = server.open('<form action="/search"><input name="q"><button>Find</button></form>')
    with page.expect_request(lambda request: "/search?q=" in request.url):
        page.click("text=Find")
    assert server.sent == []


def test_form_that_a_script_of_the_page_stopped_is_not_sent(server: Server) -> None:
    page = server.open('<form data-sp-submit="A.B"><button>Go</button></form>')
    page.evaluate("document.querySelector('form').onsubmit = () => false")
    page.click("text=Go")
    assert server.sent == []


# --- clicks ---------------------------------------------------------------------------------------


def test_click_sends_its_value(server: Server) -> None:
    page = server.open(
        '<button data-sp-click="Search.BuyPressed" data-sp-to="3" data-sp-instance="left" '
        """data-sp-value='{"sku":"tea","count":2}'><b>Buy</b></button>"""
        '<button data-sp-click="Search.Cleared">Clear</button>'
    )
    page.click("b")
    page.click("text=Clear")
    assert server.sent == [
        {
            "t": "event",
            "seq": 1,
            "name": "Search.BuyPressed",
            **TO_LEFT,
            "data": {"sku": "tea", "count": 2},
        },
        {"t": "event", "seq": 2, "name": "Search.Cleared", "data": {}},
    ]


def test_click_is_all_that_a_button_or_link_with_the_attribute_does(server: Server) -> None:
    page = server.open(
        '<form data-sp-submit="A.Submitted"><button data-sp-click="A.Clicked">One</button></form>'
        '<a href="#there" data-sp-click="A.Followed">Two</a>'
    )
    page.click("text=One")
    page.click("text=Two")
    assert [frame["name"] for frame in server.sent] == ["A.Clicked", "A.Followed"]
    assert not page.url.endswith("#there")


def test_click_leaves_other_elements_what_they_do(server: Server) -> None:
    page = server.open('<input type="checkbox" data-sp-click="A.Ticked"><a href="#there">Go</a>')
    page.check("input")
    page.click("text=Go")
    assert [frame["name"] for frame in server.sent] == ["A.Ticked"]
    assert page.url.endswith("#there")


def test_link_opened_in_a_new_tab_is_no_event(server: Server) -> None:
    page = server.open('<a href="/elsewhere" data-sp-click="A.Followed">Go</a>')
    with page.context.expect_page() as other:
        page.click("a", modifiers=["Control"])
    other.value.close()
    assert server.sent == []


def test_dismiss_names_the_flash(server: Server) -> None:
    page = server.open('<form><button type="button" data-sp-dismiss="4">x</button></form>')
    page.click("button")
    assert server.sent == [{"t": "dismiss", "flash": 4}]


def test_what_a_morph_brings_sends_without_further_ado(server: Server) -> None:
    page = server.open("<p>nothing</p>")
    server.show('<p><button data-sp-click="A.Clicked">Go</button></p>')
    page.click("button")
    assert server.sent[0]["name"] == "A.Clicked"


# --- typing ---------------------------------------------------------------------------------------


def test_typed_sends_the_control_alone(server: Server) -> None:
    page = server.open(
        '<form data-sp-submit="A.B"><input name="q" data-sp-typed="Search.Typed"><input name="r">'
        "</form>"
    )
    page.focus("[name=q]")
    page.keyboard.insert_text("tea")
    page.fill("[name=r]", "unheard")
    assert server.sent == [
        {"t": "form", "seq": 1, "name": "Search.Typed", "fields": [["q", "tea"]]}
    ]


def test_typed_on_a_form_sends_all_of_it(server: Server) -> None:
    page = server.open(
        '<form data-sp-typed="Filter.Changed" data-sp-to="2"><input name="q">'
        '<input type="checkbox" name="stock"><select name="by"><option>price<option>name</select>'
        "</form>"
    )
    page.check("input[type=checkbox]")
    assert server.sent == [
        {
            "t": "form",
            "seq": 1,
            "name": "Filter.Changed",
            "to": 2,
            "fields": [["q", ""], ["stock", "on"], ["by", "price"]],
        }
    ]


def test_typed_of_a_box_that_is_cleared_has_no_field(server: Server) -> None:
    page = server.open('<input type="checkbox" name="gift" checked data-sp-typed="A.Gift">')
    page.uncheck("input")
    assert server.sent[0]["fields"] == []


def test_typing_in_a_hurry_sends_the_first_and_then_the_newest(server: Server) -> None:
    page = server.open('<input name="q" data-sp-typed="Search.Typed">')
    page.clock.install(time=0)
    page.clock.pause_at(60)
    for text in ("t", "te", "tea"):
        page.fill("input", text)
    assert [frame["fields"] for frame in server.sent] == [[["q", "t"]]]
    page.clock.run_for(1_000)
    assert [frame["fields"] for frame in server.sent] == [[["q", "t"]], [["q", "tea"]]]
    page.fill("input", "teas")
    assert server.sent[-1]["fields"] == [["q", "teas"]]


def test_what_was_typed_before_a_click_is_sent_before_it(server: Server) -> None:
    page = server.open(
        '<input name="q" data-sp-typed="Search.Typed"><button data-sp-click="Search.Go">Go</button>'
    )
    page.clock.install(time=0)
    page.clock.pause_at(60)
    page.fill("input", "t")
    page.fill("input", "tea")
    page.click("button")
    assert [(frame["name"], frame.get("fields")) for frame in server.sent] == [
        ("Search.Typed", [["q", "t"]]),
        ("Search.Typed", [["q", "tea"]]),
        ("Search.Go", None),
    ]


def test_unfinished_composition_is_not_sent(server: Server) -> None:
    page = server.open('<input name="q" data-sp-typed="Search.Typed">')
    page.focus("input")
    keyboard = page.context.new_cdp_session(page)
    for text in ("k", "か", "かな"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
    assert server.sent == []
    keyboard.send("Input.insertText", {"text": "仮名"})
    expect(page.locator("input")).to_have_value("仮名")
    assert [frame["fields"] for frame in server.sent] == [[["q", "仮名"]]]


def test_composition_that_ends_with_another_input_event_is_sent_once(server: Server) -> None:
    page = server.open('<input name="q" value="仮名" data-sp-typed="Search.Typed">')
    page.clock.install(time=0)
    page.clock.pause_at(60)
    page.evaluate(
        """() => {
            const input = document.querySelector('input');
            const options = { bubbles: true };
            input.dispatchEvent(new CompositionEvent('compositionend', options));
            input.dispatchEvent(new InputEvent('input', options));
        }"""
    )
    page.clock.run_for(1_000)
    assert len(server.sent) == 1


# --- keys -----------------------------------------------------------------------------------------

KEYS = """
<div data-sp-pressed="Dialog.Closed" data-sp-key="Escape" data-sp-value='{"by":"key"}'>
  <input data-sp-pressed="List.Picked" data-sp-key="Enter">
</div>"""


def test_pressed_sends_for_its_key_alone_wherever_it_bubbles_from(server: Server) -> None:
    page = server.open(KEYS)
    for key in ("a", "Enter", "Escape"):
        page.press("input", key)
    assert server.sent == [
        {"t": "event", "seq": 1, "name": "List.Picked", "data": {}},
        {"t": "event", "seq": 2, "name": "Dialog.Closed", "data": {"by": "key"}},
    ]
    expect(page.locator("input")).to_have_value("a")


def test_key_held_down_is_pressed_once(server: Server) -> None:
    page = server.open(KEYS)
    page.focus("input")
    for _ in range(3):
        page.keyboard.down("Escape")
    assert len(server.sent) == 1


def test_key_named_like_a_selector_is_no_trouble(server: Server) -> None:
    page = server.open('<input data-sp-pressed="A.Quoted" data-sp-key="&quot;">')
    page.press("input", "\\")
    page.press("input", '"')
    assert [frame["name"] for frame in server.sent] == ["A.Quoted"]


# --- unsettled ------------------------------------------------------------------------------------


def test_form_is_busy_until_its_last_event_is_settled(server: Server) -> None:
    form = '<p>%s</p><form data-sp-submit="A.B"><button>Go</button></form>'
    page = server.open(form % 1)
    page.click("text=Go")
    page.click("text=Go")
    _expect_busy(page)
    server.show(form % 2)
    server.settle(1)
    server.show(form % 3)
    _expect_busy(page)
    server.settle(2)
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")
    assert page.locator("form").get_attribute("data-sp-pending") is None


def test_marks_survive_a_morph_of_the_form_itself(server: Server) -> None:
    form = '<form class="%s" data-sp-submit="A.B"><button>Go</button></form>'
    page = server.open(form % "calm")
    page.click("text=Go")
    server.show(form % "loud")
    expect(page.locator("form")).to_have_class("loud")
    _expect_busy(page)


def test_button_is_marked_while_its_click_is_unsettled(server: Server) -> None:
    page = server.open('<button data-sp-click="A.B">Go</button>')
    page.click("button")
    expect(page.locator("button")).to_have_attribute("data-sp-pending", "")
    server.settle(1, "dead-lettered")
    expect(page.locator("[data-sp-pending]")).to_have_count(0)


def _expect_busy(page: Page) -> None:
    expect(page.locator("form")).to_have_attribute("aria-busy", "true")
    expect(page.locator("form")).to_have_attribute("data-sp-pending", "")
