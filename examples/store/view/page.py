"""The view: it keeps what the spindles say and puts the parts together. It decides nothing."""

from __future__ import annotations

from examples.store.contract import (
    Basket,
    Cart,
    Checkout,
    Dashboard,
    Filters,
    Order,
    Overview,
    Search,
    SoldOut,
    Suggestions,
    Tea,
)
from examples.store.view.basket import in_the_cart, sign
from examples.store.view.overview import at_a_glance
from examples.store.view.purchase import Step, purchase
from examples.store.view.results import results, suggested
from examples.store.view.searching import search_forms
from spindle import Cancelled
from spindle.view import Markup, View, on, on_cancel, on_complete, on_error

__all__ = ["StoreView"]


class StoreView(View):
    """Everything on one page: search, results, overview, purchase, cart, suggestions."""

    filters: Filters = Filters()
    teas: tuple[Tea, ...] | None = None
    total: int = 0
    suggestions: tuple[Tea, ...] = ()
    basket: Basket = Basket()
    cart_costs: int = 0
    overview: Overview | None = None
    step: Step = None

    @on(Search.Browsing)
    def browsing(self, ask: Search.Browsing) -> None:
        """Show the filters as they are."""
        self.filters = ask.filters

    @on(Search.Results)
    def found(self, message: Search.Results) -> None:
        """Show what was found so far."""
        self.teas, self.total = message.teas, message.total

    @on(Suggestions.Suggested)
    def suggested(self, message: Suggestions.Suggested) -> None:
        """Show what might please, too."""
        self.suggestions = message.teas

    @on(Cart.Shopping)
    def shopping(self, ask: Cart.Shopping) -> None:
        """Nothing to show: its buttons are always there."""

    @on(Cart.Changed)
    def changed(self, message: Cart.Changed) -> None:
        """Show what is in the cart."""
        self.basket = message.basket

    @on(Dashboard.Watching)
    def watching(self, ask: Dashboard.Watching) -> None:
        """Nothing to show: its button is always there."""

    @on(Dashboard.Counted)
    def counted(self, message: Dashboard.Counted) -> None:
        """Show the new count."""
        self.overview = message.overview

    @on(Dashboard.CartCosts)
    def costs(self, message: Dashboard.CartCosts) -> None:
        """Show how far it is to a free delivery."""
        self.cart_costs = message.total

    @on(Checkout.AskShipping)
    def ask_shipping(self, ask: Checkout.AskShipping) -> None:
        """Show the form for the address."""
        self.step = ask

    @on(Checkout.AskPayment)
    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        """Show the form for the card."""
        self.step = ask

    @on(Checkout.CardRefused)
    def card_refused(self, message: Checkout.CardRefused) -> None:
        """Say why the form for the card comes again."""
        self.flash("error", f"The bank refused this card: {message.reason}. Try another one.")

    @on_complete(Checkout)
    def bought(self, outcome: Order | SoldOut) -> None:
        """Show the order, or why there is none."""
        match outcome:
            case Order():
                self.step = outcome
            case SoldOut(tea):
                self.step = None
                self.flash("error", f"{tea.name} is sold out. Somebody was faster.")

    @on_cancel(Checkout)
    def replaced(self, cancelled: Cancelled) -> None:
        """Make room for the next purchase."""
        self.step = None

    @on_error(Checkout)
    def not_bought(self, error: Exception) -> None:
        """Say that it failed, but not why."""
        self.step = None
        self.flash("error", "The purchase failed. Nothing was charged.")

    @on_error(Search)
    def not_found(self, error: Exception) -> None:
        """Say that it failed, but not why."""
        self.flash("error", "The search failed. Please try again.")

    def render(self) -> Markup:
        """Render the page."""
        return Markup(
            '<header class="shop">{sign}</header><main class="store">'
            '<section class="browse">{forms}{overview}{results}</section>'
            '<div class="beside">{purchase}{cart}{suggested}</div></main>'
        ).format(
            sign=sign(self.basket),
            forms=search_forms(self, self.filters),
            overview=at_a_glance(self.overview),
            results=results(self.teas, self.total),
            purchase=purchase(self, self.step),
            cart=in_the_cart(self.basket, self.cart_costs),
            suggested=suggested(self.suggestions),
        )
