"""The checkout of the project's introduction, with a stock of its own, for tests of whole pages."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from spindle import Contract, Delivery, Event, Port, Spindle, Yield, cleanup, once, use, write


class Product(msgspec.Struct, frozen=True):
    sku: str
    price: int


class Address(msgspec.Struct, frozen=True):
    street: str
    city: str


class Card(msgspec.Struct, frozen=True):
    token: str


class Order(msgspec.Struct, frozen=True):
    id: str


class SoldOut(msgspec.Struct, frozen=True):
    sku: str


class CardRefused(msgspec.Struct, frozen=True):
    reason: str


class Store(Contract):
    class Checkout(Spindle[Order | SoldOut | CardRefused]):
        class ShippingGiven(Event):
            shipping: Address

        class PaymentGiven(Event):
            payment: Card

        class AskShipping(Yield[ShippingGiven]):
            product: Product

        class AskPayment(Yield[PaymentGiven]):
            total: int

    class Browse(Spindle[None]):
        class Left(Event):
            delivery: ClassVar = Delivery.QUEUE

        class Browsing(Yield[Left]): ...


Checkout, Browse = Store.Checkout, Store.Browse


class Inventory(Port):
    @write
    async def reserve(self, sku: str) -> bool: ...
    @write
    async def release(self, sku: str) -> None: ...


class Orders(Port):
    @once
    async def place(
        self, product: Product, shipping: Address, payment: Card
    ) -> Order | CardRefused: ...


class Stock(Inventory):
    """Answers without waiting, so that it serves under every driver."""

    def __init__(self, **units: int) -> None:
        self.units = units
        self.log: list[str] = []

    async def reserve(self, sku: str) -> bool:
        self.log.append(f"reserve {sku}")
        if not self.units.get(sku):
            return False
        self.units[sku] -= 1
        return True

    async def release(self, sku: str) -> None:
        self.log.append(f"release {sku}")
        self.units[sku] += 1


class Bank(Orders):
    """Takes every card but those it was told to refuse."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.charged: list[int] = []

    async def place(
        self, product: Product, shipping: Address, payment: Card
    ) -> Order | CardRefused:
        if payment.token in self.refused:
            return CardRefused("not covered")
        self.charged.append(product.price)
        return Order(f"o{len(self.charged)}")


async def checkout(product: Product) -> Order | SoldOut | CardRefused:
    inventory, orders = await use(Inventory), await use(Orders)
    if not await inventory.reserve(product.sku):
        return SoldOut(product.sku)
    placed = False
    try:
        shipping = (await Checkout.AskShipping(product)).shipping
        payment = (await Checkout.AskPayment(product.price)).payment
        outcome = await orders.place(product, shipping, payment)
        placed = isinstance(outcome, Order)
        return outcome
    finally:
        if not placed:
            async with cleanup(seconds=2):
                await inventory.release(product.sku)


TEA = Product("tea", 4)
HOME = Address("Main St 1", "Ulm")
CARD = Card("tok")
SHIPPING, PAYMENT = Checkout.ShippingGiven(HOME), Checkout.PaymentGiven(CARD)
