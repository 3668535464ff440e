"""What the checkers say of views: one method may handle several messages."""

from spindle import Message, Source
from spindle.view import Markup, View, on, on_complete, on_withdrawn
from tests.typing.store import CardRefused, Checkout, Dashboard, Order, Search, SoldOut


class Everything(View):
    @on(Search.Browsing)
    @on(Search.Results)
    def show(self, message: Search.Browsing | Search.Results) -> None:
        raise NotImplementedError

    @on(Checkout.AskShipping)
    @on(Checkout.AskPayment)
    @on(Dashboard.Watching)
    def ask(
        self,
        ask: Checkout.AskShipping | Checkout.AskPayment | Dashboard.Watching,
        source: Source,
    ) -> None:
        raise NotImplementedError

    @on_withdrawn(Checkout.AskShipping)
    @on_withdrawn(Checkout.AskPayment)
    def withdrawn(self, ask: Checkout.AskShipping | Checkout.AskPayment) -> None:
        raise NotImplementedError

    @on(Dashboard.Updated)
    def updated(self, message: Message) -> None:
        raise NotImplementedError

    @on_complete(Checkout)
    @on_complete(Search)
    def ended(self, outcome: Order | SoldOut | CardRefused | None) -> None:
        raise NotImplementedError

    def render(self) -> Markup:
        return Markup("")


def used(view: Everything, results: Search.Results, ask: Dashboard.Watching, at: Source) -> None:
    view.show(results)
    view.ask(ask, at)
