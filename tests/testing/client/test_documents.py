"""Documents on their own: selectors, forms as browsers collect them, and what can be used."""

from __future__ import annotations

import pytest

from spindle.testing.client.controls import unusable
from spindle.testing.client.document import Document
from spindle.testing.client.errors import ElementError
from spindle.testing.client.filling import FieldValue, choices
from spindle.testing.client.forms import entries, fault_of
from spindle.testing.client.inputs import is_control
from spindle.testing.client.markup import text_of


def found(html: str, selector: str) -> list[str]:
    return [str(tag.get("id")) for tag in Document(f"<body>{html}</body>").all(selector)]


BUTTONS = (
    '<div id="d"><button id="a">Buy <b id="b">now</b></button> <button id="c">Buy</button></div>'
)


@pytest.mark.parametrize(
    ("selector", "ids"),
    [
        ("button:text('Buy')", "ac"),
        ('button:text("now")', "a"),
        ("button:text( 'Buy   now' )", "a"),
        ("button:text-is('Buy')", "c"),
        ("button:not(:text('now'))", "c"),
        ("div:text('now') > button", "ac"),
        ("button:text('buy')", ""),
        (":text-is('now')", "b"),
        ("#a, #b:text('now')", "ab"),
    ],
)
def test_visible_text_in_a_selector(selector: str, ids: str) -> None:
    assert found(BUTTONS, selector) == list(ids)


def test_text_in_a_string_of_a_selector_is_none() -> None:
    assert found("""<i id="a" title=":text('x')">x</i>""", """[title=":text('x')"]""") == ["a"]


def test_a_label_in_a_selector() -> None:
    html = (
        '<label for="a">Street</label><input id="a"><label>Town <input id="b"></label>'
        '<input id="c" aria-label="Post code"><i id="d">Both</i><input id="e" aria-labelledby="d">'
    )
    for text, name in (("Street", "a"), ("Town", "b"), ("Post", "c"), ("Both", "e")):
        assert found(html, f"input:label('{text}')") == [name]


def test_states_in_a_selector_go_by_how_the_page_stands() -> None:
    document = Document('<body><input type="checkbox" id="a" checked><input id="b"></body>')
    document.inputs.of(document.one("#a")).checked = False
    document.inputs.focused = document.one("#b")
    assert document.all(":checked") == []
    assert document.all("[checked]") == [document.one("#a")], "that is how it came"
    assert document.one(":focus") is document.one("#b")


def test_marks_are_taken_away_again() -> None:
    document = Document(BUTTONS)
    before = str(document.soup)
    document.all("button:text('now')")
    assert str(document.soup) == before


@pytest.mark.parametrize("selector", ["a[", ":text(Buy)", "button:", ":nonsense"])
def test_what_is_no_selector_says_so(selector: str) -> None:
    with pytest.raises(ElementError, match="is no selector"):
        Document("<body></body>").all(selector)


def test_the_innermost_that_shows_a_text_is_meant() -> None:
    document = Document("<body><div><p>Pay <b>4</b></p></div></body>")
    assert document.one(":text('Pay 4')").name == "p"
    with pytest.raises(ElementError, match="names 2 elements"):
        document.one("div, p")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a b"),
        ("a<b>b</b>c", "abc"),
        ("a <i hidden>b</i> <script>c</script><template>d</template><!-- e -->f", "a f"),
        ("<ul><li>a</li><li>b</li></ul>", "a b"),
        ("a&amp;b&nbsp;c<br>d", "a&b c d"),
    ],
)
def test_visible_text(html: str, text: str) -> None:
    assert text_of(Document(f"<body>{html}</body>").body) == text


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "sent"),
    [
        ('<input name="a"><input value="x"><input name="b" value="y">', "a= b=y"),
        ('<input name="a" type="checkbox"><input name="b" type="checkbox" checked>', "b=on"),
        ('<input name="a" type="radio" value="1"><input name="a" type="radio" checked value="2">',
         "a=2"),
        ('<select name="a"><option>1</option><option value="2">two</option></select>', "a=1"),
        ('<select name="a"><option> one \n two </option></select>', "a=one two"),
        ('<select name="a"><option disabled>1</option><option>2</option></select>', "a=2"),
        ('<select name="a" size="2"><option>1</option><option>2</option></select>', ""),
        ('<select name="a"><option selected>1</option><option selected>2</option></select>', "a=2"),
        ('<select name="a" multiple><option selected>1</option><option selected>2</option>'
         "</select>", "a=1 a=2"),
        ('<select name="a"><optgroup disabled><option selected>1</option></optgroup></select>', ""),
        ('<textarea name="a">\nx</textarea>', "a=x"),
        ('<input name="a" disabled><fieldset disabled><input name="b"></fieldset>', ""),
        ('<fieldset disabled><legend><input name="a"></legend><input name="b"></fieldset>', "a="),
        ('<input name="a" type="hidden" value="x"><input name="b" type="file">', "a=x"),
        ('<button name="a" value="x"></button><input type="submit" name="b">', ""),
        ('<input type="image">', ""),
        ('<datalist><input name="a"></datalist>', ""),
    ],
)  # fmt: skip
def test_what_a_form_sends(html: str, sent: str) -> None:
    document = Document(f'<body><form id="f">{html}</form></body>')
    pairs = entries(document.one("form"), document.inputs)
    assert " ".join(f"{name}={value}" for name, value in pairs) == sent


def test_a_form_has_what_names_it_and_not_what_names_another() -> None:
    document = Document(
        '<body><input name="a" form="f"><form id="f"><input name="b" form="g"><input name="c">'
        '</form><form id="g"></form></body>'
    )
    form = document.one("#f")
    assert [name for name, _ in entries(form, document.inputs)] == ["a", "c"]


@pytest.mark.parametrize(
    ("button", "sent"),
    [
        ('<button name="a" value="x">', [("a", "x")]),
        ("<button>", []),
        ('<input type="submit" name="a" value="x">', [("a", "x")]),
        ('<input type="image" name="a">', [("a.x", "0"), ("a.y", "0")]),
        ('<input type="image">', [("x", "0"), ("y", "0")]),
    ],
)
def test_the_button_that_was_pressed_sends_its_name(
    button: str, sent: list[tuple[str, str]]
) -> None:
    document = Document(f"<body><form>{button}</form></body>")
    pressed = document.one("form > *")
    assert entries(document.one("form"), document.inputs, pressed) == sent


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<input name="a" required>', "'a' is required and empty"),
        ('<input name="a" required value="x">', ""),
        ('<input name="a" required disabled>', ""),
        ('<input name="a" required readonly>', ""),
        ('<input name="a" type="checkbox" required>', "'a' is required and empty"),
        ('<input name="a" type="radio" required><input name="a" type="radio" checked>', ""),
        ('<label>Code <input pattern="[0-9]+" value="x"></label>',
         "'Code' has to match '[0-9]+' and holds 'x'"),
        ('<input name="a" pattern="[0-9]+">', ""),
        ('<input name="a" type="email" value="x">',
         "'a' has to be an e-mail address and holds 'x'"),
        ('<input name="a" type="email" value="x@y.de">', ""),
        ('<input name="a" type="url" value="x">', "'a' has to be a URL and holds 'x'"),
        ('<input name="a" type="number" min="2" value="1">',
         "'a' has to be 2 or more and holds '1'"),
        ('<input name="a" type="number" max="2" value="3">',
         "'a' has to be 2 or less and holds '3'"),
        ('<input name="a" minlength="2" value="x">', ""),
    ],
)  # fmt: skip
def test_what_a_browser_holds_back(html: str, fault: str) -> None:
    document = Document(f"<body><form>{html}</form><form novalidate>{html}</form></body>")
    checked, not_checked = document.all("form")
    assert fault_of(checked, document.inputs) == fault
    assert fault_of(not_checked, document.inputs) == ""


def test_a_short_text_is_held_back_once_it_was_typed() -> None:
    document = Document('<body><form><input name="a" minlength="2" value="x"></form></body>')
    document.inputs.of(document.one("input")).unheard = True
    fault = fault_of(document.one("form"), document.inputs)
    assert fault == "'a' has to have 2 characters and holds 'x'"


@pytest.mark.parametrize(
    ("html", "value", "fault"),
    [
        ('<input name="a" readonly>', "x", "read-only"),
        ('<input name="a" maxlength="2">', "xyz", "takes 2 characters, not 3"),
        ('<input name="a" type="number">', "x", "takes a number, not 'x'"),
        ('<input name="a">', ["x", "y"], "2 texts for 1 fields"),
        ('<select name="a" multiple><option>1</option></select>', ["1", "2"], "has no option '2'"),
        ('<button name="a">x</button>', "x", "is no field that a visitor fills in"),
        (
            '<div style="display: none"><input name="a"></div>',
            "x",
            "is hidden: <div> is not displayed",
        ),
        ("", "x", "its fields: none"),
    ],
)
def test_what_no_visitor_fills_in(html: str, value: FieldValue, fault: str) -> None:
    document = Document(f"<body><form>{html}</form></body>")
    with pytest.raises(ElementError) as caught:
        choices(document.one("form"), "a", value)
    assert fault in str(caught.value)


def test_fields_of_one_name_are_filled_in_their_order() -> None:
    document = Document('<body><form><input name="a"><input name="a"></form></body>')
    filled = choices(document.one("form"), "a", ["x", "y"])
    assert [(each.control, each.text) for each in filled] == list(  # type: ignore[union-attr]
        zip(document.all("input"), ["x", "y"], strict=True)
    )


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p>x</p>", ""),
        ("<p hidden><i>x</i></p>", "is hidden: <p> has the attribute hidden"),
        ('<p style="color:red; Display : none">x</p>', "is hidden: <p> is not displayed"),
        ("<details><summary>s</summary><i>x</i></details>",
         "is hidden: the <details> around it is closed"),
        ("<details open><summary>s</summary><i>x</i></details>", ""),
        ("<dialog><i>x</i></dialog>", "is hidden: the <dialog> around it is closed"),
        ("<dialog open><i>x</i></dialog>", ""),
        ("<button disabled><i>x</i></button>", "is disabled"),
        ("<fieldset disabled><button>x</button></fieldset>", "is in a disabled fieldset"),
    ],
)  # fmt: skip
def test_why_an_element_cannot_be_used(html: str, why: str) -> None:
    assert unusable(Document(f"<body>{html}</body>").one(":text-is('x')")) == why


def test_buttons_are_no_controls() -> None:
    document = Document(
        '<body><input><input type="submit"><input type="hidden"><button></button><textarea>'
        "</textarea><select></select></body>"
    )
    assert [is_control(tag) for tag in document.all("body > *")] == [
        True, False, False, False, True, True,
    ]  # fmt: skip
