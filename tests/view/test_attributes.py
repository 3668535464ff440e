from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from spindle._core.contracts.contract import Spindle
from spindle._core.messages import Event, Yield
from spindle._core.source import Source
from spindle.view import (
    HTML,
    Markup,
    View,
    ViewError,
    click,
    pointed,
    pressed,
    render_root,
    submit,
    typed,
)
from tests.view.markup import attributes_of
from tests.view.shop import Checkout, Search

PENDING = [
    (Source(Search, None, 7), Search.Browsing()),
    (Source(Checkout, "a", 3), Checkout.AskPayment(4)),
    (Source(Checkout, "b", 5), Checkout.AskPayment(4)),
    (Source(Checkout, None, 6), Checkout.AskShipping("tea")),
]


def rendered(make: Callable[[], HTML]) -> dict[str, str]:
    """Return the attributes that `make` makes while a view renders with `PENDING`."""

    class Page(View):
        def render(self) -> Markup:
            return Markup("|{}|").format(make())

    return attributes_of(render_root(Page(), PENDING).split("|")[1])


def test_outside_a_rendering_attributes_carry_no_id() -> None:
    assert attributes_of(submit(Checkout.ShippingGiven, to=Checkout.AskShipping("tea"))) == {
        "data-sp-submit": "Checkout.ShippingGiven",
        "method": "post",
    }
    assert attributes_of(click(Search.BuyPressed("tea"))) == {
        "data-sp-click": "Search.BuyPressed",
        "data-sp-value": '{"sku":"tea"}',
    }
    assert attributes_of(typed(Search.QueryTyped)) == {"data-sp-typed": "Search.QueryTyped"}
    assert attributes_of(pressed("Escape", Search.Cleared())) == {
        "data-sp-pressed": "Search.Cleared",
        "data-sp-key": "Escape",
        "data-sp-value": "{}",
    }


def test_a_form_may_be_emptied_when_it_is_sent() -> None:
    event = Checkout.ShippingGiven
    made = attributes_of(submit(event, reset=True))
    assert made == {**attributes_of(submit(event)), "data-sp-reset": ""}


def test_an_instance_may_be_named() -> None:
    made = click(Search.BuyPressed("tea"), instance="second")
    assert attributes_of(made)["data-sp-instance"] == "second"


def test_N8_markup_is_text_in_an_attribute() -> None:
    made = click(Search.BuyPressed("tea"), instance=Markup("' \""))
    assert attributes_of(made)["data-sp-instance"] == "' \""


def test_attributes_are_html_and_text() -> None:
    made = typed(Search.QueryTyped)
    assert made.__html__() == f"{made}" == 'data-sp-typed="Search.QueryTyped"'


@pytest.mark.parametrize("sku", ["'", '"', "</button><script>", "&quot;", "a'b\"c>d<e&f", "\u2028"])
def test_N8_hostile_values_stay_inside_their_attribute(sku: str) -> None:
    made = attributes_of(click(Search.BuyPressed(sku), instance=sku))
    assert json.loads(made["data-sp-value"]) == {"sku": sku}
    assert made["data-sp-instance"] == sku
    assert len(made) == 3


def test_Y3_an_answer_carries_the_id_of_the_yield_it_was_rendered_for() -> None:
    _, (_, first), (_, second), _ = PENDING
    assert isinstance(first, Checkout.AskPayment)
    assert isinstance(second, Checkout.AskPayment)
    to_first = rendered(lambda: submit(Checkout.PaymentGiven, to=first))
    to_second = rendered(lambda: submit(Checkout.PaymentGiven, to=second))
    assert (to_first["data-sp-to"], to_first["data-sp-instance"]) == ("3", "a")
    assert (to_second["data-sp-to"], to_second["data-sp-instance"]) == ("5", "b")


def test_an_answer_goes_to_the_oldest_yield_that_accepts_it() -> None:
    assert rendered(lambda: submit(Checkout.PaymentGiven))["data-sp-to"] == "3"
    assert rendered(lambda: submit(Checkout.ShippingGiven))["data-sp-to"] == "6"


def test_an_answer_goes_to_the_oldest_yield_of_the_instance_that_is_named() -> None:
    made = rendered(lambda: click(Checkout.PaymentGiven("x"), instance="b"))
    assert (made["data-sp-to"], made["data-sp-instance"]) == ("5", "b")


def test_Y3_an_answer_to_a_yield_that_is_gone_names_one_that_never_waits() -> None:
    gone = Checkout.AskPayment(4)
    assert rendered(lambda: submit(Checkout.PaymentGiven, to=gone))["data-sp-to"] == "0"
    made = rendered(lambda: submit(Checkout.PaymentGiven, instance="c"))
    assert (made["data-sp-to"], made["data-sp-instance"]) == ("0", "c")


def test_events_that_wait_in_the_mailbox_name_no_yield() -> None:
    browsing = PENDING[0][1]
    assert isinstance(browsing, Search.Browsing)
    assert "data-sp-to" not in rendered(lambda: click(Search.BuyPressed("tea")))
    assert "data-sp-to" not in rendered(lambda: click(Search.BuyPressed("tea"), to=browsing))
    assert "data-sp-to" not in rendered(lambda: typed(Search.QueryTyped, to=Search.Browsing()))


class Board(Spindle):
    class Placed(Event):
        x: float
        y: float
        colour: str = "black"

    class Weighed(Event):
        x: float
        y: float
        weight: float

    class Slid(Event):
        x: float

    class Waiting(Yield[Placed | Weighed | Slid]): ...


def test_pointed_says_what_sends_the_place() -> None:
    assert attributes_of(pointed(Board.Placed, instance="left")) == {
        "data-sp-pointed": "Board.Placed",
        "data-sp-instance": "left",
        "data-sp-by": "click",
    }
    assert attributes_of(pointed(Board.Placed, by="pointermove"))["data-sp-by"] == "pointermove"


class Homeless(Event):
    name: str


class HomelessPlace(Event):
    x: float
    y: float


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: submit(Checkout.PaymentGiven("x")), "so give the class, submit(Shop.Checkout.Pay"),
        (lambda: typed(Search.QueryTyped("x")), "click(Shop.Search.QueryTyped(...))"),
        (lambda: submit(Search.Results), "expected the class of an event of the contract"),
        (lambda: submit("PaymentGiven"), "submit('PaymentGiven'): expected the class"),
        (lambda: click(Checkout.PaymentGiven), "click(Shop.Checkout.PaymentGiven(token))"),
        (lambda: click(Search.Cleared), "click(Shop.Search.Cleared())"),
        (lambda: click("Cleared"), "expected an event of the contract"),
        (lambda: pressed("", Search.Cleared()), "without a key"),
        (lambda: pointed(Board.Slid), "Declare `y: float`"),
        (lambda: pointed(Board.Weighed), "Give weight a default"),
        (lambda: pointed(Board.Placed(1, 2)), "so give the class, pointed(Board.Placed)"),
        (
            lambda: pointed(Board.Placed, by="hover"),  # type: ignore[arg-type]
            "pointed(by='hover'): expected one of click, contextmenu, pointermove",
        ),
        (lambda: pointed(HomelessPlace), "belongs to no block"),
        (lambda: submit(Homeless), "belongs to no block"),
        (lambda: click(Homeless("x")), "belongs to no block"),
        (
            lambda: submit(Checkout.PaymentGiven, to=Checkout.AskShipping("tea")),
            "Shop.Checkout.AskShipping is answered by Shop.Checkout.ShippingGiven",
        ),
    ],
)
def test_a_mistake_is_named_with_its_fix(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ViewError) as caught:
        make()
    assert said in str(caught.value)
