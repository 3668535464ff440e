from __future__ import annotations

from collections.abc import Callable

import pytest

from spindle._core.states import Completed, Notified, Yielded
from spindle.view import (
    View,
    ViewError,
    on,
    on_cancel,
    on_complete,
    on_error,
    on_refused,
    on_withdrawn,
)
from tests.view.shop import CHECKOUT, SEARCH, Checkout, Order, Search, ShopView, SoldOut


def refused(**attributes: object) -> str:
    """Return what the definition of a view class with these attributes says."""
    with pytest.raises(ViewError) as caught:
        type("Bad", (View,), attributes)
    return str(caught.value)


def decorated(decorator: Callable[..., object], about: object) -> str:
    with pytest.raises(ViewError) as caught:
        decorator(about)
    return str(caught.value)


def test_handlers_are_inherited_and_may_be_overridden() -> None:
    class Loud(ShopView):
        def show_results(self, message: Search.Results) -> None:
            self.ended = "overridden by name"

        @on(Checkout.AskShipping)
        def another_name(self, ask: Checkout.AskShipping) -> None:
            self.ended = "overridden by decorator"

    view = Loud()
    view.receive(SEARCH, Notified(Search.Results(())))
    assert view.ended == "overridden by name"
    view.receive(CHECKOUT, Yielded(Checkout.AskShipping("tea")))
    assert (view.ended, view.panel) == ("overridden by decorator", None)
    view.receive(CHECKOUT, Yielded(Checkout.AskPayment(4)))
    assert view.panel == Checkout.AskPayment(4)


def test_handlers_may_come_from_a_mixin() -> None:
    class Paying(View):
        paid: str = ""

        @on_complete(Checkout)
        def done(self, outcome: Order | SoldOut) -> None:
            self.paid = "mixed in"

    class Mixed(Paying, ShopView):
        pass

    view = Mixed()
    view.receive(CHECKOUT, Completed(Order("o1")))
    assert (view.paid, view.panel) == ("mixed in", None)


def test_two_handlers_for_one_message_are_refused() -> None:
    def handler(self: View, message: Search.Results) -> None: ...

    def other(self: View, message: Search.Results) -> None: ...

    said = refused(first=on(Search.Results)(handler), second=on(Search.Results)(other))
    assert "@on(Search.Results) stands above both first and second" in said


def test_an_override_with_another_decorator_is_refused() -> None:
    with pytest.raises(ViewError, match=r"overrides the handler of @on\(Search.Results\)"):

        class Bad(ShopView):
            @on(Checkout.AskPayment)
            def show_results(self, ask: Checkout.AskPayment) -> None: ...


def test_an_override_that_is_no_method_is_refused() -> None:
    with pytest.raises(ViewError, match="expected a method"):
        type("Bad", (ShopView,), {"show_results": staticmethod(print)})


def test_a_handler_may_not_take_the_place_of_a_method_of_view() -> None:
    def accepted(self: View, outcome: Order | SoldOut) -> None: ...

    said = refused(accepted=on_complete(Checkout)(accepted))
    assert "@on_complete(Checkout) would replace View.accepted" in said


def test_an_async_handler_is_refused() -> None:
    async def later(self: View, message: Search.Results) -> None: ...

    said = refused(later=on(Search.Results)(later))
    assert "Bad.later, @on(Search.Results), is async" in said


def test_a_generator_as_handler_is_refused() -> None:
    def never(self: View, message: Search.Results) -> object:
        yield

    said = refused(never=on(Search.Results)(never))
    assert "its body would never run" in said


@pytest.mark.parametrize(
    "handler",
    [
        lambda: None,
        lambda self: None,
        lambda self, message, source, more: None,
        lambda self, *, message: None,
        lambda self, message, *, key: None,
    ],
)
def test_a_handler_with_other_parameters_is_refused(handler: Callable[..., None]) -> None:
    said = refused(handler=on(Search.Results)(handler))
    assert "expected (self, message) or (self, message, source)" in said


def test_a_handler_of_refusals_takes_no_source() -> None:
    said = refused(handler=on_refused(Checkout.ShippingGiven)(lambda self, refused, source: None))
    assert said.endswith("expected (self, message)")


@pytest.mark.parametrize("thing", [print, staticmethod(len), property(len), Search, 3])
def test_what_is_no_function_cannot_be_a_handler(thing: object) -> None:
    with pytest.raises(ViewError, match="put it directly above a method"):
        on(Search.Results)(thing)


def test_an_event_is_not_for_views() -> None:
    said = decorated(on, Checkout.ShippingGiven)
    assert "events go to spindles, not to views" in said
    assert "@on_refused(Checkout.ShippingGiven)" in said


def test_a_block_is_no_message() -> None:
    said = decorated(on, Checkout)
    assert "@on_complete, @on_error and @on_cancel" in said


def test_an_instance_is_refused_with_the_class_to_give() -> None:
    assert decorated(on, Checkout.AskPayment(4)).endswith("give the class, Checkout.AskPayment")


@pytest.mark.parametrize(
    ("decorator", "about", "expected"),
    [
        (on, int, "expected a yield or notify class"),
        (on, "Results", "@on('Results')"),
        (on_withdrawn, Search.Results, "expected a yield class"),
        (on_complete, Search.Results, "expected a block"),
        (on_error, 3, "expected a block"),
        (on_cancel, View, "expected a block"),
        (on_refused, Search.Results, "expected an event class"),
    ],
)
def test_a_decorator_says_what_it_takes(
    decorator: Callable[..., object], about: object, expected: str
) -> None:
    assert expected in decorated(decorator, about)
