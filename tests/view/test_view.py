from __future__ import annotations

import pytest

from spindle._core.source import Source
from spindle._core.states import (
    Cancelled,
    Completed,
    Errored,
    Notified,
    Origin,
    Withdrawn,
    Yielded,
)
from spindle.view import (
    WENT_WRONG,
    Markup,
    View,
    ViewError,
    on,
    on_cancel,
    on_complete,
    on_error,
    on_withdrawn,
    render_root,
)
from tests.view.shop import (
    CHECKOUT,
    SEARCH,
    Checkout,
    Order,
    Product,
    Search,
    ShopView,
    SoldOut,
)

TEA = Product("tea", "Green tea")


def test_a_view_is_tested_without_a_page() -> None:
    view = ShopView()
    view.receive(SEARCH, Notified(Search.Results((TEA,))))
    view.receive(CHECKOUT, Yielded(Checkout.AskShipping("tea")))
    assert view.products == (TEA,)
    assert "Green tea" in render_root(view)
    assert 'name="shipping.street"' in render_root(view)


def test_a_handler_is_given_the_source_if_it_takes_one() -> None:
    class Sources(View):
        asked: tuple[int | None, str | None] | None = None
        optional: Source | None = None
        quiet: bool = False

        @on(Checkout.AskShipping)
        def ask(self, ask: Checkout.AskShipping, source: Source) -> None:
            self.asked = (source.yield_id, source.instance)

        @on(Checkout.AskPayment)
        def pay(self, ask: Checkout.AskPayment, source: Source | None = None) -> None:
            self.optional = source

        @on_complete(Checkout)
        def done(self, outcome: Order | SoldOut, quiet: bool = False) -> None:
            self.quiet = quiet

    view, source = Sources(), Source(Checkout, "second", 3)
    view.receive(source, Yielded(Checkout.AskShipping("tea")))
    view.receive(source, Yielded(Checkout.AskPayment(4)))
    view.receive(source, Completed(Order("o1")))
    assert (view.asked, view.optional, view.quiet) == ((3, "second"), source, False)


def test_N6_on_complete_gets_the_outcome() -> None:
    view = ShopView()
    view.receive(CHECKOUT, Completed(Order("o1")))
    assert view.panel == Order("o1")
    view.receive(CHECKOUT, Completed(SoldOut("tea")))
    assert [flash.text for flash in view.flashes] == ["tea is sold out"]


def test_N6_on_error_gets_the_error_object() -> None:
    view = ShopView()
    view.receive(CHECKOUT, Errored(RuntimeError("the bank is closed")))
    assert view.ended == "the bank is closed"


def test_N6_on_cancel_gets_who_and_why() -> None:
    view = ShopView()
    view.receive(CHECKOUT, Cancelled("left the page", Origin.BODY_LEFT))
    assert view.ended == "left the page (body left)"


def test_N6_handlers_of_ends_may_take_the_source() -> None:
    class Ends(View):
        seen: tuple[str | None, ...] = ()

        @on_error(Checkout)
        def failed(self, error: Exception, source: Source) -> None:
            self.seen = (*self.seen, source.instance)

        @on_cancel(Checkout)
        def cancelled(self, why: Cancelled, source: Source) -> None:
            self.seen = (*self.seen, source.instance)

    view = Ends()
    view.receive(Source(Checkout, "a"), Errored(RuntimeError()))
    view.receive(Source(Checkout, "b"), Cancelled("enough"))
    assert view.seen == ("a", "b")


class Bare(View):
    def render(self) -> Markup:
        return Markup("<p>bare</p>")


def test_N7_an_error_nobody_handles_gives_nothing_away() -> None:
    view = Bare()
    view.receive(CHECKOUT, Errored(RuntimeError("password is hunter2")))
    assert [(flash.kind, flash.text) for flash in view.flashes] == [("error", WENT_WRONG)]
    assert "hunter2" not in render_root(view)


def test_what_has_a_default_needs_no_handler() -> None:
    view = Bare()
    view.receive(CHECKOUT, Cancelled("left the page"))
    view.receive(SEARCH, Completed(None))
    view.receive(CHECKOUT, Withdrawn(Checkout.AskShipping("tea")))
    assert view.flashes == ()


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Yielded(Checkout.AskShipping("tea")), "@on(Checkout.AskShipping)"),
        (Notified(Search.Results(())), "@on(Search.Results)"),
        (Completed(Order("o1")), "@on_complete(Checkout)"),
    ],
)
def test_what_nobody_handles_is_named_with_its_decorator(message: object, line: str) -> None:
    with pytest.raises(ViewError) as caught:
        Bare().receive(CHECKOUT, message)
    assert line in str(caught.value)
    assert "Bare" in str(caught.value)


def test_a_withdrawn_yield_can_be_taken_off_the_page() -> None:
    class Tidy(ShopView):
        @on_withdrawn(Checkout.AskShipping)
        def gone(self, ask: Checkout.AskShipping) -> None:
            if self.panel is ask:
                self.panel = None

    view, ask = Tidy(), Checkout.AskShipping("tea")
    view.receive(CHECKOUT, Yielded(ask))
    view.receive(CHECKOUT, Withdrawn(ask))
    assert view.panel is None


def test_N5_a_handlers_exception_reaches_the_caller_and_the_view_goes_on() -> None:
    class Broken(ShopView):
        @on(Search.Results)
        def show_results(self, message: Search.Results) -> None:
            raise ZeroDivisionError

    view = Broken()
    with pytest.raises(ZeroDivisionError):
        view.receive(SEARCH, Notified(Search.Results((TEA,))))
    view.receive(CHECKOUT, Yielded(Checkout.AskPayment(4)))
    assert view.panel == Checkout.AskPayment(4)


def test_views_of_one_class_share_nothing() -> None:
    first, second = ShopView(), ShopView()
    first.receive(CHECKOUT, Completed(SoldOut("tea")))
    first.products = (TEA,)
    assert (second.products, second.flashes) == ((), ())


def test_a_view_with_its_own_init_works() -> None:
    class Counting(View):
        seen: dict[str, int]

        def __init__(self) -> None:
            self.seen = {}

    view = Counting()
    view.flash("info", "hello")
    assert (view.seen, len(view.flashes)) == ({}, 1)
