"""What becomes of what the visitor did when the page changes, as in the browser's own script."""

from __future__ import annotations

import pytest

from spindle.testing.client.browser_script import BrowserScript
from spindle.testing.client.document import Document
from spindle.web.socket.protocol import Dismissed, EventSent, FormSent

FORM = '<form data-sp-submit="B.F" data-sp-to="{to}">{rest}</form>'


def loaded(html: str) -> BrowserScript:
    return BrowserScript(Document(f'<body><div id="spindle">{html}</div></body>'))


def value(script: BrowserScript, selector: str = "[name=a]") -> str:
    return script.document.inputs.of(script.document.one(selector)).value


def checked(script: BrowserScript, selector: str) -> bool:
    return script.document.inputs.of(script.document.one(selector)).checked


def form(to: int, rest: str = '<input name="a">') -> str:
    return FORM.format(to=to, rest=rest)


def test_what_is_typed_stays_while_its_question_is_open() -> None:
    script = loaded(form(1))
    script.put(script.document.one("input"), "half")
    script.show("<p>news</p>" + form(1))
    assert value(script) == "half"
    script.show(form(2))
    assert value(script) == "half", "the spindle asked again by itself"


def test_what_is_typed_goes_once_its_question_was_answered() -> None:
    script = loaded(form(1))
    script.put(script.document.one("input"), "mine")
    script.submit(script.document.one("form"))
    script.show(form(2))
    script.settled(1, "handled")
    assert value(script) == ""


def test_what_was_refused_stays() -> None:
    script = loaded(form(1))
    script.put(script.document.one("input"), "mine")
    script.submit(script.document.one("form"))
    assert script.document.all("form[aria-busy=true][data-sp-pending]")
    script.show(form(1, '<input name="a" aria-invalid="true">'))
    assert script.document.all("form[aria-busy=true]"), "it is under way still"
    script.settled(1, "refused")
    assert value(script) == "mine"
    assert script.document.all("form[aria-busy]") == []
    assert script.document.inputs.focused is script.document.one("[aria-invalid]")


def test_a_field_that_nobody_touched_follows_the_server() -> None:
    script = loaded(form(1, '<input name="a" value="1"><input name="b" value="1">'))
    script.put(script.document.one("[name=b]"), "2")
    script.show(form(1, '<input name="a" value="3"><input name="b" value="3">'))
    assert (value(script), value(script, "[name=b]")) == ("3", "2")
    assert str(script.document.one("[name=b]")["value"]) == "1", "the change is seen again"


def test_what_the_server_has_not_heard_stays_when_the_field_is_left() -> None:
    script = loaded(form(1, '<input name="a" value="1"><input name="b">'))
    script.put(script.document.one("[name=a]"), "2")
    script.put(script.document.one("[name=b]"), "x")
    script.show(form(1, '<input name="a" value="3"><input name="b">'))
    assert value(script) == "2"


def test_the_server_has_its_way_once_it_has_heard_and_the_field_is_left() -> None:
    typed = '<input name="{}" value="{}" data-sp-typed="B.T">'
    script = loaded(typed.format("a", 1) + typed.format("b", 1))
    script.put(script.document.one("[name=a]"), "2")
    script.show(typed.format("a", 9) + typed.format("b", 1))
    script.settled(1, "handled")
    assert value(script) == "2", "the visitor is in it still"
    script.key(script.document.one("[name=b]"), "x")
    script.catch_up()
    assert value(script) == "9"


def test_boxes_and_choices_of_the_visitor_stay() -> None:
    rest = (
        '<input type="checkbox" name="a" value="x"{}><select name="b"><option{}>1</option>'
        "<option{}>2</option></select>"
    )
    script = loaded(form(1, rest.format("", "", "")))
    script.click(script.document.one("input"))
    script.pick(script.document.one("select"), (1,))
    script.show(form(1, "<p>news</p>" + rest.format("", "", "")))
    assert checked(script, "input")
    assert script.document.inputs.values(script.document.one("select")) == ["2"]
    script = loaded(form(1, rest.format("", "", "")))
    script.show(form(1, rest.format(" checked", "", " selected")))
    assert checked(script, "input")
    assert script.document.inputs.values(script.document.one("select")) == ["2"]


def test_a_picked_option_goes_by_its_value() -> None:
    script = loaded(form(1, '<select name="a"><option>1</option><option>2</option></select>'))
    script.pick(script.document.one("select"), (1,))
    script.show(form(1, '<select name="a"><option>2</option><option>1</option></select>'))
    assert script.document.inputs.values(script.document.one("select")) == ["2"]


def test_a_box_that_sends_a_click_shows_what_the_server_says() -> None:
    box = '<input type="checkbox" data-sp-click="B.T" data-sp-value="{{}}"{}>'
    script = loaded(box.format(""))
    script.click(script.document.one("input"))
    assert checked(script, "input")
    script.settled(1, "refused")
    assert not checked(script, "input")
    script.click(script.document.one("input"))
    script.show(box.format(" checked"))
    script.settled(2, "handled")
    assert checked(script, "input")


@pytest.mark.parametrize(
    ("settlement", "typed", "left"),
    [
        ("handled", "", ""),
        ("handled", "next", "next"),
        ("refused", "", "mine"),
        ("refused", "next", "minenext"),
    ],
)
def test_a_form_that_is_emptied_when_it_is_sent(settlement: str, typed: str, left: str) -> None:
    script = loaded('<form data-sp-submit="B.F" data-sp-reset=""><input name="a"></form>')
    script.put(script.document.one("input"), "mine")
    script.submit(script.document.one("form"))
    assert value(script) == ""
    if typed:
        script.put(script.document.one("input"), typed)
    script.settled(1, settlement)
    assert value(script) == left


def test_a_lost_connection_gives_back_what_was_under_way() -> None:
    script = loaded('<form data-sp-submit="B.F" data-sp-reset=""><input name="a"></form>')
    script.put(script.document.one("input"), "mine")
    script.submit(script.document.one("form"))
    script.lost()
    assert value(script) == "mine"
    assert script.pending.open == {}
    script.click(script.document.one(".spindle-lost button"))
    assert script.leads_to == ""


def test_rows_keep_their_fields_when_another_one_goes() -> None:
    row = '<li id="r{0}"><form data-sp-submit="B.F"><input name="a"></form></li>'
    script = loaded(row.format(1) + row.format(2))
    script.put(script.document.one("#r2 input"), "two")
    script.show(row.format(2) + row.format(3))
    assert (value(script, "#r2 input"), value(script, "#r3 input")) == ("two", "")


def test_rows_keep_their_fields_without_forms_too() -> None:
    row = '<li id="r{0}"><input name="a" data-sp-typed="B.T"></li>'
    script = loaded(row.format(1) + row.format(2))
    script.put(script.document.one("#r2 input"), "two")
    script.show(row.format(2) + row.format(3))
    assert (value(script, "#r2 input"), value(script, "#r3 input")) == ("two", "")


def test_what_was_typed_before_is_sent_before() -> None:
    script = loaded('<input name="a" data-sp-typed="B.T"><input name="b" data-sp-typed="B.T">')
    for name, text in (("a", "1"), ("a", "2"), ("b", "3"), ("b", "4")):
        script.put(script.document.one(f"[name={name}]"), text)
    assert script.pace.waits
    script.pace.rest()
    assert [sent.fields for sent in script.outgoing if isinstance(sent, FormSent)] == [
        [("a", "1")],
        [("a", "2")],
        [("b", "4")],
    ]


def test_what_is_typed_is_read_when_it_is_sent_whatever_came_between() -> None:
    typed = '<form data-sp-typed="B.T"><input name="a"><input type="checkbox" name="b"></form>'
    script = loaded(typed)
    script.put(script.document.one("[name=a]"), "t")
    script.put(script.document.one("[name=a]"), "te")
    script.show("<p>news</p>" + typed)
    script.tick(script.document.one("[name=b]"), on=True)
    script.pace.rest()
    assert [sent.fields for sent in script.outgoing if isinstance(sent, FormSent)] == [
        [("a", "t")],
        [("a", "te"), ("b", "on")],
    ]


def test_an_open_details_stays_open_until_the_server_says_otherwise() -> None:
    details = "<details{}><summary>s</summary></details>"
    script = loaded(details.format(""))
    script.click(script.document.one("summary"))
    script.show("<p></p>" + details.format(""))
    assert script.document.one("details").has_attr("open")
    script.show(details.format(" open"))
    script.show(details.format(""))
    assert not script.document.one("details").has_attr("open")


def test_the_focus_goes_on() -> None:
    button = '<button data-sp-click="B.P">{}</button>'
    script = loaded('<h1 tabindex="-1">x</h1>' + button.format("a") + "<button>b</button>")
    script.click(script.document.one("[data-sp-click]"))
    script.show('<h1 tabindex="-1">y</h1>' + button.format("c") + "<button>b</button>")
    assert script.document.inputs.focused is script.document.one("[data-sp-click]")
    script.show('<h1 tabindex="-1">z</h1>')
    assert script.document.inputs.focused is script.document.one("h1"), "to what leads on"
    script.show("<input autofocus>")
    assert script.document.inputs.focused is script.document.one("input")


def test_an_event_carries_the_yield_it_answers() -> None:
    script = loaded(
        '<button data-sp-click="B.P" data-sp-to="7" data-sp-instance="i" data-sp-value=\'{"n":1}\'>'
        '<i>x</i></button><button data-sp-dismiss="3">y</button>'
    )
    script.click(script.document.one("i"))
    script.click(script.document.one("[data-sp-dismiss]"))
    pressed, dismissed = script.outgoing
    assert isinstance(pressed, EventSent)
    sent = pressed.seq, pressed.name, bytes(pressed.data), pressed.to, pressed.instance
    assert sent == (1, "B.P", b'{"n":1}', 7, "i")
    assert dismissed == Dismissed(3)


def test_a_link_that_sends_an_event_leads_nowhere() -> None:
    script = loaded('<a href="/x" data-sp-click="B.P">x</a><a href="/y">y</a><a href="#z">z</a>')
    script.click(script.document.one("a:text('x')"))
    script.click(script.document.one("a:text('z')"))
    assert (script.leads_to, len(script.outgoing)) == (None, 1)
    script.click(script.document.one("a:text('y')"))
    assert script.leads_to == "/y"


def test_a_link_in_what_sends_an_event_is_followed_all_the_same() -> None:
    script = loaded('<div data-sp-click="B.P"><a href="/x">x</a></div>')
    script.click(script.document.one("a"))
    assert (script.leads_to, len(script.outgoing)) == ("/x", 1)


def test_a_submit_button_that_sends_an_event_of_its_own_submits_nothing() -> None:
    script = loaded(form(1, '<input type="submit" data-sp-click="B.P"><input name="a">'))
    script.click(script.document.one("[type=submit]"))
    assert [type(sent) for sent in script.outgoing] == [EventSent]


def test_a_form_without_an_event_leads_to_its_address() -> None:
    script = loaded('<form action="/find?old"><input name="q" value="tea &amp;"><button></form>')
    script.click(script.document.one("button"))
    assert script.leads_to == "/find?q=tea+%26"


def test_pointing_moves_there_first() -> None:
    script = loaded(
        '<svg><g data-sp-pointed="B.M" data-sp-by="pointermove"><rect data-sp-pointed="B.C" '
        'data-sp-by="click"></rect></g></svg>'
    )
    script.point(script.document.one("rect"), 1, 0.1, "click")
    script.point(script.document.one("rect"), 2, 3.5, "contextmenu")
    place = [("x", "1"), ("y", "0.1")]
    assert [(sent.name, sent.fields) for sent in script.outgoing if isinstance(sent, FormSent)] == [
        ("B.M", place),
        ("B.C", place),
    ]
    assert script.pace.waits, "the pointer has just moved"


def test_a_choice_that_was_emptied_is_given_back() -> None:
    script = loaded(
        '<form data-sp-submit="B.F" data-sp-reset=""><select name="a"><option>1</option>'
        '<option>2</option></select><input type="checkbox" name="b"></form>'
    )
    select, box = script.document.one("select"), script.document.one("input")
    script.pick(select, (1,))
    script.click(box)
    script.submit(script.document.one("form"))
    assert (script.document.inputs.values(select), checked(script, "input")) == (["1"], False)
    script.show(
        '<form data-sp-submit="B.F" data-sp-reset=""><select name="a"><option>1</option>'
        '<option>2</option></select><input type="checkbox" name="b"></form>'
    )
    script.settled(1, "dead-lettered")
    select = script.document.one("select")
    assert (script.document.inputs.values(select), checked(script, "input")) == (["2"], True)


@pytest.mark.parametrize(
    ("rest", "sends"),
    [
        ('<input name="a">', 1),
        ('<input name="a"><input name="b">', 0),
        ('<input name="a"><input name="b"><button>x</button>', 1),
        ('<input name="a"><button disabled>x</button><button>y</button>', 0),
        ('<input name="a"><button type="button">x</button>', 1),
    ],
)
def test_the_enter_key_in_a_field(rest: str, sends: int) -> None:
    script = loaded(form(1, rest))
    script.key(script.document.one("[name=a]"), "Enter")
    assert len(script.outgoing) == sends
