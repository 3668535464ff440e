from __future__ import annotations

import pytest

from spindle._core.contracts.contract import Declared, Spindle
from spindle._core.messages import Notify
from spindle.view import Markup, View, ViewError, check_view, on, on_error
from tests.view.shop import Checkout, Search, Shop, ShopView


class Half(View):
    @on(Search.Results)
    def show_results(self, message: Search.Results) -> None: ...

    def render(self) -> Markup:
        return Markup()


def findings(view: type[View], contract: Declared) -> list[str]:
    with pytest.raises(ViewError) as caught:
        check_view(view, contract)
    return [line.strip() for line in str(caught.value).splitlines()]


def test_N4_a_view_that_handles_everything_passes() -> None:
    check_view(ShopView, Shop)


def test_N4_everything_missing_is_listed_by_block_with_the_line_to_add() -> None:
    assert findings(Half, Shop) == [
        "Half does not fit Shop.",
        "What Shop.Search sends has no handler. Add",
        "@on(Search.Browsing)",
        "What Shop.Checkout sends has no handler. Add",
        "@on(Checkout.AskShipping)",
        "@on(Checkout.AskPayment)",
        "@on_complete(Checkout)",
    ]


def test_N4_a_handler_for_what_the_contract_lacks_is_listed() -> None:
    class Other(Spindle):
        class Told(Notify): ...

    class Strange(ShopView):
        @on(Other.Told)
        def told(self, message: Other.Told) -> None: ...

        @on_error(Other)
        def failed_too(self, error: Exception) -> None: ...

    assert findings(Strange, Shop)[1:] == [
        "It does not declare what these are for, so nothing calls them. Remove",
        "@on(Other.Told), which is told()",
        "@on_error(Other), which is failed_too()",
    ]


def test_N4_a_missing_render_is_listed() -> None:
    class Blind(Half):
        render = View.render

    assert "def render(self) -> Markup" in findings(Blind, Shop)


def test_N4_a_block_may_stand_for_the_contract() -> None:
    class ForCheckout(View):
        render = Half.render

        @on(Checkout.AskShipping)
        def shipping(self, ask: Checkout.AskShipping) -> None: ...

        @on(Checkout.AskPayment)
        def payment(self, ask: Checkout.AskPayment) -> None: ...

    assert findings(ForCheckout, Checkout)[2:] == ["@on_complete(Checkout)"]


def test_N4_a_block_without_an_outcome_needs_no_on_complete() -> None:
    class Silent(Spindle): ...

    class SaysNone(Spindle[None]): ...

    class Nothing(View):
        render = Half.render

    check_view(Nothing, Silent)
    check_view(Nothing, SaysNone)
