from __future__ import annotations

import pytest

from spindle.view import NOT_SENT, Markup, Refused, View, ViewError, fields, on_refused
from tests.view.markup import Reader, attributes_of, tag
from tests.view.shop import Checkout, ShopView

SHIPPING = fields(Checkout.ShippingGiven).shipping
WRONG = Refused(
    Checkout.ShippingGiven,
    {"shipping.street": "Fill in this field.", "": "We do not ship on <Sundays>."},
)


def test_C3_a_fault_is_found_by_its_field() -> None:
    view = ShopView()
    view.refuse(WRONG)
    assert view.problem(SHIPPING.street) == "Fill in this field."
    assert view.problem(SHIPPING.city) == ""
    assert view.problem(fields(Checkout.ShippingGiven)) == "We do not ship on <Sundays>."


def test_faults_are_forgotten_when_an_event_of_the_class_is_accepted() -> None:
    view = ShopView()
    view.refuse(WRONG)
    view.accepted(Checkout.PaymentGiven)
    assert view.problem(SHIPPING.street)
    view.accepted(Checkout.ShippingGiven)
    view.accepted(Checkout.ShippingGiven)
    assert not view.problem(SHIPPING.street)


def test_newer_faults_replace_older_ones() -> None:
    view = ShopView()
    view.refuse(WRONG)
    view.refuse(Refused(Checkout.ShippingGiven, {"shipping.city": "Fill in this field."}))
    assert (view.problem(SHIPPING.street), view.problem(SHIPPING.city)) == (
        "",
        "Fill in this field.",
    )


def test_refused_fields_are_announced() -> None:
    view = ShopView()
    view.refuse(WRONG)
    assert [(each.kind, each.text) for each in view.flashes] == [("error", NOT_SENT)]


def test_a_handler_may_take_the_place_of_the_announcement() -> None:
    class Own(View):
        faults: int = 0

        @on_refused(Checkout.ShippingGiven)
        def shipping_refused(self, refused: Refused) -> None:
            self.faults = len(refused.errors)

    view = Own()
    view.refuse(WRONG)
    assert (view.faults, view.flashes, view.problem(SHIPPING.street)) == (
        2,
        (),
        "Fill in this field.",
    )


def test_a_field_without_problem_has_name_id_and_label() -> None:
    street = ShopView().field(SHIPPING.street)
    assert attributes_of(street.control) == {"name": "shipping.street", "id": street.id}
    assert attributes_of(street.label) == {"for": street.id}
    assert (street.message, street.problem) == ("", "")


def test_a_field_with_a_problem_points_to_its_message() -> None:
    view = ShopView()
    view.refuse(Refused(Checkout.ShippingGiven, {"shipping.street": "No <b> here."}))
    street = view.field(SHIPPING.street)
    control = attributes_of(street.control)
    assert control["aria-invalid"] == "true"
    assert tag(street.message, "p") == {"class": "problem", "id": control["aria-describedby"]}
    assert Reader(street.message).text == "No <b> here."


def test_label_control_and_message_are_written_in_one_line() -> None:
    view = ShopView()
    view.refuse(WRONG)
    html = Markup("<label {f.label}>Street</label><input {f.control}>{f.message}").format(
        f=view.field(SHIPPING.street)
    )
    assert Reader(html).structure == [
        "<label for>",
        "</label>",
        "<input name id aria-invalid aria-describedby>",
        "<p class id>",
        "</p>",
    ]


def test_ids_are_stable_and_of_their_event_and_field_alone() -> None:
    view = ShopView()
    shipping, payment = fields(Checkout.ShippingGiven), fields(Checkout.PaymentGiven)
    paths = [shipping.shipping.street, shipping.shipping.city, shipping.lines[0].sku, payment.token]
    ids = [view.field(path).id for path in paths]
    assert ids == [ShopView().field(path).id for path in paths]
    assert len(set(ids)) == len(paths)
    assert not any(each.isspace() for each in "".join(ids))


@pytest.mark.parametrize("wrong", ["shipping.street", None, Checkout.ShippingGiven])
def test_a_field_is_named_by_its_path(wrong: object) -> None:
    with pytest.raises(ViewError, match=r"fields\(Checkout.ShippingGiven\)"):
        ShopView().problem(wrong)
