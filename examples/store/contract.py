"""The contract of the page: everything that its spindles and its view may say to each other."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from examples.checkout.contract import Address, Card
from spindle import Cell, Contract, Delivery, Event, Notify, Spindle, Yield

__all__ = [
    "Basket",
    "Cart",
    "Checkout",
    "Dashboard",
    "Filters",
    "Found",
    "Line",
    "Order",
    "Overview",
    "Search",
    "SoldOut",
    "Store",
    "Suggestions",
    "Tea",
]


class Tea(msgspec.Struct, frozen=True):
    """What is sold, in bags of 100 grams. Prices are in cents."""

    sku: str
    name: str
    kind: str
    origin: str
    about: str
    price: int


class Filters(msgspec.Struct, frozen=True):
    """What the visitor looks for; an empty one leaves nothing out."""

    query: str = ""
    kind: str = ""
    most: int | None = None
    """The highest price, in euros."""


class Found(msgspec.Struct, frozen=True):
    """A stretch of what fits, and how much there is in all."""

    teas: tuple[Tea, ...]
    total: int


class Line(msgspec.Struct, frozen=True):
    """So many bags of a tea."""

    tea: Tea
    count: int


class Basket(msgspec.Struct, frozen=True):
    """What is to be bought, and what that costs, in cents."""

    lines: tuple[Line, ...] = ()

    @property
    def goods(self) -> int:
        """Return the price of the teas."""
        return sum(line.tea.price * line.count for line in self.lines)

    @property
    def delivery(self) -> int:
        """Return the price of the delivery."""
        return 0 if self.goods >= FREE_DELIVERY else DELIVERY

    @property
    def price(self) -> int:
        """Return what is to be paid."""
        return self.goods + self.delivery


FREE_DELIVERY = 30_00
DELIVERY = 3_90


class Order(msgspec.Struct, frozen=True):
    """An order that was placed and paid."""

    number: int
    basket: Basket
    shipping: Address
    paid_with: str


class SoldOut(msgspec.Struct, frozen=True):
    """Others hold, or have bought, what was left of it."""

    tea: Tea


class Overview(msgspec.Struct, frozen=True):
    """What was found, and what of it is on the shelf now; prices in cents."""

    total: int
    cheapest: int
    dearest: int
    in_stock: int


class Store(Contract):
    """Teas are searched while one checks out and the rest of the page follows."""

    class Search(Spindle):
        """Shows what fits what the visitor types and ticks. Buying begins here, too."""

        filters = Cell[Filters]()
        results = Cell[tuple[Tea, ...]]()

        class QueryTyped(Event):
            """Of what is typed while a search runs, only the newest counts."""

            delivery: ClassVar = Delivery.LATEST
            query: Annotated[
                str, Meta(max_length=100, extra={"message": "That is too long to look for."})
            ]

        class Filtered(Event):
            """The filters are as the visitor has left them."""

            delivery: ClassVar = Delivery.LATEST
            kind: str
            most: int | None = None

        class BuyPressed(Event):
            """Carries what the visitor chose, never a fact the server knows: no price."""

            delivery: ClassVar = Delivery.QUEUE
            sku: str

        class Browsing(Yield[QueryTyped | Filtered | BuyPressed]):
            """The visitor may go on searching, or buy."""

            filters: Filters

        class Results(Notify):
            """What has been found so far. More may follow."""

            teas: tuple[Tea, ...]
            total: int

    class Cart(Spindle):
        """Keeps what the visitor wants to buy together."""

        total = Cell[int]()

        class Added(Event):
            """One more of this."""

            delivery: ClassVar = Delivery.QUEUE
            sku: str

        class Removed(Event):
            """None of this."""

            delivery: ClassVar = Delivery.QUEUE
            sku: str

        class Bought(Event):
            """All of it is to be bought."""

            delivery: ClassVar = Delivery.QUEUE

        class Shopping(Yield[Added | Removed | Bought]):
            """The visitor may change the cart, or buy it."""

        class Changed(Notify):
            """What is in it now."""

            basket: Basket

    class Checkout(Spindle[Order | SoldOut]):
        """Sells a basket; returns how that went."""

        class ShippingGiven(Event):
            """Carries the address."""

            shipping: Address

        class PaymentGiven(Event):
            """Carries the card, not what it is to be charged."""

            card: Card

        class AskShipping(Yield[ShippingGiven]):
            """Where shall it go?"""

            basket: Basket

        class AskPayment(Yield[PaymentGiven]):
            """How will it be paid?"""

            basket: Basket
            shipping: Address

        class CardRefused(Notify):
            """The bank said no. It is asked for another card."""

            reason: str

    class Suggestions(Spindle):
        """Reads what the search has found, and suggests what resembles it."""

        class Suggested(Notify):
            """Only the newest suggestions matter."""

            conflate: ClassVar = True
            teas: tuple[Tea, ...]

    class Dashboard(Spindle):
        """Wakes when the results or the cart change, or when the visitor asks."""

        class Refreshed(Event):
            """What is on the shelf is to be counted again."""

            delivery: ClassVar = Delivery.QUEUE

        class Watching(Yield[Refreshed]):
            """The visitor may ask for a new count."""

        class Counted(Notify):
            """Only the newest count matters."""

            conflate: ClassVar = True
            overview: Overview

        class CartCosts(Notify):
            """How much is missing for a free delivery."""

            conflate: ClassVar = True
            total: int


Search = Store.Search
Cart = Store.Cart
Checkout = Store.Checkout
Suggestions = Store.Suggestions
Dashboard = Store.Dashboard
