"""What the visitor put into the page survives what the server says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from .conftest import Server

pytestmark = pytest.mark.browser

CARET = "() => [document.activeElement.selectionStart, document.activeElement.selectionEnd]"
REMEMBER = "selector => { window.kept = document.querySelector(selector) }"
IS_KEPT = "selector => document.querySelector(selector) === window.kept"


def test_P5_focus_caret_and_typed_text_survive(server: Server) -> None:
    text = '<p>%s</p><label class="%s">Name <input name="name" value="server"></label>'
    page = server.open(text % (1, "a"))
    page.fill("input", "visitor")
    page.evaluate("() => document.querySelector('input').setSelectionRange(2, 4)")
    server.show(text % (2, "b"))
    server.full(text % (3, "c"))
    expect(page.locator("input")).to_be_focused()
    expect(page.locator("input")).to_have_value("visitor")
    assert page.evaluate(CARET) == [2, 4]


@pytest.mark.parametrize("control", ["input", "textarea"])
def test_P5_typed_text_survives_when_its_field_changes_around_it(
    server: Server, control: str
) -> None:
    text = f'<{control} name="name" class="%s">' + ("" if control == "input" else f"</{control}>")
    page = server.open(text % "calm" + '<p tabindex="0">p</p>')
    page.fill(control, "visitor")
    page.focus("p")
    server.show(text % "loud" + '<p tabindex="0">p</p>')
    expect(page.locator(control)).to_have_class("loud")
    expect(page.locator(control)).to_have_value("visitor")


def test_P5_ticked_boxes_and_picked_options_survive(server: Server) -> None:
    text = """<p>%s</p><input type="checkbox" name="a" class="%s">
        <input type="checkbox" name="b" checked><input type="radio" name="r" value="1" checked>
        <input type="radio" name="r" value="2"><select name="s" class="%s"><option>x</option>
        <option>y</option></select>"""
    page = server.open(text % (1, 1, 1))
    page.check("[name=a]")
    page.uncheck("[name=b]")
    page.check("[value='2']")
    page.select_option("select", "y")
    server.show(text % (2, 2, 2))
    expect(page.locator("[name=a]")).to_be_checked()
    expect(page.locator("[name=b]")).not_to_be_checked()
    expect(page.locator("[value='2']")).to_be_checked()
    expect(page.locator("select")).to_have_value("y")


def test_P5_open_details_survive_and_the_server_can_still_close_them(server: Server) -> None:
    text = '<p>%s</p><details %s class="%s"><summary>More</summary><p>All of it</p></details>'
    page = server.open(text % (1, "", "a"))
    page.click("summary")
    server.show(text % (2, "", "b"))
    expect(page.locator("details")).to_have_attribute("open", "")
    server.show(text % (3, "open", "c"))
    page.click("summary")
    server.show(text % (4, "open", "d"))
    expect(page.locator("details")).not_to_have_attribute("open", "")
    page.click("summary")
    server.show(text % (5, "", "e"))
    expect(page.locator("details")).not_to_have_attribute("open", "")


def test_P5_scroll_positions_survive(server: Server) -> None:
    rows = "".join(f"<li>{n}</li>" for n in range(200))
    text = f"<h1>%s</h1><textarea rows='2'>{'line<br>' * 50}</textarea><ul>{rows}</ul>"
    page = server.open(text % 1)
    page.evaluate("() => { scrollTo(0, 700) }")
    server.show(text % 2 + "<p>more</p>")
    assert page.evaluate("scrollY") == 700


def test_text_typed_before_the_script_ran_survives(server: Server) -> None:
    # As when the visitor is quicker than the network, or the browser restores a form.
    server.tab.add_init_script(
        "document.addEventListener('readystatechange', () => {"
        " if (document.readyState === 'interactive')"
        "   document.querySelector('[name=q]').value = 'early' })"
    )
    page = server.open('<input name="q" value="">')
    server.show('<input name="q" value="late">')
    expect(page.locator("[name=q]")).to_have_value("early")


# --- the server's word on a field -----------------------------------------------------------------


def test_field_nobody_touched_follows_the_server(server: Server) -> None:
    text = """<input name="a" value="%s"><textarea name="b">%s</textarea>
        <input type="checkbox" name="c" %s><select name="d"><option %s>x</option>
        <option %s>y</option></select><input type="range" name="e" value="%s">"""
    page = server.open(text % (1, 1, "", "selected", "", 1))
    server.show(text % (2, 2, "checked", "", "selected", 2))
    values = page.evaluate(
        "() => [...document.forms, ...document.querySelectorAll('[name]')]"
        ".map(e => e.type === 'checkbox' ? e.checked : e.value)"
    )
    assert values == ["2", "2", True, "y", "2"]


def test_field_the_server_has_not_heard_of_keeps_its_text(server: Server) -> None:
    text = '<input name="q" value="%s"><button type="button">x</button>'
    page = server.open(text % "")
    page.fill("input", "visitor")
    page.focus("button")
    server.show(text % "server")
    expect(page.locator("input")).to_have_value("visitor")


HEARD = '<input name="count" value="%s" data-sp-typed="Cart.Count"><button>x</button>'


def test_server_has_the_last_word_on_what_it_has_heard(server: Server) -> None:
    page = server.open(HEARD % 1)
    page.fill("input", "100")
    page.focus("button")
    server.settle(1)
    server.show(HEARD % 10)
    expect(page.locator("input")).to_have_value("10")


def test_answer_that_comes_before_its_settlement_shows_with_it(server: Server) -> None:
    page = server.open(HEARD % 1)
    page.fill("input", "100")
    page.focus("button")
    server.show(HEARD % 10)
    expect(page.locator("input")).to_have_value("100")
    server.settle(1)
    expect(page.locator("input")).to_have_value("10")


def test_answer_to_older_text_does_not_replace_newer_text(server: Server) -> None:
    page = server.open(HEARD % 1)
    page.fill("input", "100")
    page.fill("input", "1002")
    page.focus("button")
    server.settle(1)
    server.show(HEARD % 10)
    expect(page.locator("input")).to_have_value("1002")


@pytest.mark.parametrize("control", ["input", "textarea", "select"])
def test_field_the_visitor_is_in_follows_the_server_when_they_leave(
    server: Server, control: str
) -> None:
    texts = {
        "input": '<input name="a" value="%s" data-sp-typed="A.B">',
        "textarea": '<textarea name="a" data-sp-typed="A.B">%s</textarea>',
        "select": '<select name="a" data-sp-typed="A.B"><option>old</option><option>new</option>'
        "<option {%s}>server</option></select>",
    }
    before, after = "old", "server"
    text = texts[control] + "<button>x</button>"
    if control == "select":
        text, before, after = text.replace("{%s}", "%s"), "", "selected"
    page = server.open(text % before)
    page.focus(control)
    if control == "select":
        page.select_option("select", "new")
    else:
        page.keyboard.insert_text("new")
    typed = page.input_value(control)
    server.settle(1)
    server.show(text % after)
    expect(page.locator(control)).to_be_focused()
    assert page.input_value(control) == typed
    page.focus("button")
    expect(page.locator(control)).to_have_value("server")


# --- which element is which -----------------------------------------------------------------------


@pytest.mark.parametrize("focus", [True, False])
def test_field_keeps_its_text_when_fields_come_and_go_around_it(
    server: Server, focus: bool
) -> None:
    field = '<label>%s <input name="%s"></label>'
    page = server.open(field % ("b", "b") + field % ("d", "d"))
    page.fill("[name=d]", "visitor d")
    page.fill("[name=b]", "visitor b")
    if not focus:
        page.focus("#outside")
    server.show("<p>new</p>" + "".join(field % (name, name) for name in "abcd"))
    assert [page.input_value(f"[name={name}]") for name in "abcd"] == [
        "",
        "visitor b",
        "",
        "visitor d",
    ]
    server.show(field % ("d", "d") + "<p>new</p>" + field % ("b", "b"))
    assert [page.input_value(f"[name={name}]") for name in "db"] == ["visitor d", "visitor b"]
    expect(page.locator("[name=b]" if focus else "#outside")).to_be_focused()


def test_rows_with_ids_keep_their_fields(server: Server) -> None:
    row = '<li id="row-%s"><input name="amount"></li>'
    page = server.open(f"<ul>{''.join(row % n for n in (1, 2, 3))}</ul>")
    for n in (1, 2, 3):
        page.fill(f"#row-{n} input", f"{n} pieces")
    server.show(f"<ul>{''.join(row % n for n in (3, 4, 2))}</ul>")
    assert [page.input_value(f"#row-{n} input") for n in (3, 4, 2)] == ["3 pieces", "", "2 pieces"]


def test_rows_without_ids_move_with_their_buttons(server: Server) -> None:
    page = server.open(f"<ul>{_row('assam')}{_row('sencha')}{_row('genmaicha')}</ul>")
    page.focus("button >> nth=1")
    page.evaluate("() => { window.kept = document.querySelectorAll('li')[1] }")
    server.show(f"<ul>{_row('sencha')}{_row('matcha')}{_row('assam')}</ul>")
    expect(page.locator("li")).to_have_text(["sencha", "matcha", "assam"])
    assert page.evaluate(IS_KEPT, "li")
    expect(page.locator("button >> nth=0")).to_be_focused()
    assert page.locator("[id^='sp:']").count() == 0


def _row(tea: str) -> str:
    value = f'{{"sku":"{tea}"}}'
    return f"<li><button data-sp-click='Cart.Added' data-sp-value='{value}'>{tea}</button></li>"


def test_button_that_sends_something_else_keeps_the_focus(server: Server) -> None:
    text = "<p><button data-sp-click='Player.%s' data-sp-value='{}'>%s</button></p>"
    page = server.open(text % ("Paused", "Pause"))
    page.focus("button")
    page.evaluate(REMEMBER, "button")
    server.show(text % ("Started", "Play"))
    expect(page.locator("button")).to_have_text("Play")
    assert page.evaluate(IS_KEPT, "button")
    expect(page.locator("button")).to_be_focused()


def test_ids_lent_for_the_morph_do_not_stay(server: Server) -> None:
    text = '<form data-sp-submit="A.B"><input name="a"></form><p role="status">%s</p>'
    page = server.open(text % 1)
    server.show(text % 2)
    assert page.inner_html("#spindle") == text % 2


def test_live_region_stays_the_same_element(server: Server) -> None:
    region = '<div id="flash" role="status" aria-live="polite">%s</div>'
    page = server.open(region % "" + "<main>1</main>")
    page.evaluate(REMEMBER, "[role=status]")
    server.show("<div>banner</div>" + region % "<p>Saved</p>" + "<main>2</main>")
    assert page.evaluate(IS_KEPT, "[role=status]")


def test_text_of_a_focused_button_changes(server: Server) -> None:
    button = '<button data-sp-click="A.B">%s</button>'
    page = server.open(button % "Pay")
    page.click("button")
    server.show(button % "Paying")
    expect(page.locator("button")).to_have_text("Paying")
    expect(page.locator("button")).to_be_focused()


def test_page_that_cannot_be_morphed_is_replaced(server: Server) -> None:
    page = server.open("<p>one</p>")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    _break_morphing(page)
    page.evaluate("() => { console.error = console.log }")
    server.show("<p>two</p>")
    expect(page.locator("#spindle p")).to_have_text("two")
    assert "broken" in said[0]


def _break_morphing(page: Page) -> None:
    page.evaluate(
        "() => { Node.prototype.isEqualNode = () => { throw new Error('broken') } }",
    )
