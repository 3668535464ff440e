"""The contract: everything that a spindle and its view may say to each other."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from spindle import Contract, Event, Notify, Spindle, Yield

__all__ = [
    "Address",
    "Card",
    "Checkout",
    "Listing",
    "Offer",
    "Order",
    "Product",
    "SoldOut",
    "Store",
]


class Product(msgspec.Struct, frozen=True):
    """What is sold. Prices are in cents."""

    sku: str
    name: str
    about: str
    price: int


class Offer(msgspec.Struct, frozen=True):
    """A product, and how many of it can be bought right now."""

    product: Product
    left: int


def _shaped(pattern: str, message: str) -> Meta:
    """Ask for a text, and say what the visitor reads beside a field that is wrong."""
    return Meta(pattern=pattern, max_length=80, extra={"message": message})


class Address(msgspec.Struct, frozen=True):
    """Where an order goes."""

    name: Annotated[str, _shaped(r"\S", "Enter the name on your door.")]
    street: Annotated[str, _shaped(r"\S", "Enter a street and a house number.")]
    postcode: Annotated[str, _shaped(r"^\s*[0-9]{5}\s*$", "Enter five digits.")]
    city: Annotated[str, _shaped(r"\S", "Enter a town or city.")]


class Card(msgspec.Struct, frozen=True):
    """What a bank is asked to charge."""

    number: Annotated[
        str, _shaped(r"^\s*([0-9][ -]?){15,19}\s*$", "Enter the 15 to 19 digits of a card.")
    ]

    def __repr__(self) -> str:
        return f"Card(number='...{self.number[-4:]}')"  # no log shall have the rest


class Order(msgspec.Struct, frozen=True):
    """An order that was placed and paid."""

    number: int
    product: Product
    shipping: Address
    paid_with: str


class SoldOut(msgspec.Struct, frozen=True):
    """Somebody else holds, or has bought, the last one."""

    product: Product


class Store(Contract):
    """The page on which one product is bought."""

    class Checkout(Spindle[Order | SoldOut]):
        """Buy one product; returns how it went."""

        class ShippingGiven(Event):
            """Carries what the visitor typed, never what the server knows: no price, no product."""

            shipping: Address

        class PaymentGiven(Event):
            """Carries the card, not what it is to be charged."""

            card: Card

        class AskShipping(Yield[ShippingGiven]):
            """Where shall it go?"""

            product: Product

        class AskPayment(Yield[PaymentGiven]):
            """How will it be paid?"""

            product: Product
            shipping: Address

        class CardRefused(Notify):
            """The bank said no. It is asked for another card."""

            reason: str


class Listing(Spindle):
    """The page that shows what there is. A block alone is a contract, too."""

    class Shown(Notify):
        """Everything the shop sells."""

        offers: tuple[Offer, ...]


Checkout = Store.Checkout
