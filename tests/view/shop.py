"""A contract and a view for the tests: products to buy, a form to fill in."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from spindle._core.contracts.contract import Contract, Spindle
from spindle._core.messages import Delivery, Event, Notify, Yield
from spindle._core.source import Source
from spindle._core.states import Cancelled
from spindle.view import (
    Markup,
    View,
    click,
    fields,
    on,
    on_cancel,
    on_complete,
    on_error,
    pressed,
    submit,
    typed,
)


class Product(msgspec.Struct, frozen=True):
    sku: str
    name: str


class Address(msgspec.Struct, frozen=True):
    street: Annotated[str, msgspec.Meta(min_length=1)]
    city: str


class Line(msgspec.Struct, frozen=True):
    sku: str
    count: int = 1


class Order(msgspec.Struct, frozen=True):
    id: str


class SoldOut(msgspec.Struct, frozen=True):
    sku: str


class Shop(Contract):
    class Search(Spindle):
        class QueryTyped(Event):
            delivery: ClassVar = Delivery.LATEST
            query: str

        class BuyPressed(Event):
            delivery: ClassVar = Delivery.QUEUE
            sku: str

        class Cleared(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Browsing(Yield[QueryTyped | BuyPressed | Cleared]): ...

        class Results(Notify):
            products: tuple[Product, ...]

    class Checkout(Spindle[Order | SoldOut]):
        class ShippingGiven(Event):
            shipping: Address
            note: str | None = None
            lines: tuple[Line, ...] = ()
            tags: tuple[str, ...] = ()

        class PaymentGiven(Event):
            token: str

        class AskShipping(Yield[ShippingGiven]):
            product: str

        class AskPayment(Yield[PaymentGiven]):
            total: int


Search = Shop.Search
Checkout = Shop.Checkout

SEARCH = Source(Search)
CHECKOUT = Source(Checkout)


class ShopView(View):
    query: str = ""
    products: tuple[Product, ...] = ()
    panel: Checkout.AskShipping | Checkout.AskPayment | Order | None = None
    ended: str = ""

    @on(Search.Browsing)
    def browsing(self, ask: Search.Browsing) -> None: ...

    @on(Search.Results)
    def show_results(self, message: Search.Results) -> None:
        self.products = message.products

    @on(Checkout.AskShipping)
    def ask_shipping(self, ask: Checkout.AskShipping) -> None:
        self.panel = ask

    @on(Checkout.AskPayment)
    def ask_payment(self, ask: Checkout.AskPayment) -> None:
        self.panel = ask

    @on_complete(Checkout)
    def checked_out(self, outcome: Order | SoldOut) -> None:
        match outcome:
            case Order():
                self.panel = outcome
            case SoldOut(sku):
                self.flash("error", f"{sku} is sold out")

    @on_error(Checkout)
    def failed(self, error: Exception) -> None:
        self.ended = f"{error}"

    @on_cancel(Checkout)
    def cancelled(self, why: Cancelled) -> None:
        self.ended = f"{why.reason} ({why.origin.value})"

    def render(self) -> Markup:
        rows = Markup().join(self.row(product) for product in self.products)
        return Markup("<h1>Shop</h1>{}<ul>{}</ul>{}<p>{}</p>").format(
            self.search_box(), rows, self.side(), self.ended
        )

    def search_box(self) -> Markup:
        return Markup('<div {}><input {} name="{}" value="{}"></div>').format(
            pressed("Escape", Search.Cleared()),
            typed(Search.QueryTyped),
            fields(Search.QueryTyped).query,
            self.query,
        )

    def row(self, product: Product) -> Markup:
        return Markup('<li data-key="{}">{} <button {}>Buy</button></li>').format(
            product.sku, product.name, click(Search.BuyPressed(product.sku))
        )

    def side(self) -> Markup:
        match self.panel:
            case Checkout.AskShipping() as ask:
                return self.shipping_form(ask)
            case Checkout.AskPayment() as ask:
                return Markup("<form {}><p>{}</p></form>").format(
                    submit(Checkout.PaymentGiven, to=ask), ask.total
                )
            case Order(id):
                return Markup("<p title='{}'>Order {}</p>").format(id, id)
            case None:
                return Markup()

    def shipping_form(self, ask: Checkout.AskShipping) -> Markup:
        shipping = fields(Checkout.ShippingGiven).shipping
        return Markup(
            "<form {form}><p>{product}</p>"
            "<label {street.label}>Street</label><input {street.control}>{street.message}"
            "<label {city.label}>City</label><input {city.control}>{city.message}</form>"
        ).format(
            form=submit(Checkout.ShippingGiven, to=ask),
            product=ask.product,
            street=self.field(shipping.street),
            city=self.field(shipping.city),
        )
