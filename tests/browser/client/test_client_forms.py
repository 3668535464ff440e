"""Which form is which, and what becomes of what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .conftest import Server

pytestmark = pytest.mark.browser

SHIPPING = """<h1>Shipping</h1>
<form data-sp-submit="Checkout.ShippingGiven" data-sp-to="1"><label>Street
<input name="shipping.street"></label><label><input type="checkbox" name="gift">Gift</label>
<button>Go on</button></form>"""
PAYMENT = """<h1>Payment</h1>
<form data-sp-submit="Checkout.PaymentGiven" data-sp-to="%s"><label>Card
<input name="payment.number"></label><label><input type="checkbox" name="save">Save</label>
<button>Pay</button></form>"""


def test_next_form_inherits_nothing(server: Server) -> None:
    page = server.open(SHIPPING)
    page.fill("[name='shipping.street']", "Main St")
    page.check("[name=gift]")
    page.press("[name='shipping.street']", "Enter")
    server.settle(1)
    server.show(PAYMENT % 2)
    expect(page.locator("[name='payment.number']")).to_have_value("")
    expect(page.locator("[name=save]")).not_to_be_checked()
    page.click("form button")
    assert server.sent[-1]["fields"] == [["payment.number", ""]]


def test_next_form_inherits_nothing_even_under_the_same_names_and_ids(server: Server) -> None:
    text = (
        '<form id="form" data-sp-submit="%s" data-sp-to="%s"><input id="name" name="name">'
        "<button>Go</button></form>"
    )
    page = server.open(text % ("Trip.Driver", 1))
    page.fill("#name", "Ada")
    page.click("text=Go")
    server.show(text % ("Trip.Passenger", 2))
    expect(page.locator("#name")).to_have_value("")


def test_field_of_another_name_in_the_same_form_inherits_nothing(server: Server) -> None:
    text = '<form data-sp-submit="A.B" data-sp-to="1"><input name="%s"></form>'
    page = server.open(text % "street")
    page.fill("input", "Main St")
    server.show(text % "number")
    expect(page.locator("input")).to_have_value("")


@pytest.mark.parametrize("settled_first", [True, False])
def test_same_question_asked_again_after_an_answer_inherits_nothing(
    server: Server, settled_first: bool
) -> None:
    page = server.open(PAYMENT % 1)
    page.fill("[name='payment.number']", "4000 0000")
    page.click("form button")
    if settled_first:
        server.settle(1)
    server.show(PAYMENT % 2)
    expect(page.locator("[name='payment.number']")).to_have_value("")


def test_form_that_stands_by_meanwhile_keeps_its_text_until_it_is_asked_again(
    server: Server,
) -> None:
    page = server.open(PAYMENT % 1)
    page.fill("[name='payment.number']", "4000 0000")
    page.click("form button")
    server.settle(1)
    server.show(PAYMENT % 0)  # nobody asks now
    expect(page.locator("[name='payment.number']")).to_have_value("4000 0000")
    server.show(PAYMENT % 2)
    expect(page.locator("[name='payment.number']")).to_have_value("")


def test_question_answered_by_a_click_is_answered(server: Server) -> None:
    skip = '<button data-sp-click="Checkout.Skipped" data-sp-to="%s">Skip</button>'
    page = server.open(PAYMENT % 1 + skip % 1)
    page.fill("[name='payment.number']", "4000 0000")
    page.click("text=Skip")
    server.show(PAYMENT % 2 + skip % 2)
    expect(page.locator("[name='payment.number']")).to_have_value("")


def test_question_the_spindle_repeats_by_itself_keeps_what_is_being_typed(server: Server) -> None:
    page = server.open(PAYMENT % 1)
    page.fill("[name='payment.number']", "4000")
    server.show(PAYMENT % 2)
    expect(page.locator("[name='payment.number']")).to_have_value("4000")
    expect(page.locator("[name='payment.number']")).to_be_focused()


def test_question_that_comes_after_its_form_finds_what_was_typed(server: Server) -> None:
    page = server.open(PAYMENT % 0)
    page.fill("[name='payment.number']", "4000")
    server.show(PAYMENT % 1)
    expect(page.locator("[name='payment.number']")).to_have_value("4000")


def test_forms_side_by_side_are_told_apart_by_their_questions(server: Server) -> None:
    form = (
        '<form data-sp-submit="Guest.Named" data-sp-to="%s" data-sp-instance="%s">'
        '<input name="name"><button>Go</button></form>'
    )
    page = server.open(form % (1, "left") + form % (1, "right"))
    page.fill("form:nth-of-type(1) input", "Ada")
    page.fill("form:nth-of-type(2) input", "Bob")
    page.click("form:nth-of-type(1) button")
    server.settle(1)
    server.show(form % (1, "right"))
    expect(page.locator("form input")).to_have_value("Bob")
    server.show(form % (2, "left") + form % (1, "right"))
    expect(page.locator("form input").first).to_have_value("")
    expect(page.locator("form input").last).to_have_value("Bob")


def test_fields_outside_of_their_form_belong_to_it(server: Server) -> None:
    text = '<form id="f" data-sp-submit="A.B" data-sp-to="%s"></form><input form="f" name="a">'
    page = server.open(text % 1)
    page.fill("input", "one")
    server.show(text % 1 + "<p>more</p>")
    expect(page.locator("input")).to_have_value("one")
    page.press("input", "Enter")
    server.show(text % 2)
    expect(page.locator("input")).to_have_value("")


def test_form_that_stays_after_it_was_handled_keeps_its_text(server: Server) -> None:
    text = '<form data-sp-submit="Search.Query"><input name="q"></form><p>%s</p>'
    page = server.open(text % "")
    page.fill("input", "tea")
    page.press("input", "Enter")
    server.settle(1)
    server.show(text % "3 hits")
    expect(page.locator("input")).to_have_value("tea")
    expect(page.locator("input")).to_be_focused()


RESET = """<form data-sp-submit="List.Added" data-sp-to="1" data-sp-reset><input name="text"
value="%s"><label><input type="checkbox" name="soon">Soon</label><button>Add</button></form>"""


def test_form_that_is_to_be_emptied_is_so_when_it_is_sent(server: Server) -> None:
    page = server.open(RESET % "")
    page.check("[name=soon]")
    page.locator("[name=text]").press_sequentially("milk\nbread\n")
    assert [frame["fields"] for frame in server.sent] == [
        [["text", "milk"], ["soon", "on"]],
        [["text", "bread"]],
    ]
    server.settle(1)
    server.settle(2)
    server.show((RESET % "").replace(">Add<", ">Add another<"))
    expect(page.locator("[name=text]")).to_have_value("")
    expect(page.locator("[name=soon]")).not_to_be_checked()
    expect(page.locator("[name=text]")).to_be_focused()


def test_form_that_is_to_be_emptied_has_back_what_a_lost_connection_took(server: Server) -> None:
    page = server.open(RESET % "")
    page.fill("[name=text]", "milk")
    page.press("[name=text]", "Enter")
    expect(page.locator("[name=text]")).to_have_value("")
    server.send({"t": "bye"})
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    expect(page.locator("[name=text]")).to_have_value("milk")


@pytest.mark.parametrize("settlement", ["refused", "dead-lettered"])
def test_form_that_is_to_be_emptied_has_back_what_was_not_handled(
    server: Server, settlement: str
) -> None:
    page = server.open(RESET % "")
    page.check("[name=soon]")
    page.fill("[name=text]", "milk")
    page.press("[name=text]", "Enter")
    server.settle(1, settlement)
    expect(page.locator("[name=text]")).to_have_value("milk")
    expect(page.locator("[name=soon]")).to_be_checked()


@pytest.mark.parametrize(("settlement", "left"), [("handled", "bread"), ("refused", "milkbread")])
def test_form_that_is_to_be_emptied_keeps_what_was_typed_since(
    server: Server, settlement: str, left: str
) -> None:
    page = server.open(RESET % "")
    page.locator("[name=text]").press_sequentially("milk\nbread")
    server.settle(1, settlement)
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")
    server.show((RESET % "").replace(">Add<", ">Add another<"))
    expect(page.locator("[name=text]")).to_have_value(left)


BOX = """<p>%s</p><input type="checkbox" data-sp-click="List.Ticked" %s>"""


@pytest.mark.parametrize("settlement", ["handled", "refused"])
def test_box_that_sends_a_click_shows_what_the_server_says(server: Server, settlement: str) -> None:
    page = server.open(BOX % ("Milk", ""))
    page.check("input")
    server.settle(1, settlement)
    expect(page.locator("input")).not_to_be_checked()
    page.check("input")
    server.settle(2)
    server.show(BOX % ("Milk is there", "checked"))
    expect(page.locator("input")).to_be_checked()
    server.show(BOX % ("Milk is gone", ""))
    expect(page.locator("input")).not_to_be_checked()


def test_radio_buttons_that_send_clicks_show_what_the_server_says(server: Server) -> None:
    button = '<label><input type="radio" name="r" data-sp-click="List.Shown" %s>%s</label>'
    page = server.open(button % ("checked", "All") + button % ("", "Open"))
    page.get_by_label("Open").check()
    server.settle(1)
    expect(page.get_by_label("All")).to_be_checked()
    expect(page.get_by_label("Open")).not_to_be_checked()


def test_another_id_makes_another_form(server: Server) -> None:
    text = '<form id="item-%s" data-sp-submit="List.Added"><input name="item"></form>'
    page = server.open(text % 1)
    page.fill("input", "milk")
    page.press("input", "Enter")
    server.show(text % 2)
    expect(page.locator("input")).to_have_value("")


# --- refused --------------------------------------------------------------------------------------

CHECKED = """<form data-sp-submit="Checkout.ShippingGiven" data-sp-to="1" novalidate>
<input name="name" {}><input name="street" {}><input name="city" {}><button>Go on</button></form>"""
WRONG = 'aria-invalid="true" aria-describedby="problem"'


@pytest.mark.parametrize("settled_first", [True, False])
def test_refused_form_keeps_its_text_and_leads_to_the_first_fault(
    server: Server, settled_first: bool
) -> None:
    page = server.open(CHECKED.format("", "", ""))
    page.fill("[name=name]", "Ada")
    page.fill("[name=city]", "Tr")
    page.click("text=Go on")
    if settled_first:
        server.settle(1, "refused")
    server.show(CHECKED.format("", WRONG, WRONG))
    if not settled_first:
        server.settle(1, "refused")
    expect(page.locator("[name=street]")).to_be_focused()
    assert [page.input_value(f"[name={name}]") for name in ("name", "street", "city")] == [
        "Ada",
        "",
        "Tr",
    ]


def test_refused_again_leads_to_the_fault_that_is_left(server: Server) -> None:
    page = server.open(CHECKED.format("", WRONG, WRONG))
    page.fill("[name=street]", "Main St")
    page.click("text=Go on")
    server.settle(1, "refused")
    server.show(CHECKED.format("", "", WRONG))
    expect(page.locator("[name=city]")).to_be_focused()


def test_refused_form_leads_once_and_leaves_the_visitor_alone_then(server: Server) -> None:
    page = server.open(CHECKED.format("", "", ""))
    page.click("text=Go on")
    server.show(CHECKED.format("", WRONG, WRONG))
    server.settle(1, "refused")
    expect(page.locator("[name=street]")).to_be_focused()
    page.fill("[name=name]", "Ada")
    server.show(CHECKED.format("", WRONG, WRONG) + "<p>more</p>")
    expect(page.locator("[name=name]")).to_be_focused()


def test_handled_form_leads_nowhere(server: Server) -> None:
    page = server.open(CHECKED.format("", "", WRONG))
    page.click("text=Go on")
    server.settle(1)
    server.show(CHECKED.format("", "", WRONG) + "<p>more</p>")
    expect(page.locator("text=Go on")).to_be_focused()
