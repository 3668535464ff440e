"""What the shop needs of a backend, declared apart from what implements it."""

from __future__ import annotations

import msgspec

from examples.checkout.contract import Address, Card, Offer, Order, Product
from spindle import Port, once, read, write

__all__ = ["Catalog", "Inventory", "Orders", "Refusal", "Reservation"]


class Reservation(msgspec.Struct, frozen=True):
    """One unit of a product, taken from the shelf for one visitor."""

    number: int
    product: Product


class Refusal(msgspec.Struct, frozen=True):
    """Why a bank does not pay."""

    reason: str


class Catalog(Port):
    """What is sold."""

    @read
    async def offers(self) -> tuple[Offer, ...]:
        """Everything that is sold, by name."""

    @read
    async def product(self, sku: str) -> Product | None:
        """One product; None if it is not sold here."""


class Inventory(Port):
    """What is on the shelf."""

    @once
    async def reserve(self, product: Product) -> Reservation | None:
        """Take a unit from the shelf; None if there is none left."""

    @write
    async def release(self, reservation: Reservation) -> None:
        """Put the unit back, unless an order has used the reservation."""


class Orders(Port):
    """What is sent out."""

    @once
    async def place(
        self, reservation: Reservation, shipping: Address, card: Card
    ) -> Order | Refusal:
        """Charge the card and use up the reservation: both, or neither."""
